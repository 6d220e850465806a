// Watching one of the values that are measured.

import { print } from '#platform'
import { oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { FitParams, Logs } from './callback.ts'

/** Which way a measured value is better. 'auto': greater for names that end in acc, accuracy or auc, else less. */
export type Mode = 'auto' | 'min' | 'max'

/** The options of callbacks that watch a value. */
export interface MonitorOptions {
  /** What is watched: a name in the logs. Default 'val_loss'. */
  readonly monitor?: string
  /** Default 'auto'. */
  readonly mode?: Mode
  /** 1 tells what happens. Default 0. */
  readonly verbose?: 0 | 1
}

export const monitorOptionNames = ['monitor', 'mode', 'verbose']

/** Watches one value of the logs, and knows when it is better. */
export class Monitor {
  readonly name: string
  readonly verbose: boolean
  readonly #sign: 1 | -1

  /** @param greater the names that are better when they are greater, for the mode 'auto' */
  constructor(
    { monitor = 'val_loss', mode = 'auto', verbose = 0 }: MonitorOptions,
    greater = /(acc|accuracy|auc)$/,
  ) {
    if (typeof monitor !== 'string') throw new ArgumentError('monitor', monitor, 'a name in the logs')
    const isUp =
      oneOf('mode', mode, ['auto', 'min', 'max']) === 'auto' ? greater.test(monitor) : mode === 'max'
    this.name = monitor
    this.verbose = oneOf('verbose', verbose, [0, 1]) === 1
    this.#sign = isUp ? 1 : -1
  }

  get worst(): number {
    return -this.#sign * Infinity
  }

  /** Whether a value is better than another by more than `delta`. */
  isBetter(value: number, than: number, delta: number): boolean {
    return this.#sign * value - delta > this.#sign * than
  }

  /** The value of this epoch; `null` where this epoch measured none. */
  of(logs: Logs): number | null {
    return Object.hasOwn(logs, this.name) ? logs[this.name] : null
  }

  /** @throws ArgumentError when none of the epochs will measure it */
  check({ epochs, metrics }: FitParams): void {
    if (epochs > 0 && !metrics.includes(this.name))
      throw new ArgumentError('monitor', this.name, `one of ${metrics.join(', ')}`)
  }

  say(line: string): void {
    if (this.verbose) print(line)
  }
}
