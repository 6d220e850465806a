// The engine interface: memory to compute in, and the engine's versions of the kernels. A model owns one engine; layers
// and optimizers use only these two.

/** A named set of compute functions, or of tables of them. The kernels in `kernels/` are the reference. */
export interface Kernel {
  /** The name, as `report` shows it. */
  readonly name: string
}

/**
 * Numbers in an engine's memory. An engine may skip work that would change nothing, so it must know about all writers
 * other than kernels: `array` is for kernels and for reading, the other methods are for writing.
 */
export interface Block {
  /** The current view of the numbers. Get it again for every use: the engine replaces it when its memory moves. */
  readonly array: Float32Array
  /** A view for a writer that may keep it: from then on, the engine skips no work on these numbers. */
  open(): Float32Array
  /** Overwrites the numbers once. */
  set(values: Float32Array): void
}

/** Blocks of an engine's memory that are released together. */
export interface Region {
  /** Allocates `length` zeros. */
  alloc(length: number): Block
  /** Releases all blocks of the region; they must not be used afterwards. */
  release(): void
}

/** How often a kernel function ran on the fast engine, and how often as the reference. */
export interface Calls {
  simd: number
  reference: number
}

/** Memory, and the kernels that work in it. A model owns one engine. */
export interface Engine {
  /** Which engine it is. */
  readonly name: 'reference' | 'simd'
  /** The maximum number of threads that work on a step. */
  readonly threads: number
  /** The engine's version of a reference kernel: the same functions, with bit-identical results. */
  kernel<K extends Kernel>(reference: K): K
  /** A new region of memory. */
  region(): Region
  /** How often each kernel function ran, and where. */
  report(): Record<string, Calls>
}

/** A new region in which `take` allocates. If `take` throws, the region is released. */
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
