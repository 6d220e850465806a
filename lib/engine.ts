// The contract of an engine: memory to compute in, and the kernels that compute. A model owns one engine;
// layers, losses and optimizers ask it for both, and know nothing else of it.

import { kernels } from './kernels/index.ts'

/** The functions that compute. Every engine offers the same ones, with the same arithmetic and the same bits. */
export type Kernels = typeof kernels

/** Some numbers in an engine's memory. */
export interface Block {
  /** The present view of them. Ask again for every use: the engine renews it when its memory moves. */
  readonly array: Float32Array
}

/** A part of an engine's memory that is given back as a whole. */
export interface Region {
  /** `length` zeros. */
  alloc(length: number): Block
  /** Gives all blocks of this region back; they must not be used again. */
  release(): void
}

export interface Engine {
  readonly name: 'reference' | 'simd'
  readonly kernels: Kernels
  region(): Region
}

/** The loops of `kernels/` over ordinary arrays: the specification of every other engine; runs anywhere. */
export class ReferenceEngine implements Engine {
  readonly name = 'reference'
  readonly kernels: Kernels = kernels

  region(): Region {
    return { alloc: length => ({ array: new Float32Array(length) }), release() {} }
  }
}
