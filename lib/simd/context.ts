// What the kernels on the module share: where their arguments go, who runs them, and who counts them.

import { connections, type Geometry } from '../core/geometry.ts'
import type { Calls } from '../engine/engine.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Counts } from './counts.ts'
import { callFields } from './layout.ts'
import type { SimdMemory } from './memory.ts'
import type { Runner } from './threads.ts'
import { type KernelName, kernelNames } from './wasm.ts'

/** Multiply-adds that are worth waking a thread for: some 15 microseconds. */
export const WORTH_A_THREAD = 250_000

/** So many lines of a flat array are worth waking a thread for: they go through the cache. */
export const LEAST_LINES = 1024

export class SimdContext {
  readonly memory: SimdMemory
  readonly runner: Runner
  readonly #counts: Counts
  readonly #worth: number
  readonly #words = [0, 1, 2, 3].map(() => new WeakMap<Geometry, Int32Array>())

  constructor(memory: SimdMemory, runner: Runner, counts: Counts, worth: number) {
    this.memory = memory
    this.runner = runner
    this.#counts = counts
    this.#worth = worth
  }

  readonly kernel = (name: KernelName): number => kernelNames.indexOf(name)

  /** How often the kernel ran; to be counted by the one that runs on the module. */
  count(name: string): Calls {
    return this.#counts.of(name)
  }

  /** The length of an index that is worth a thread's while, where each step does so many multiply-adds. */
  readonly leastFor = (operations: number): number =>
    Math.max(1, Math.ceil(this.#worth / Math.max(operations, 1)))

  /** Writes a geometry where the module reads it. @param layout how the kernel is stored; 0: shared */
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
    ...{ dilationRow, dilationCol, layout, connections: layout === 3 ? connections(g) : 0 },
  }
  return Int32Array.from(Object.entries(callFields), ([name, scale]) => scale * Number(values[name]))
}
