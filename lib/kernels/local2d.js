// The three ways to compute a locally connected layer, behind one calling rule.
import * as dense from './local2d-dense.ts'
import * as loop from './local2d-loop.ts'
import * as sparse from './local2d-sparse.ts'
export const local2d = { 1: loop, 2: dense, 3: sparse }
