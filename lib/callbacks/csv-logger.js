import { boolean, knownOptions } from '../check.ts'
import { ArgumentError } from '../errors.ts'
/** Writes a line for every epoch: its number, and what was measured. */
export class CSVLogger {
  #write
  #separator
  #append
  #keys = null
  constructor(options) {
    knownOptions('CSVLogger', options, ['write', 'separator', 'append'])
    if (typeof options.write !== 'function')
      throw new ArgumentError('write', options.write, 'a function that takes text')
    this.#write = options.write
    this.#separator = options.separator ?? ','
    this.#append = boolean('append', options.append ?? false)
  }
  async onEpochEnd(epoch, logs) {
    if (!this.#keys) {
      this.#keys = Object.keys(logs).sort()
      if (!this.#append) await this.#writeRow(['epoch', ...this.#keys])
    }
    await this.#writeRow([epoch, ...this.#keys.map(key => (Object.hasOwn(logs, key) ? logs[key] : 'NA'))])
  }
  getState() {
    return this.#keys
  }
  setState(state) {
    this.#keys = state
  }
  async #writeRow(cells) {
    const quoted = cells.map(cell =>
      /["\n\r]/.test(`${cell}`) || `${cell}`.includes(this.#separator)
        ? `"${`${cell}`.replaceAll('"', '""')}"`
        : cell,
    )
    await this.#write(`${quoted.join(this.#separator)}\n`)
  }
}
