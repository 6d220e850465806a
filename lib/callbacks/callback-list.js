// The callbacks of one call: checked once, then told of what happens, in their order.
import { ArgumentError, CallbackError } from '../errors.ts'

const events = [
  ...['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd'],
  ...['onTrainBatchBegin', 'onTrainBatchEnd'],
  ...['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'],
  ...['onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd'],
  ...['onTrainError', 'onProgress'],
]
/** @throws ArgumentError for the name of an event that never comes */
export function checkEvent(name) {
  if (!events.includes(name)) throw new ArgumentError('callbacks, event', name, `one of ${events.join(', ')}`)
}
export class CallbackList {
  #callbacks
  #hearing = {}
  #where
  /**
   * @param where for the message when one throws: what the model's weights are then
   * @throws ArgumentError for what is no callback, or one that waits for an event that never comes
   */
  constructor(callbacks, where) {
    if (!Array.isArray(callbacks)) throw new ArgumentError('callbacks', callbacks, 'a list of callbacks')
    for (const callback of callbacks) {
      if (typeof callback !== 'object' || callback === null)
        throw new ArgumentError('callbacks', callback, 'objects with functions such as onEpochEnd')
      for (const name of namesIn(callback)) if (/^on[A-Z]/.test(name)) checkEvent(name)
      for (const event of events)
        if (callback[event] !== undefined && typeof callback[event] !== 'function')
          throw new ArgumentError(`callbacks, ${event}`, callback[event], 'a function')
    }
    this.#callbacks = callbacks
    this.#where = where
    for (const event of events) {
      const hearing = callbacks.filter(callback => callback[event] !== undefined)
      if (hearing.length > 0) this.#hearing[event] = hearing
    }
  }
  [Symbol.iterator]() {
    return this.#callbacks[Symbol.iterator]()
  }
  /** What they are told before all events. */
  begin(model, params) {
    for (const callback of this.#callbacks) {
      callback.setParams?.(params)
      callback.setModel?.(model)
    }
  }
  /** The state that the first of them has which has one. */
  async resumeFrom() {
    for (const callback of this.#callbacks) {
      const state = await callback.resumeFrom?.()
      if (state) return state
    }
    return null
  }
  /** Whether anyone hears of this. */
  hears(event) {
    return this.#hearing[event] !== undefined
  }
  /**
   * Tells those who hear it. The promise is there only where one is to be waited for: batches are many.
   * @throws CallbackError, also as a rejection, for what a callback throws
   */
  tell(event, ...args) {
    const hearing = this.#hearing[event]
    return hearing && this.#tell(hearing, 0, event, args)
  }
  /** The same for `onProgress`, which comes after every batch: this allocates nothing. */
  tellProgress(progress) {
    const hearing = this.#hearing.onProgress
    if (!hearing) return undefined
    for (let i = 0; i < hearing.length; i++) {
      let waiting
      try {
        waiting = hearing[i].onProgress?.(progress)
      } catch (error) {
        throw this.#failure(hearing[i], 'onProgress', error)
      }
      if (isPromise(waiting)) return this.#after(waiting, hearing, i, 'onProgress', [progress])
    }
    return undefined
  }
  /** What callbacks throw at this does not hide the error. */
  async tellOfError(error) {
    for (const callback of this.#hearing.onTrainError ?? [])
      try {
        await callback.onTrainError?.(error)
      } catch {}
  }
  #tell(hearing, from, event, args) {
    for (let i = from; i < hearing.length; i++) {
      const callback = hearing[i]
      let waiting
      try {
        waiting = callback[event].apply(callback, args)
      } catch (error) {
        throw this.#failure(callback, event, error)
      }
      if (isPromise(waiting)) return this.#after(waiting, hearing, i, event, args)
    }
    return undefined
  }
  /** Tells the others when the one that is waited for is ready. */
  #after(waiting, hearing, i, event, args) {
    return Promise.resolve(waiting).then(
      () => this.#tell(hearing, i + 1, event, args),
      error => {
        throw this.#failure(hearing[i], event, error)
      },
    )
  }
  #failure(callback, event, cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    return new CallbackError(`${nameOf(callback)}.${event}: ${message}. ${this.#where()}`, { cause })
  }
}
/** The class of a callback, or what stands for one. */
export const nameOf = callback => (callback.constructor === Object ? `callbacks` : callback.constructor.name)
/** What functions return besides does not matter: `logs => list.push(logs)` gives a number. */
const isPromise = value => typeof value === 'object' && value !== null && 'then' in value
/** Methods of classes are not enumerable: a `for … in` would miss them. */
function namesIn(object) {
  const names = []
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    names.push(...Object.getOwnPropertyNames(at))
  return names
}
