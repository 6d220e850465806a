// What the kernels on the module share: where their arguments go, who runs them, and who counts them.

import type { Calls, Counts, Kernels } from '../engine.ts'
import { connections, type Geometry } from '../geometry.ts'
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
  /** The kernels to fall back on; they count themselves. */
  readonly reference: Kernels
  readonly #counts: Counts
  readonly #worth: number

  constructor(memory: SimdMemory, runner: Runner, reference: Kernels, counts: Counts, worth: number) {
    this.memory = memory
    this.runner = runner
    this.reference = reference
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

  /** Writes a geometry where the module reads it (window.ts there). @param layout how the kernel is stored; 0: shared */
  readonly setGeometry = (g: Geometry, layout: 0 | 1 | 2 | 3): void => {
    const { memory } = this
    memory.setGeometry(0, g.H)
    memory.setGeometry(1, g.W)
    memory.setGeometry(2, g.C)
    memory.setGeometry(3, g.KH)
    memory.setGeometry(4, g.KW)
    memory.setGeometry(5, g.SH)
    memory.setGeometry(6, g.SW)
    memory.setGeometry(7, g.OH)
    memory.setGeometry(8, g.OW)
    memory.setGeometry(9, g.F)
    memory.setGeometry(10, g.top)
    memory.setGeometry(11, g.left)
    memory.setGeometry(12, g.dilation[0])
    memory.setGeometry(13, g.dilation[1])
    memory.setGeometry(14, g.channelsFirst ? 1 : 0)
    memory.setGeometry(15, g.patchChannelsFirst ? 1 : 0)
    memory.setGeometry(16, 4 * g.inputRow)
    memory.setGeometry(17, 4 * g.inputCol)
    memory.setGeometry(18, 4 * g.inputChannel)
    memory.setGeometry(19, 4 * g.inputSize)
    memory.setGeometry(20, 4 * g.outputPlace)
    memory.setGeometry(21, 4 * g.outputFilter)
    memory.setGeometry(22, 4 * g.outputSize)
    memory.setGeometry(23, 4 * g.biasPlace)
    memory.setGeometry(24, 4 * g.biasFilter)
    memory.setGeometry(25, layout)
    memory.setGeometry(26, layout === 3 ? connectionsOf(g) : 0)
  }
}

const known = new WeakMap<Geometry, number>()
function connectionsOf(g: Geometry): number {
  let n = known.get(g)
  if (n === undefined) known.set(g, (n = connections(g)))
  return n
}
