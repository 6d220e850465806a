import { mkdir, readFile, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Callback, Progress, TrainingState } from '../callbacks/index.ts'
import { boolean, knownOptions } from '../core/check.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { frequency, pathOf } from './options.ts'
import { decodeState, encodeState } from './state-file.ts'

/** The options of BackupAndRestore. */
export interface BackupAndRestoreOptions {
  /** A folder of this training alone; it is made where it isn't there. */
  readonly backupDir: string
  /** When the training is kept: at the end of every epoch, or after every so many batches. Default 'epoch'. */
  readonly saveFreq?: 'epoch' | number
  /** Whether the backup is removed when the training has ended. Default true. */
  readonly deleteCheckpoint?: boolean
}

/**
 * Keeps the training, so that it goes on where it was when its process ended: run the same program again. The end has
 * the same bits as that of a training that was never interrupted: weights, optimizer, history.
 *
 * What is kept: weights, the optimizer, the position of all random streams, what was measured, the history, and the
 * states of callbacks (`getState`). Data that a callback changes must follow from the number of the epoch in
 * `onEpochBegin`. The file is there whole or not at all.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/BackupAndRestore
 */
export class BackupAndRestore implements Callback {
  readonly #folder: string
  readonly #saveFreq: 'epoch' | number
  readonly #isDeleted: boolean
  #batches = 0 // since the last backup

  /** @throws ArgumentError for wrong options; `fit` throws it for the backup of another training */
  constructor(options: BackupAndRestoreOptions) {
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
    await rmdir(this.#folder).catch(() => {}) // it holds other files, or was never made
  }
}
