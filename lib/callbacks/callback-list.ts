// The callbacks of one call: checked once, then told of what happens, in their order.

import { ArgumentError, CallbackError } from '../core/errors.ts'
import type { Callback, FitParams, WatchedModel } from './callback.ts'
import type { Progress, TrainingState } from './training-state.ts'

const events = [
  ...(['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd'] as const),
  ...(['onTrainBatchBegin', 'onTrainBatchEnd'] as const),
  ...(['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'] as const),
  ...(['onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd'] as const),
  ...(['onTrainError', 'onProgress'] as const),
]
export type Event = (typeof events)[number]

type Arguments<E extends Event> = Parameters<NonNullable<Callback[E]>>

/** @throws ArgumentError for the name of an event that never comes */
export function checkEvent(name: string): void {
  if (!(events as readonly string[]).includes(name))
    throw new ArgumentError('callbacks, event', name, `one of ${events.join(', ')}`)
}

export class CallbackList {
  readonly #callbacks: readonly Callback[]
  readonly #hearing: Partial<Record<Event, readonly Callback[]>> = {}
  readonly #where: () => string

  /**
   * @param where for the message when one throws: what the model's weights are then
   * @throws ArgumentError for what is no callback, or one that waits for an event that never comes
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
    this.#callbacks = callbacks
    this.#where = where
    for (const event of events) {
      const hearing = callbacks.filter(callback => callback[event] !== undefined)
      if (hearing.length > 0) this.#hearing[event] = hearing
    }
  }

  [Symbol.iterator](): Iterator<Callback> {
    return this.#callbacks[Symbol.iterator]()
  }

  /** What they are told before all events. */
  begin(model: WatchedModel, params: FitParams): void {
    for (const callback of this.#callbacks) {
      callback.setParams?.(params)
      callback.setModel?.(model)
    }
  }

  /** The state that the first of them has which has one. */
  async resumeFrom(): Promise<TrainingState | null> {
    for (const callback of this.#callbacks) {
      const state = await callback.resumeFrom?.()
      if (state) return state
    }
    return null
  }

  /** Whether anyone hears of this. */
  hears(event: Event): boolean {
    return this.#hearing[event] !== undefined
  }

  /**
   * Tells those who hear it. The promise is there only where one is to be waited for: batches are many.
   * @throws CallbackError, also as a rejection, for what a callback throws
   */
  tell<E extends Event>(event: E, ...args: Arguments<E>): Promise<void> | undefined {
    const hearing = this.#hearing[event]
    return hearing && this.#tell(hearing, 0, event, args)
  }

  /** The same for `onProgress`, which comes after every batch: this allocates nothing. */
  tellProgress(progress: Progress): Promise<void> | undefined {
    const hearing = this.#hearing.onProgress
    if (!hearing) return undefined
    for (let i = 0; i < hearing.length; i++) {
      let waiting: void | Promise<void>
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
  async tellOfError(error: unknown): Promise<void> {
    for (const callback of this.#hearing.onTrainError ?? [])
      try {
        await callback.onTrainError?.(error)
      } catch {}
  }

  #tell<E extends Event>(
    hearing: readonly Callback[],
    from: number,
    event: E,
    args: Arguments<E>,
  ): Promise<void> | undefined {
    for (let i = from; i < hearing.length; i++) {
      const callback = hearing[i]
      let waiting: void | Promise<void>
      try {
        waiting = (callback[event] as (...args: Arguments<E>) => void | Promise<void>).apply(callback, args)
      } catch (error) {
        throw this.#failure(callback, event, error)
      }
      if (isPromise(waiting)) return this.#after(waiting, hearing, i, event, args)
    }
    return undefined
  }

  /** Tells the others when the one that is waited for is ready. */
  #after<E extends Event>(
    waiting: Promise<void>,
    hearing: readonly Callback[],
    i: number,
    event: E,
    args: Arguments<E>,
  ): Promise<void> {
    return Promise.resolve(waiting).then(
      () => this.#tell(hearing, i + 1, event, args),
      error => {
        throw this.#failure(hearing[i], event, error)
      },
    )
  }

  #failure(callback: Callback, event: Event, cause: unknown): CallbackError {
    const message = cause instanceof Error ? cause.message : String(cause)
    return new CallbackError(`${nameOf(callback)}.${event}: ${message}. ${this.#where()}`, { cause })
  }
}

/** The class of a callback, or what stands for one. */
export const nameOf = (callback: Callback) =>
  callback.constructor === Object ? `callbacks` : callback.constructor.name

/** What functions return besides does not matter: `logs => list.push(logs)` gives a number. */
const isPromise = (value: unknown): value is Promise<void> =>
  typeof value === 'object' && value !== null && 'then' in value

/** Methods of classes are not enumerable: a `for … in` would miss them. */
function namesIn(object: object): string[] {
  const names: string[] = []
  for (let at = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
    names.push(...Object.getOwnPropertyNames(at))
  return names
}
