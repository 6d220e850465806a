// The contract of an engine: memory to compute in, and its versions of the kernels. A model owns one engine; layers and
// optimizers ask it for both, and know nothing else of it.

/** Functions that compute, or tables of such functions, under a name. Those in `kernels/` are the reference. */
export interface Kernel {
  readonly name: string
}

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
  /** Makes the engine's version of a kernel of `kernels/`: the same functions with the same arithmetic and the same bits. */
  kernel<K extends Kernel>(reference: K): K
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
