import { knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Callback } from './callback.ts'
import { checkEvent, type Event } from './callback-list.ts'

/** Functions by event name. `onBatchBegin` and `onBatchEnd` are called for training batches. */
export interface LambdaCallbackOptions extends Pick<Callback, Event> {
  /** The same as `onTrainBatchBegin`. */
  readonly onBatchBegin?: NonNullable<Callback['onTrainBatchBegin']>
  /** The same as `onTrainBatchEnd`. */
  readonly onBatchEnd?: NonNullable<Callback['onTrainBatchEnd']>
}

const aliases: Readonly<Record<string, Event>> = { onBatchBegin: 'onTrainBatchBegin', onBatchEnd: 'onTrainBatchEnd' }

/**
 * A callback made from functions. A plain object works too, but this class also accepts Keras' short names.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/LambdaCallback
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor defines what the interface declares
export class LambdaCallback {
  static readonly name = 'LambdaCallback'
  /** @throws ArgumentError for an unknown event, and for a value that is not a function */
  constructor(functions: LambdaCallbackOptions) {
    knownOptions('LambdaCallback', functions, Object.keys(functions ?? {}))
    for (const [name, value] of Object.entries(functions)) {
      if (value === undefined) continue
      const event = Object.hasOwn(aliases, name) ? aliases[name] : name
      checkEvent(event)
      if (typeof value !== 'function') throw new ArgumentError(name, value, 'a function')
      if (Object.hasOwn(this, event)) throw new ArgumentError(name, value, `none with ${event}`)
      Object.defineProperty(this, event, { value, enumerable: true })
    }
  }
}

export interface LambdaCallback extends Pick<Callback, Event> {}
