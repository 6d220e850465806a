// The reference engine, which runs the kernels of kernels/ unchanged.

import type { Block, Calls, Engine, Kernel, Region } from './engine.ts'

/** A block over an ordinary array. */
export const arrayBlock = (array: Float32Array): Block => ({
  array,
  open: () => array,
  set: values => array.set(values),
})

/** Runs the loops of `kernels/` over ordinary arrays, on any platform. It specifies the results of other engines. */
export class ReferenceEngine implements Engine {
  readonly name = 'reference'
  readonly threads = 1

  kernel<K extends Kernel>(reference: K): K {
    return reference
  }

  region(): Region {
    return { alloc: length => arrayBlock(new Float32Array(length)), release() {} }
  }

  /** Always empty: all kernels run as the reference. */
  report(): Record<string, Calls> {
    return {}
  }
}
