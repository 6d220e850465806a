import { boolean, integer, knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Callback, checkLogs, type FitParams, type Logs } from './callback.ts'
import { type StateValue, textOf } from './training-state.ts'

/** The options of CSVLogger. */
export interface CSVLoggerOptions {
  /** Receives the text, one line at a time. The CSVLogger of `unshared/node` writes to a file instead. */
  readonly write: (text: string) => void | Promise<void>
  /** Default ','. */
  readonly separator?: string
  /** Whether to omit the header, because the output already has one. Default false. */
  readonly append?: boolean
}

/** @throws ArgumentError unless it is text */
function separatorOf(given: unknown = ','): string {
  if (typeof given === 'string' && given !== '') return given
  throw new ArgumentError('separator', given, 'a non-empty string')
}

/**
 * Writes a line for every epoch: its number, loss and metrics. The columns are those of the first epoch, and those of the
 * validation; `NA` marks a value that an epoch does not have.
 */
export class CSVLogger implements Callback {
  static readonly name = 'CSVLogger'
  /** Nothing: the logs stay as they are. */
  readonly adds: readonly string[] = []
  readonly #write: CSVLoggerOptions['write']
  readonly #separator: string
  /** Whether the output has a header. */
  protected isHeaded: boolean
  #measured: readonly string[] = []
  #keys: string[] | null = null

  constructor(options: CSVLoggerOptions) {
    knownOptions('CSVLogger', options, ['write', 'separator', 'append'])
    if (typeof options.write !== 'function')
      throw new ArgumentError('write', options.write, 'a function that takes text')
    this.#write = options.write
    this.#separator = separatorOf(options.separator)
    this.isHeaded = boolean('append', options.append ?? false)
  }

  setParams({ metrics }: FitParams): void {
    this.#measured = metrics
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    integer('epoch', epoch, 0)
    checkLogs(logs)
    const found = Object.keys(logs).sort()
    const validated = this.#measured.filter(name => name.startsWith('val_') && !found.includes(name))
    this.#keys ??= [...found, ...validated.sort()]
    if (!this.isHeaded) await this.#writeRow(['epoch', ...this.#keys])
    this.isHeaded = true
    await this.#writeRow([epoch, ...this.#keys.map(key => (Object.hasOwn(logs, key) ? textOf(logs[key]) : 'NA'))])
  }

  getState(): StateValue {
    return this.#keys
  }

  setState(state: StateValue): void {
    this.#keys = state as string[] | null
  }

  async #writeRow(cells: readonly (string | number)[]): Promise<void> {
    const quoted = cells.map(cell =>
      /["\n\r]/.test(`${cell}`) || `${cell}`.includes(this.#separator) ? `"${`${cell}`.replaceAll('"', '""')}"` : cell,
    )
    await this.#write(`${quoted.join(this.#separator)}\n`)
  }
}
