// Limits of a load: bytes, time and an abort signal. The source may be untrusted.

import { positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { reasonOf, type Signal } from '../models/options.ts'
import type { OpenModelFile } from './model-file.ts'

/** An AbortSignal, in browsers and Node. */
export interface LoadSignal extends Signal {
  /** Calls `listener` when the signal is aborted. */
  addEventListener(type: 'abort', listener: () => void): void
  /** Ends that. */
  removeEventListener(type: 'abort', listener: () => void): void
}

/** The limits of a load. */
export interface LimitOptions {
  /** The most bytes that the source may have, shards included. Default 2³¹, 2 GiB. */
  readonly maxBytes?: number
  /** The most milliseconds that loading may take. Default 600,000, ten minutes. */
  readonly timeout?: number
  /** Stops loading. The promise is rejected with the signal's reason; weights keep their values. */
  readonly signal?: LoadSignal
}

export const limitOptionNames = ['maxBytes', 'timeout', 'signal']

interface Timers {
  setTimeout(run: () => void, milliseconds: number): unknown
  clearTimeout(timer: unknown): void
  readonly AbortController: new () => { readonly signal: LoadSignal; abort(reason: unknown): void }
}
const timers = globalThis as unknown as Timers
const longestTimeout = 2 ** 31 - 1

export class Limits {
  readonly maxBytes: number
  /** Aborted when the load is over. */
  readonly signal: LoadSignal
  #left: number

  constructor(maxBytes: number, signal: LoadSignal) {
    this.maxBytes = maxBytes
    this.signal = signal
    this.#left = maxBytes
  }

  /** Counts bytes before, or while, they are read. @throws ArgumentError for too many of them; what `check` throws */
  take(bytes: number): void {
    this.check()
    this.#left -= bytes
    if (this.#left < 0)
      throw new ArgumentError('source', 'more', `at most ${this.maxBytes} bytes`, 'The option maxBytes sets the limit')
  }

  /** @throws the reason why the load is over, if it is */
  check(): void {
    if (this.signal.aborted) throw this.signal.reason
  }

  /** A file that is not read any more once the load is over. */
  guarded(file: OpenModelFile): OpenModelFile {
    const read = async (id: number, target: Float32Array) => {
      this.check()
      await file.read(id, target)
      this.check()
    }
    return { description: file.description, read, close: () => file.close() }
  }
}

/** Runs a load within the limits. It must not change anything after `check` has thrown. */
export async function within<T>(options: LimitOptions, run: (limits: Limits) => Promise<T>): Promise<T> {
  const { signal, maxBytes = 2 ** 31, timeout = 600_000 } = options
  positiveInteger('maxBytes', maxBytes)
  if (positiveInteger('timeout', timeout) > longestTimeout)
    throw new ArgumentError('timeout', timeout, `at most ${longestTimeout} ms`)
  if (signal !== undefined && typeof Object(signal).addEventListener !== 'function')
    throw new ArgumentError('signal', signal, 'an AbortSignal')
  const controller = new timers.AbortController()
  const limits = new Limits(maxBytes, controller.signal)
  let release = () => {}
  const over = new Promise<never>((_, reject) => {
    const stop = (reason: unknown) => {
      controller.abort(reason)
      reject(reason)
    }
    const late = new ArgumentError(
      'source',
      'no end',
      `an end within ${timeout} ms`,
      'The option timeout sets the limit',
    )
    const timer = timers.setTimeout(() => stop(late), timeout)
    const onAbort = () => stop(reasonOf(signal as LoadSignal))
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    release = () => {
      timers.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
  })
  try {
    return await Promise.race([over, run(limits)])
  } finally {
    release()
  }
}
