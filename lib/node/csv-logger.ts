import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CSVLogger as RowLogger } from '../callbacks/csv-logger.ts'
import type { Logs, StateValue } from '../callbacks/index.ts'
import { boolean, knownOptions } from '../core/check.ts'
import { pathOf, writeFileAtomically } from './atomic-file.ts'

/** The options of CSVLogger. */
export interface CSVLoggerOptions {
  /** The path of the file. */
  readonly filename: string
  /** Default ','. */
  readonly separator?: string
  /** Whether to keep existing rows in the file. Default false. */
  readonly append?: boolean
}

/**
 * Writes a row for every epoch to a file: its number, loss and metrics. The file always ends with a complete row. With
 * BackupAndRestore, rows written after the last backup of a killed process are not duplicated.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/CSVLogger
 */
export class CSVLogger extends RowLogger {
  static override readonly name = 'CSVLogger'
  readonly #filename: string
  readonly #append: boolean
  #text = '' // the whole content of the file

  constructor(options: CSVLoggerOptions) {
    knownOptions('CSVLogger', options, ['filename', 'separator', 'append'])
    const { filename, separator = ',', append = false } = options
    const write = (row: string) => {
      this.#text += row
    }
    super({ write, separator })
    this.#filename = pathOf('filename', filename)
    this.#append = boolean('append', append)
  }

  async onTrainBegin(): Promise<void> {
    this.#text = ''
    if (this.#append)
      this.#text = await readFile(this.#filename, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return ''
        throw error
      })
    this.isHeaded = this.#text !== ''
  }

  override async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    await super.onEpochEnd(epoch, logs)
    await mkdir(dirname(this.#filename), { recursive: true })
    await writeFileAtomically(this.#filename, this.#text)
  }

  override getState(): StateValue {
    return { text: this.#text, rows: super.getState() }
  }

  override setState(state: StateValue): void {
    const { text, rows } = state as { readonly text: string; readonly rows: StateValue }
    this.#text = text
    this.isHeaded = text !== ''
    super.setState(rows)
  }
}
