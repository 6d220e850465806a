import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Callback, Progress, TrainingState } from '../callbacks/index.ts'
import { boolean, knownOptions } from '../core/check.ts'
import { withResuming } from '../models/resume.ts'
import { pathOf, writeFileAtomically } from './atomic-file.ts'
import { frequency } from './options.ts'
import { decodeState, encodeState } from './state-file.ts'

/** The options of BackupAndRestore. */
export interface BackupAndRestoreOptions {
  /** A folder for this training only. It is created if it does not exist. */
  readonly backupDir: string
  /** When to back up: at the end of every epoch, or every this many batches. Default 'epoch'. */
  readonly saveFreq?: 'epoch' | number
  /** Whether to remove the backup when training ends. Default true. */
  readonly deleteCheckpoint?: boolean
}

/**
 * Backs up training, so that it can resume after the process has ended: run the same program again. The result is bitwise
 * identical to that of uninterrupted training: weights, optimizer and history.
 *
 * The backup holds the weights, the optimizer, the positions of all random streams, the measured loss and metrics, the
 * history, and the callbacks' states (`getState`). If a callback changes the data, it must do so in `onEpochBegin`,
 * depending only on the number of the epoch. The file is written atomically.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/BackupAndRestore
 */
export class BackupAndRestore implements Callback {
  static readonly name = 'BackupAndRestore'
  readonly #folder: string
  readonly #saveFreq: 'epoch' | number
  readonly #isDeleted: boolean
  #batches = 0 // since the last backup

  /** @throws ArgumentError for invalid options; `fit` throws it if the backup belongs to another training */
  constructor(options: BackupAndRestoreOptions) {
    withResuming(null)
    knownOptions('BackupAndRestore', options, ['backupDir', 'saveFreq', 'deleteCheckpoint'])
    this.#folder = pathOf('backupDir', options.backupDir)
    this.#saveFreq = frequency(options.saveFreq ?? 'epoch')
    this.#isDeleted = boolean('deleteCheckpoint', options.deleteCheckpoint ?? true)
  }

  get #path(): string {
    return join(this.#folder, 'training.safetensors')
  }

  async resumeFrom(): Promise<TrainingState | null> {
    this.#batches = 0
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null
      throw error
    })
    return bytes && decodeState(bytes, this.#path)
  }

  onProgress(progress: Progress): Promise<void> | undefined {
    if (this.#saveFreq === 'epoch') return progress.batch === 0 ? this.#save(progress) : undefined
    if (progress.batch === 0 || ++this.#batches < this.#saveFreq) return undefined
    this.#batches = 0
    return this.#save(progress)
  }

  async #save(progress: Progress): Promise<void> {
    const bytes = encodeState(progress.state())
    await mkdir(this.#folder, { recursive: true })
    await writeFileAtomically(this.#path, bytes)
  }

  async onTrainEnd(): Promise<void> {
    if (!this.#isDeleted) return
    await rm(this.#path, { force: true })
    await rmdir(this.#folder).catch(() => {}) // it holds other files, or was never created
  }
}
