// The reference engine: every kernel as it stands in kernels/.

import type { Block, Calls, Engine, Kernel, Region } from './engine.ts'

/** Numbers in an ordinary array. */
export const arrayBlock = (array: Float32Array): Block => ({
  array,
  open: () => array,
  set: values => array.set(values),
})

/** The loops of `kernels/` over ordinary arrays: the specification of every other engine; runs anywhere. */
export class ReferenceEngine implements Engine {
  readonly name = 'reference'
  readonly threads = 1

  kernel<K extends Kernel>(reference: K): K {
    return reference
  }

  region(): Region {
    return { alloc: length => arrayBlock(new Float32Array(length)), release() {} }
  }

  /** Nothing: every kernel runs here as it is. */
  report(): Record<string, Calls> {
    return {}
  }
}
