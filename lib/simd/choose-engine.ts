// Which engine computes: the fast one where it can run, else the reference.

import { defaultThreads, mostThreads } from '#platform'
import { knownOptions, oneOf, positiveInteger } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { ReferenceEngine } from '../engine/reference-engine.ts'
import { SimdEngine } from './engine.ts'

/** 'reference': plain loops, anywhere; 'simd': WebAssembly, with the same bits. */
export type EngineName = 'reference' | 'simd'

/** What a model computes with. */
export interface EngineOptions {
  /** What computes. Default: 'simd' where WebAssembly with SIMD can run, else 'reference'. All give the same bits. */
  readonly engine?: EngineName
  /**
   * Threads of the fast engine, which doesn't use them where a step is too small to gain. Results do not depend on
   * their number. Default in Node: the environment variable `UNSHARED_THREADS`, else as many as the machine runs at
   * the same time, up to 8. In a page or a worker that is cross-origin isolated: as many as the machine runs at the same
   * time, up to 8; in others: 1.
   */
  readonly threads?: number
}

let defaults: EngineOptions = {}

/**
 * Sets what models and layers made from now on use where they name nothing.
 * @throws ArgumentError for unknown options or numbers out of range
 */
export function setEngineDefaults(options: EngineOptions): void {
  knownOptions('setEngineDefaults', options, ['engine', 'threads'])
  createEngine(options)
  defaults = { ...options }
}

/** @throws StateError where 'simd' is asked for and can't run */
export function createEngine(options: EngineOptions = {}): Engine {
  const name = options.engine ?? defaults.engine
  if (name !== undefined) oneOf('engine', name, ['reference', 'simd'] as const)
  const threads = positiveInteger('threads', options.threads ?? defaults.threads ?? defaultThreads())
  if (threads > mostThreads && options.threads !== undefined)
    throw new ArgumentError(
      'threads',
      threads,
      `at most ${mostThreads} here`,
      mostThreads === 1 ? 'A page has threads only if it is cross-origin isolated' : '',
    )
  if (name === 'reference') return new ReferenceEngine()
  const engine = SimdEngine.create(Math.min(threads, mostThreads))
  if (engine) return engine
  if (name === 'simd')
    throw new StateError(
      'engine "simd": WebAssembly with SIMD can\'t run here, or a content security policy forbids it (allow \'wasm-unsafe-eval\'). Leave engine out, or use "reference"',
    )
  return new ReferenceEngine()
}
