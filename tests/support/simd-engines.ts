// Fast engines for tests with many cases. Each engine has a memory, and helper threads keep memories for a while, so
// the cases of a test file share one engine for each number of threads.

import type { Calls, Engine } from '../../lib/engine/engine.ts'
import { SimdEngine } from '../../lib/simd/engine.ts'

const engines = new Map<number, SimdEngine>()

/** The engine of so many threads, which share even the smallest work. */
export function simdEngine(threads: number): SimdEngine {
  const engine = engines.get(threads) ?? (SimdEngine.create(threads, 1) as SimdEngine)
  engines.set(threads, engine)
  return engine
}

/**
 * Runs `use` on arrays of these lengths in the engine's memory. Returns copies of the arrays and releases the memory.
 * The arrays are allocated together: views of a memory end when it grows.
 */
export function withArrays<N extends string>(
  engine: Engine,
  lengths: Readonly<Record<N, number>>,
  use: (arrays: Record<N, Float32Array>) => void,
): Record<string, Float32Array> {
  const region = engine.region()
  const names = Object.keys(lengths) as N[]
  const blocks = names.map(name => region.alloc(lengths[name]))
  const named = (array: (i: number) => Float32Array) =>
    Object.fromEntries(names.map((name, i) => [name, array(i)])) as Record<N, Float32Array>
  use(named(i => blocks[i].array))
  const copies = named(i => blocks[i].array.slice())
  region.release()
  return copies
}

/** Returns the result of `use`, and for each kernel that ran meanwhile how often it ran on which engine. */
export function counted<T>(engine: SimdEngine, use: () => T): [result: T, calls: Record<string, Calls>] {
  const before = engine.report()
  const result = use()
  const calls: Record<string, Calls> = {}
  for (const [name, { simd, reference }] of Object.entries(engine.report())) {
    const earlier = before[name] ?? { simd: 0, reference: 0 }
    const now = { simd: simd - earlier.simd, reference: reference - earlier.reference }
    if (now.simd + now.reference > 0) calls[name] = now
  }
  return [result, calls]
}
