// The fast engine: the kernels of lib/kernels/ in WebAssembly SIMD, with the same bits. What it does not cover, and
// arrays that are not in its memory, run in the reference kernels.
import { Counts } from '../engine.ts'
import { SimdContext, WORTH_A_THREAD } from './context.ts'
import { simdActivations, simdOptimizers } from './elementwise.ts'
import { simdConvolution, simdLocal2d } from './local2d.ts'
import { simdMatmul } from './matmul.ts'
import { SimdMemory } from './memory.ts'
import { simdPooling } from './pooling.ts'
import { Runner } from './threads.ts'
import { instantiate, moduleFor } from './wasm.ts'
export class SimdEngine {
  name = 'simd'
  threads
  #module
  #counts = new Counts()
  #started = null
  #worth
  /** `null` where the module can't run. @param worth how many multiply-adds are worth a thread's while */
  static create(threads, worth = WORTH_A_THREAD) {
    const module = moduleFor(threads > 1)
    return module && new SimdEngine(module, threads, worth)
  }
  constructor(module, threads, worth) {
    this.#module = module
    this.#worth = worth
    this.threads = threads
  }
  get kernels() {
    return this.#start().kernels
  }
  region() {
    return this.#start().memory.region()
  }
  /** Which kernels ran where, and how often, since the engine was made. */
  report() {
    return this.#counts.report()
  }
  /** Memory is taken when it is first needed. */
  #start() {
    if (this.#started) return this.#started
    const memory = new SimdMemory(this.threads > 1, this.threads)
    const instance = instantiate(this.#module, memory.memory)
    const runner = new Runner(memory, instance, this.threads)
    const context = new SimdContext(
      memory,
      runner,
      this.#counts.referenceKernels(),
      this.#counts,
      this.#worth,
    )
    this.#started = { memory, kernels: kernelsOn(context) }
    return this.#started
  }
}
function kernelsOn(context) {
  return {
    ...context.reference,
    local2d: { 1: simdLocal2d(context, 1), 2: simdLocal2d(context, 2), 3: simdLocal2d(context, 3) },
    convolution: simdConvolution(context),
    matmul: simdMatmul(context),
    pooling: simdPooling(context),
    activations: simdActivations(context),
    optimizers: simdOptimizers(context),
  }
}
