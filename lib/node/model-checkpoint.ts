import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Callback, FitParams, Logs, StateValue, WatchedModel } from '../callbacks/index.ts'
import { Monitor, type MonitorOptions, monitorOptionNames } from '../callbacks/monitor.ts'
import { boolean, finite, knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Model, type Outputs } from '../models/model.ts'
import { pathOf } from './atomic-file.ts'
import { writerFor } from './checkpoint-files.ts'
import { fill, namesIn } from './file-template.ts'
import { frequency } from './options.ts'

/** The options of ModelCheckpoint. */
export interface ModelCheckpointOptions extends MonitorOptions {
  /**
   * The path; its extension determines the file format. It may contain fields: `{epoch:02d}`, counted from 1; `{batch}`, if
   * `saveFreq` is a number; and the loss and metrics: `weights.{epoch:02d}-{val_loss:.2f}.safetensors`. Missing folders are
   * created.
   */
  readonly filepath: string
  /** Whether to save only when the monitored value is better than ever before. Default false. */
  readonly saveBestOnly?: boolean
  /** Whether to save only the weights. Default false. */
  readonly saveWeightsOnly?: boolean
  /** When to save: at the end of every epoch, or every this many batches. Default 'epoch'. */
  readonly saveFreq?: 'epoch' | number
  /** With `saveBestOnly`: the value that the first save must beat. Default none. */
  readonly initialValueThreshold?: number | null
}

/**
 * Saves the model or its weights at regular intervals. Files are written atomically.
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/callbacks/ModelCheckpoint
 */
export class ModelCheckpoint implements Callback {
  static readonly name = 'ModelCheckpoint'
  /** Nothing: the logs stay as they are. */
  readonly adds: readonly string[] = []
  /** The best value so far, with `saveBestOnly`. */
  best: number
  readonly #filepath: string
  readonly #monitor: Monitor
  readonly #isBestOnly: boolean
  readonly #saveFreq: 'epoch' | number
  readonly #write: ReturnType<typeof writerFor>
  #model: Model<Outputs> | null = null
  #epoch = 0
  #batches = 0 // since the last save

  /** @throws ArgumentError for invalid options, an unknown extension, and an invalid template */
  constructor(options: ModelCheckpointOptions) {
    const own = ['filepath', 'saveBestOnly', 'saveWeightsOnly', 'saveFreq', 'initialValueThreshold']
    knownOptions('ModelCheckpoint', options, [...monitorOptionNames, ...own])
    this.#filepath = pathOf('filepath', options.filepath)
    this.#monitor = new Monitor(options, /acc|^fmeasure|auc$/)
    this.#isBestOnly = boolean('saveBestOnly', options.saveBestOnly ?? false)
    this.#saveFreq = frequency(options.saveFreq ?? 'epoch')
    this.#write = writerFor(this.#filepath, boolean('saveWeightsOnly', options.saveWeightsOnly ?? false))
    const { initialValueThreshold: threshold = null } = options
    this.best = threshold === null ? this.#monitor.worst : finite('initialValueThreshold', threshold)
    namesIn(this.#filepath)
  }

  /** @throws ArgumentError for names that will not be available when saving */
  setParams(params: FitParams): void {
    if (params.epochs === 0) return
    const ofEpoch = this.#saveFreq === 'epoch'
    const metrics = ofEpoch ? params.metrics : params.metrics.filter(name => !name.startsWith('val_'))
    if (this.#isBestOnly) this.#monitor.check({ ...params, metrics })
    const names = ['epoch', ...(ofEpoch ? [] : ['batch']), ...metrics]
    if (!params.mayAdd && !namesIn(this.#filepath).every(name => names.includes(name)))
      throw new ArgumentError('filepath', this.#filepath, `names among ${names.join(', ')}`)
  }

  setModel(model: WatchedModel): void {
    if (!(model instanceof Model)) throw new ArgumentError('model', model, 'a model')
    this.#model = model
  }

  onEpochBegin(epoch: number): void {
    this.#epoch = epoch
  }

  onTrainBatchEnd(batch: number, logs: Logs): Promise<void> | undefined {
    if (this.#saveFreq === 'epoch' || ++this.#batches < this.#saveFreq) return undefined
    this.#batches = 0
    return this.#save({ epoch: this.#epoch + 1, batch: batch + 1, ...logs }, logs)
  }

  onEpochEnd(epoch: number, logs: Logs): Promise<void> | undefined {
    return this.#saveFreq === 'epoch' ? this.#save({ epoch: epoch + 1, ...logs }, logs) : undefined
  }

  async #save(values: Readonly<Record<string, number>>, logs: Logs): Promise<void> {
    const path = fill(this.#filepath, values)
    if (this.#isBestOnly) {
      const value = this.#monitor.of(logs)
      if (value === null) return
      const { name } = this.#monitor
      const [before, now] = [this.best, value].map(best => fill('{best:.5f}', { best }))
      if (!this.#monitor.isBetter(value, this.best)) {
        this.#monitor.say(`Epoch ${values.epoch}: ${name} did not improve from ${before}`)
        return
      }
      this.best = value
      const change = `${name} improved from ${before} to ${now}`
      this.#monitor.say(`Epoch ${values.epoch}: ${change}, saving model to ${path}`)
    } else this.#monitor.say(`Epoch ${values.epoch}: saving model to ${path}`)
    await mkdir(dirname(path), { recursive: true })
    await this.#write(this.#model as Model<Outputs>, path)
  }

  getState(): StateValue {
    return { best: this.best, batches: this.#batches }
  }

  setState(state: StateValue): void {
    const { best, batches } = state as Record<'best' | 'batches', number>
    this.best = best
    this.#batches = batches
  }
}
