// Shared by all SIMD kernels: the memory for their arguments, the runner, and the call counts.

import { connections, type Geometry } from '../core/geometry.ts'
import type { Calls } from '../engine/engine.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Counts } from './counts.ts'
import { callFields } from './layout.ts'
import type { SimdMemory } from './memory.ts'
import type { Runner } from './threads.ts'

/** The number of multiply-adds that take as long as an exponential. */
export const COST_OF_EXP = 10

/** The number of multiply-adds that take as long as a line of a flat array; such work is limited by the cache. */
export const COST_OF_LINE = 200

export class SimdContext {
  readonly memory: SimdMemory
  readonly runner: Runner
  readonly #counts: Counts
  readonly #words = [0, 1, 2, 3].map(() => new WeakMap<Geometry, Int32Array>())

  constructor(memory: SimdMemory, runner: Runner, counts: Counts) {
    this.memory = memory
    this.runner = runner
    this.#counts = counts
  }

  /** The call counts of a kernel function, which the SIMD version increments. */
  count(name: string): Calls {
    return this.#counts.of(name)
  }

  /** Writes a geometry where the module reads it. @param layout the kernel's implementation; 0: a shared kernel */
  readonly setGeometry = (g: Geometry, layout: 0 | Implementation): void => {
    const known = this.#words[layout]
    let words = known.get(g)
    if (!words) known.set(g, (words = wordsOf(g, layout)))
    this.memory.setGeometry(words)
  }
}

function wordsOf(g: Geometry, layout: 0 | Implementation): Int32Array {
  const [dilationRow, dilationCol] = g.dilation
  const values: Readonly<Record<string, unknown>> = {
    ...g,
    dilationRow,
    dilationCol,
    layout,
    connections: layout === 3 ? connections(g) : 0,
  }
  return Int32Array.from(Object.entries(callFields), ([name, scale]) => scale * Number(values[name]))
}
