// The contract of an engine: memory to compute in, and the kernels that compute. A model owns one engine;
// layers, losses and optimizers ask it for both, and know nothing else of it.
import { kernels } from './kernels/index.ts'
/** The loops of `kernels/` over ordinary arrays: the specification of every other engine; runs anywhere. */
export class ReferenceEngine {
  name = 'reference'
  threads = 1
  kernels
  #counts = new Counts()
  constructor() {
    this.kernels = this.#counts.referenceKernels()
  }
  region() {
    return { alloc: length => ({ array: new Float32Array(length) }), release() {} }
  }
  report() {
    return this.#counts.report()
  }
}
/** Counts the calls of kernels, by their place in the table: `local2d.1.forward`. */
export class Counts {
  #calls = new Map()
  /** The counts of a kernel, zero at first. */
  of(name) {
    let calls = this.#calls.get(name)
    if (!calls) this.#calls.set(name, (calls = { simd: 0, reference: 0 }))
    return calls
  }
  /** The reference kernels, each of which counts its calls. */
  referenceKernels() {
    return this.#counted(kernels, '')
  }
  /** Those that ran. */
  report() {
    const ran = [...this.#calls].filter(([, { simd, reference }]) => simd + reference > 0)
    return Object.fromEntries(ran.map(([name, calls]) => [name, { ...calls }]))
  }
  #counted(table, path) {
    const entries = Object.entries(table).map(([key, value]) => {
      const name = `${path}${key}`
      if (typeof value === 'object') return [key, this.#counted(value, `${name}.`)]
      const calls = this.of(name)
      const run = value
      return [
        key,
        (...args) => {
          calls.reference++
          return run(...args)
        },
      ]
    })
    return Object.fromEntries(entries)
  }
}
