import { ArgumentError } from '../core/errors.ts'
import type { Callback } from './callback.ts'
import { checkEvent, type Event } from './callback-list.ts'

/** Functions for some events. `onBatchBegin` and `onBatchEnd` are those of training batches. */
export interface LambdaCallbackOptions extends Pick<Callback, Event> {
  readonly onBatchBegin?: NonNullable<Callback['onTrainBatchBegin']>
  readonly onBatchEnd?: NonNullable<Callback['onTrainBatchEnd']>
}

const aliases: Readonly<Record<string, Event>> = {
  onBatchBegin: 'onTrainBatchBegin',
  onBatchEnd: 'onTrainBatchEnd',
}

/**
 * A callback of some functions. A plain object with these functions is one too; this one also knows Keras' short names.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/LambdaCallback
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor defines what the interface declares
export class LambdaCallback {
  /** @throws ArgumentError for an event that never comes, and for what is no function */
  constructor(functions: LambdaCallbackOptions) {
    for (const [name, value] of Object.entries(functions)) {
      if (value === undefined) continue
      const event = Object.hasOwn(aliases, name) ? aliases[name] : name
      checkEvent(event)
      if (typeof value !== 'function') throw new ArgumentError(name, value, 'a function')
      if (Object.hasOwn(this, event)) throw new ArgumentError(name, value, `none beside ${event}`)
      Object.defineProperty(this, event, { value, enumerable: true })
    }
  }
}

export interface LambdaCallback extends Pick<Callback, Event> {}
