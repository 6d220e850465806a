// What `compile`, `fit`, `evaluate` and `predict` can be told.
import { knownOptions, oneOf, positiveInteger } from '../check.ts'
import { ArgumentError, StateError } from '../errors.ts'
import { Tensor } from '../tensor.ts'

const sourceDecides = ['batchSize', 'sampleWeight', 'shuffle', 'validationSplit']
/** The options of a call with a source, which come where targets would. @throws ArgumentError for what it decides */
export function sourceOptions(what, options, more) {
  const isData = Array.isArray(options) || ArrayBuffer.isView(options) || options instanceof Tensor
  if (isData || more !== undefined)
    throw new ArgumentError('y', options, 'no targets: the source yields them with the samples, [x, y]')
  knownOptions(what, options ?? {}, Object.keys(options ?? {}))
  for (const name of sourceDecides)
    if (options?.[name] !== undefined)
      throw new ArgumentError(`${what}, option`, name, 'options that the source does not decide')
  return options ?? {}
}
export const evaluateOptionNames = ['batchSize', 'sampleWeight', 'callbacks', 'verbose', 'signal']
export const fitOptionNames = [
  ...evaluateOptionNames,
  ...['epochs', 'initialEpoch', 'shuffle', 'validationSplit', 'validationData', 'classWeight'],
  ...['validationFreq', 'validationBatchSize', 'stepsPerEpoch', 'validationSteps'],
]
export const stepsOf = (name, steps, all) => (steps === undefined ? all : positiveInteger(name, steps))
export function throwIfAborted(signal) {
  if (signal?.aborted) throw signal.reason ?? new StateError('stopped by the signal')
}
/** Whether the epoch with this number, counted from 1, ends with a validation. */
export function validationEpochs(freq) {
  if (Array.isArray(freq) && freq.every(Number.isSafeInteger)) return epoch => freq.includes(epoch)
  const every = positiveInteger('validationFreq', freq)
  return epoch => epoch % every === 0
}
export const verbosity = verbose => {
  const level = oneOf('verbose', verbose ?? 'auto', [0, 1, 2, 'auto'])
  return level === 'auto' ? 1 : level
}
/** How long the event loop waits at most while a model computes, in milliseconds. */
export const turnLength = 40
export const weightsStay = 'The weights of the model did not change'
