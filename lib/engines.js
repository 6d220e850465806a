// Which engine computes: the fast one where it can run, else the reference.
import { defaultThreads, mostThreads } from '#platform'
import { knownOptions, oneOf, positiveInteger } from './check.ts'
import { ReferenceEngine } from './engine.ts'
import { ArgumentError, StateError } from './errors.ts'
import { SimdEngine } from './simd/engine.ts'

let defaults = {}
/**
 * Sets what models and layers made from now on use where they name nothing.
 * @throws ArgumentError for unknown options or numbers out of range
 */
export function setEngineDefaults(options) {
  knownOptions('setEngineDefaults', options, ['engine', 'threads'])
  createEngine(options)
  defaults = { ...options }
}
/** @throws StateError where 'simd' is asked for and can't run */
export function createEngine(options = {}) {
  const name = options.engine ?? defaults.engine
  if (name !== undefined) oneOf('engine', name, ['reference', 'simd'])
  const threads = positiveInteger('threads', options.threads ?? defaults.threads ?? defaultThreads())
  if (threads > mostThreads && options.threads !== undefined)
    throw new ArgumentError('threads', threads, `at most ${mostThreads} here`)
  if (name === 'reference') return new ReferenceEngine()
  const engine = SimdEngine.create(Math.min(threads, mostThreads))
  if (engine) return engine
  if (name === 'simd')
    throw new StateError(
      'engine "simd": WebAssembly with SIMD can\'t run here, or a content security policy forbids it (allow \'wasm-unsafe-eval\'). Leave engine out, or use "reference"',
    )
  return new ReferenceEngine()
}
