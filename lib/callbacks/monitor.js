// Watching one of the values that are measured.
import { print } from '#platform'
import { oneOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
export const monitorOptionNames = ['monitor', 'mode', 'verbose']
/** Watches one value of the logs, and knows when it is better. */
export class Monitor {
  name
  verbose
  #sign
  /** @param greater the names that are better when they are greater, for the mode 'auto' */
  constructor({ monitor = 'val_loss', mode = 'auto', verbose = 0 }, greater = /(acc|accuracy|auc)$/) {
    if (typeof monitor !== 'string') throw new ArgumentError('monitor', monitor, 'a name in the logs')
    const isUp =
      oneOf('mode', mode, ['auto', 'min', 'max']) === 'auto' ? greater.test(monitor) : mode === 'max'
    this.name = monitor
    this.verbose = oneOf('verbose', verbose, [0, 1]) === 1
    this.#sign = isUp ? 1 : -1
  }
  get worst() {
    return -this.#sign * Infinity
  }
  /** Whether a value is better than another by more than `delta`. */
  isBetter(value, than, delta) {
    return this.#sign * value - delta > this.#sign * than
  }
  /** The value of this epoch; `null` where this epoch measured none. */
  of(logs) {
    return Object.hasOwn(logs, this.name) ? logs[this.name] : null
  }
  /** @throws ArgumentError when none of the epochs will measure it */
  check({ epochs, metrics }) {
    if (epochs > 0 && !metrics.includes(this.name))
      throw new ArgumentError('monitor', this.name, `one of ${metrics.join(', ')}`)
  }
  say(line) {
    if (this.verbose) print(line)
  }
}
