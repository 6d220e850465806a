// The callbacks of one call of `fit`, `evaluate` or `predict`: checks them once, then calls them in order on each event.

import { ArgumentError, CallbackError } from '../core/errors.ts'
import type { Callback, FitParams, WatchedModel } from './callback.ts'
import type { TrainingState } from './training-state.ts'

const events = [
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onTrainBatchBegin',
  'onTrainBatchEnd',
  'onTestBegin',
  'onTestEnd',
  'onTestBatchBegin',
  'onTestBatchEnd',
  'onPredictBegin',
  'onPredictEnd',
  'onPredictBatchBegin',
  'onPredictBatchEnd',
  'onTrainError',
  'onProgress',
] as const
export type Event = (typeof events)[number]

type Arguments<E extends Event> = Parameters<NonNullable<Callback[E]>>

/** @throws ArgumentError for the name of an unknown event */
export function checkEvent(name: string): void {
  if (!(events as readonly string[]).includes(name))
    throw new ArgumentError('callbacks, event', name, `one of ${events.join(', ')}`)
}

export class CallbackList {
  readonly #callbacks: readonly Callback[]
  readonly #where: () => string

  /**
   * @param where describes the state of the model's weights, for the error message if a callback throws
   * @throws ArgumentError for a value that is not a callback, and for a handler of an unknown event
   */
  constructor(callbacks: unknown, where: () => string) {
    if (!Array.isArray(callbacks)) throw new ArgumentError('callbacks', callbacks, 'a list of callbacks')
    for (const callback of callbacks) {
      if (typeof callback !== 'object' || callback === null)
        throw new ArgumentError('callbacks', callback, 'objects with functions such as onEpochEnd')
      for (const name of namesIn(callback)) if (/^on[A-Z]/.test(name)) checkEvent(name)
      for (const event of events)
        if (callback[event] !== undefined && typeof callback[event] !== 'function')
          throw new ArgumentError(`callbacks, ${event}`, callback[event], 'a function')
    }
    this.#callbacks = [...callbacks]
    this.#where = where
  }

  [Symbol.iterator](): Iterator<Callback> {
    return this.#callbacks[Symbol.iterator]()
  }

  /** Passes the parameters and the model to all callbacks, before any event. */
  begin(model: WatchedModel, params: FitParams): void {
    const adding = this.#callbacks.filter(({ onEpochEnd, onTrainBatchEnd }) => onEpochEnd ?? onTrainBatchEnd)
    const metrics = [...params.metrics, ...adding.flatMap(({ adds }) => adds ?? [])]
    const mayAdd = adding.some(({ adds }) => !adds)
    for (const callback of this.#callbacks) {
      callback.setParams?.({ ...params, metrics, mayAdd })
      callback.setModel?.(model)
    }
  }

  /** The state to resume from: that of the first callback that has one. */
  async resumeFrom(): Promise<TrainingState | null> {
    for (const callback of this.#callbacks) {
      const state = await callback.resumeFrom?.()
      if (state) return state
    }
    return null
  }

  /** Whether any callback handles the event. */
  hears(event: Event): boolean {
    return this.#callbacks.some(callback => callback[event])
  }

  /**
   * Calls all handlers of an event, each when the one before has finished.
   * @throws CallbackError if a callback throws
   */
  async tell<E extends Event>(event: E, ...args: Arguments<E>): Promise<void> {
    for (const callback of this.#callbacks)
      try {
        await (callback[event] as ((...args: Arguments<E>) => unknown) | undefined)?.apply(callback, args)
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause)
        throw new CallbackError(`${nameOf(callback)}.${event}: ${message}. ${this.#where()}`, { cause })
      }
  }

  /** Calls `onTrainError`. Ignores errors in the callbacks, so that they do not hide the original one. */
  async tellOfError(error: unknown): Promise<void> {
    for (const callback of this.#callbacks)
      try {
        await callback.onTrainError?.(error)
      } catch {}
  }
}

/** The class name of a callback, or a stand-in for plain objects. */
export const nameOf = (callback: Callback) =>
  callback.constructor === Object ? `callbacks` : callback.constructor.name

/** Class methods are not enumerable, so a `for … in` would miss them. */
function namesIn(object: object): string[] {
  const names: string[] = []
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    names.push(...Object.getOwnPropertyNames(at))
  return names
}
