// Monitoring of one value in the logs.

import { print } from '#platform'
import { oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { checkLogs, type FitParams, type Logs } from './callback.ts'

/**
 * Whether a smaller or a greater value is better. 'auto': greater for names ending in acc, accuracy or auc (ReduceLROnPlateau
 * and ModelCheckpoint: names that contain acc or end in auc; ModelCheckpoint: also names that start with fmeasure), otherwise
 * smaller.
 */
export type Mode = 'auto' | 'min' | 'max'

/** The options of callbacks that monitor a value. */
export interface MonitorOptions {
  /** The name of the monitored value in the logs. Default 'val_loss'. */
  readonly monitor?: string
  /** Default 'auto'. */
  readonly mode?: Mode
  /** 1 prints a message for each action. Default 0. */
  readonly verbose?: 0 | 1
}

export const monitorOptionNames = ['monitor', 'mode', 'verbose']

/** Monitors one value in the logs, and decides whether it has improved. */
export class Monitor {
  readonly name: string
  readonly verbose: boolean
  /** 1 if a greater value is better, else −1. */
  readonly sign: 1 | -1
  #isMeasured = false

  /** @param greater for the mode 'auto', matches the names of values for which greater is better */
  constructor({ monitor = 'val_loss', mode = 'auto', verbose = 0 }: MonitorOptions, greater = /(acc|accuracy|auc)$/) {
    if (typeof monitor !== 'string') throw new ArgumentError('monitor', monitor, 'a name in the logs')
    const isUp = oneOf('mode', mode, ['auto', 'min', 'max']) === 'auto' ? greater.test(monitor) : mode === 'max'
    this.name = monitor
    this.verbose = oneOf('verbose', verbose, [0, 1]) === 1
    this.sign = isUp ? 1 : -1
  }

  get worst(): number {
    return -this.sign * Infinity
  }

  isBetter(value: number, than: number): boolean {
    return this.sign * value > this.sign * than
  }

  /** The value in these logs, or `null` if they have none. Prints a note if they lack one that nobody announced. */
  of(logs: Logs): number | null {
    checkLogs(logs)
    if (Object.hasOwn(logs, this.name)) return logs[this.name]
    if (!this.#isMeasured) print(`monitor "${this.name}": not in the logs, which have ${Object.keys(logs).join(', ')}`)
    return null
  }

  /** @throws ArgumentError if no epoch will measure the value, and no callback can add it */
  check({ epochs, metrics, mayAdd }: FitParams): void {
    this.#isMeasured = metrics.includes(this.name)
    if (epochs > 0 && !this.#isMeasured && !mayAdd)
      throw new ArgumentError('monitor', this.name, `one of ${metrics.join(', ')}`)
  }

  say(line: string): void {
    if (this.verbose) print(line)
  }
}
