// Counts how often each kernel function ran on the WebAssembly module, and how often as the reference.

import type { Calls } from '../engine/engine.ts'

/** Counts the calls of kernels, by kernel name and function: `local2d.1.forward`. */
export class Counts {
  readonly #calls = new Map<string, Calls>()

  /** The counts of a function, initially zero. */
  of(name: string): Calls {
    let calls = this.#calls.get(name)
    if (!calls) this.#calls.set(name, (calls = { simd: 0, reference: 0 }))
    return calls
  }

  /** A copy of a table of reference kernels in which every function counts its calls. */
  counted<K extends object>(table: K, path: string): K {
    const entries = Object.entries(table).map(([key, value]) => {
      const name = `${path}.${key}`
      if (typeof value === 'object') return [key, this.counted(value, name)]
      if (typeof value !== 'function') return [key, value]
      const calls = this.of(name)
      return [
        key,
        (...args: unknown[]) => {
          calls.reference++
          return value(...args)
        },
      ]
    })
    return Object.fromEntries(entries)
  }

  /** The counts of all functions that ran. */
  report(): Record<string, Calls> {
    const ran = [...this.#calls].filter(([, { simd, reference }]) => simd + reference > 0)
    return Object.fromEntries(ran.map(([name, calls]) => [name, { ...calls }]))
  }
}
