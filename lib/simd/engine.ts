// The fast engine: the kernels of lib/kernels/ in WebAssembly SIMD, with bit-identical results. Kernels that it does
// not implement, and calls with arrays outside its memory, use the reference kernels.

import type { Calls, Engine, Kernel, Region } from '../engine/engine.ts'
import { SimdContext } from './context.ts'
import { Counts } from './counts.ts'
import { simdActivations, simdOptimizers, simdSoftmax } from './elementwise.ts'
import { simdConvolution, simdLocal2d } from './local2d.ts'
import { simdCrossentropy, simdSparseCrossentropy } from './losses.ts'
import { simdMatmul } from './matmul.ts'
import { SimdMemory } from './memory.ts'
import { simdPooling } from './pooling.ts'
import { Runner } from './threads.ts'
import { instantiate, type Module, moduleFor } from './wasm.ts'

export class SimdEngine implements Engine {
  readonly name = 'simd'
  readonly threads: number
  readonly #module: Module
  readonly #counts = new Counts()
  readonly #worth: number | null
  #context: SimdContext | null = null

  /** Returns `null` if the module cannot run. @param worth as of a `Runner` */
  static create(threads: number, worth: number | null = null): SimdEngine | null {
    const module = moduleFor(threads > 1)
    return module && new SimdEngine(module, threads, worth)
  }

  private constructor(module: Module, threads: number, worth: number | null) {
    this.#module = module
    this.#worth = worth
    this.threads = threads
  }

  kernel<K extends Kernel>(reference: K): K {
    const slow = this.#counts.counted(reference, reference.name)
    return (fast[reference.name]?.(this.#start(), slow as never) ?? slow) as K
  }

  region(): Region {
    return this.#start().memory.region()
  }

  /** How often each kernel function ran, and where, since the engine was created. */
  report(): Record<string, Calls> {
    return this.#counts.report()
  }

  /** Allocates the memory on first use. */
  #start(): SimdContext {
    if (this.#context) return this.#context
    const memory = new SimdMemory(this.threads > 1, this.threads)
    const runner = new Runner(memory, instantiate(this.#module, memory.memory), this.threads, this.#worth)
    this.#context = new SimdContext(memory, runner, this.#counts)
    return this.#context
  }
}

/** The SIMD kernels by the names of their reference kernels; all others run as the reference. */
const fast: Readonly<Record<string, (context: SimdContext, slow: never) => Kernel>> = {
  'local2d.1': simdLocal2d(1),
  'local2d.2': simdLocal2d(2),
  'local2d.3': simdLocal2d(3),
  convolution: simdConvolution,
  matmul: simdMatmul,
  pooling: simdPooling,
  ...simdActivations,
  'activations.rows.softmax': simdSoftmax,
  optimizers: simdOptimizers,
  categoricalCrossentropyOfLogits: simdCrossentropy,
  sparseCategoricalCrossentropyOfLogits: simdSparseCrossentropy,
}
