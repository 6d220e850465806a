// Chooses the engine: the fast one where it can run, else the reference.

import { defaultThreads, mostThreads } from '#platform'
import { added } from '../core/additions.ts'
import { knownOptions, oneOf, positiveInteger } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Engine } from '../engine/engine.ts'
import { ReferenceEngine } from '../engine/reference-engine.ts'

/** 'reference': plain loops, on any platform; 'simd': WebAssembly, with bit-identical results. */
export type EngineName = 'reference' | 'simd'

/** The engine and threads that a model uses. */
export interface EngineOptions {
  /** Default: 'simd' where WebAssembly with SIMD is available, else 'reference'. Results are bit-identical. */
  readonly engine?: EngineName
  /**
   * The maximum number of threads of the fast engine, which uses fewer for small steps. Results do not depend on it.
   * Default in Node: the environment variable `UNSHARED_THREADS`, else the machine's parallelism, up to 8. Default in
   * cross-origin isolated pages and workers: the machine's parallelism, up to 8; in other pages and workers: 1.
   */
  readonly threads?: number
}

/** The options that were asked for. */
export type Asked = { readonly [K in keyof EngineOptions]: EngineOptions[K] | undefined }

let defaults: EngineOptions = {}

/** Creates the fast engine; returns `null` where it can't run. `null`: the program does not include it, see fast.ts. */
let createFast: ((threads: number) => Engine | null) | null = null

/** Makes an engine known as 'simd'. */
export function registerFastEngine(create: (threads: number) => Engine | null): void {
  createFast = create
}

/**
 * Sets the default engine options of models and layers created from now on.
 * @throws ArgumentError for unknown or invalid options; StateError if 'simd' is requested but cannot run
 */
export function setEngineDefaults(options: EngineOptions): void {
  knownOptions('setEngineDefaults', options, ['engine', 'threads'])
  createEngine(options)
  defaults = { ...options }
}

/** @throws ArgumentError for invalid options; StateError if 'simd' is requested but cannot run */
export function createEngine(options: Asked = {}): Engine {
  const { engine: name = defaults.engine } = options
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
  const create = name === 'simd' ? added('engine "simd"', 'simd', createFast) : createFast
  const engine = create?.(Math.min(threads, mostThreads))
  if (engine) return engine
  if (name === 'simd')
    throw new StateError(
      'engine "simd": WebAssembly with SIMD can\'t run here, or a content security policy forbids it (allow \'wasm-unsafe-eval\'). Leave engine out, or use "reference"',
    )
  return new ReferenceEngine()
}
