// The contract of an engine: memory to compute in, and the kernels that compute. A model owns one engine;
// layers, losses and optimizers ask it for both, and know nothing else of it.

import { kernels } from './kernels/index.ts'

/** The functions that compute. Every engine offers the same ones, with the same arithmetic and the same bits. */
export type Kernels = typeof kernels

/**
 * Some numbers in an engine's memory. An engine may spare kernels what would change nothing, so it has to know of every
 * other writer: `array` is for kernels and for reading, the rest for writing.
 */
export interface Block {
  /** The present view of them. Ask again for every use: the engine renews it when its memory moves. */
  readonly array: Float32Array
  /** The same for a writer who may keep it: nothing is spared on these numbers any more. */
  open(): Float32Array
  /** Overwrites them, once. */
  set(values: Float32Array): void
}

/** A part of an engine's memory that is given back as a whole. */
export interface Region {
  /** `length` zeros. */
  alloc(length: number): Block
  /** Gives all blocks of this region back; they must not be used again. */
  release(): void
}

/** How often a kernel ran on the fast engine, and how often in its reference. */
export interface Calls {
  simd: number
  reference: number
}

/** What computes: memory, and the kernels that work in it. A model owns one. */
export interface Engine {
  readonly name: 'reference' | 'simd'
  /** How many threads may work on a step. */
  readonly threads: number
  readonly kernels: Kernels
  region(): Region
  /** Which kernels ran where, and how often. */
  report(): Record<string, Calls>
}

/** A region in which `take` gets what it needs. Where not all of it can be had, what was taken is given back. */
export function regionOf(engine: Engine, take: (region: Region) => void): Region {
  const region = engine.region()
  try {
    take(region)
    return region
  } catch (error) {
    region.release()
    throw error
  }
}

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
  readonly kernels: Kernels
  readonly #counts = new Counts()

  constructor() {
    this.kernels = this.#counts.referenceKernels()
  }

  region(): Region {
    return { alloc: length => arrayBlock(new Float32Array(length)), release() {} }
  }

  report(): Record<string, Calls> {
    return this.#counts.report()
  }
}

/** Counts the calls of kernels, by their place in the table: `local2d.1.forward`. */
export class Counts {
  readonly #calls = new Map<string, Calls>()

  /** The counts of a kernel, zero at first. */
  of(name: string): Calls {
    let calls = this.#calls.get(name)
    if (!calls) this.#calls.set(name, (calls = { simd: 0, reference: 0 }))
    return calls
  }

  /** The reference kernels, each of which counts its calls. */
  referenceKernels(): Kernels {
    return this.#counted(kernels, '') as Kernels
  }

  /** Those that ran. */
  report(): Record<string, Calls> {
    const ran = [...this.#calls].filter(([, { simd, reference }]) => simd + reference > 0)
    return Object.fromEntries(ran.map(([name, calls]) => [name, { ...calls }]))
  }

  #counted(table: object, path: string): object {
    const entries = Object.entries(table).map(([key, value]) => {
      const name = `${path}${key}`
      if (typeof value === 'object') return [key, this.#counted(value, `${name}.`)]
      const calls = this.of(name)
      const run = value as (...args: unknown[]) => unknown
      return [
        key,
        (...args: unknown[]) => {
          calls.reference++
          return run(...args)
        },
      ]
    })
    return Object.fromEntries(entries)
  }
}
