// The three implementations of a locally connected layer, behind one interface.

import * as dense from './local2d-dense.ts'
import * as loop from './local2d-loop.ts'
import * as sparse from './local2d-sparse.ts'

/** The interface of all implementations. They store the kernel differently; their results are bit-identical. */
export interface Local2D {
  readonly name: string
  readonly forward: typeof loop.forward
  readonly backward: typeof loop.backward
}

export type Implementation = 1 | 2 | 3

export const local2d: Readonly<Record<Implementation, Local2D>> = {
  1: { name: 'local2d.1', forward: loop.forward, backward: loop.backward },
  2: { name: 'local2d.2', forward: dense.forward, backward: dense.backward },
  3: { name: 'local2d.3', forward: sparse.forward, backward: sparse.backward },
}
