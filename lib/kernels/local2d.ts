// The three ways to compute a locally connected layer, behind one calling rule.

import * as dense from './local2d-dense.ts'
import * as loop from './local2d-loop.ts'
import * as sparse from './local2d-sparse.ts'

/** What every way offers. They differ in the kernel that they store, and agree in every bit of every result. */
export interface Local2D {
  forward: typeof loop.forward
  backward: typeof loop.backward
}

export type Implementation = 1 | 2 | 3

export const local2d: Record<Implementation, Local2D> = { 1: loop, 2: dense, 3: sparse }
