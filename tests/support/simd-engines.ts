// Fast engines for tests with many cases. Each engine has a memory, and helper threads keep memories for a while, so
// the cases of a test file share one engine for each number of threads.

import type { Calls } from '../../lib/engine/engine.ts'
import { SimdEngine } from '../../lib/simd/engine.ts'

const engines = new Map<number, SimdEngine>()

/** The engine of so many threads, which share even the smallest work. */
export function simdEngine(threads: number): SimdEngine {
  const engine = engines.get(threads) ?? (SimdEngine.create(threads, 1) as SimdEngine)
  engines.set(threads, engine)
  return engine
}

/** What `use` returns, and how often each kernel ran meanwhile, and where. */
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
