import cliProgress from 'cli-progress'
import type { Callback, FitParams, Logs, Progress } from '../callbacks/index.ts'
import { knownOptions, oneOf } from '../core/check.ts'
import { finishedLine, runningLine } from '../models/progress.ts'
import { variable } from './settings.ts'

/** The output: a stream of Node. */
export interface Output {
  /** Whether it is a terminal, in which a line can be written again. */
  readonly isTTY?: boolean
  /** Writes text. */
  write(text: string): unknown
}

/** The options of ProgressBar. */
export interface ProgressBarOptions {
  /**
   * 0: nothing; 1: a moving bar if the output is a terminal, otherwise a line for each epoch; 2: a plain line for each
   * epoch. Default 'auto': the `verbose` option of `fit`.
   */
  readonly verbose?: 0 | 1 | 2 | 'auto'
  /** The output stream. Default: the standard output. */
  readonly stream?: Output
}

/** The bar of cli-progress, changed so that it does not keep the process alive if training fails. */
class Bar extends cliProgress.SingleBar {
  declare timer: NodeJS.Timeout | null // missing in the types of cli-progress

  override render(): void {
    super.render()
    this.timer?.unref()
  }
}

/**
 * Shows the progress of training, as Keras does: a bar, the remaining time, loss and metrics, and at the end of the epoch
 * the validation metrics. Prints plain lines if the output is not a terminal, `TERM=dumb`, or `CI` is set. With this
 * callback, `fit` prints nothing itself.
 *
 * ```
 * Epoch 3/30
 * 27/45 [=================>............] - ETA: 1s - loss: 0.4213 - accuracy: 0.8812
 * ```
 */
export class ProgressBar implements Callback {
  static readonly name = 'ProgressBar'
  readonly showsProgress = true
  readonly adds: readonly string[] = []
  readonly #stream: Output
  readonly #asked: 0 | 1 | 2 | 'auto'
  #verbose = 0
  #epochs = 0
  #steps = 0
  #started = 0 // when the epoch began
  #bar: Bar | null = null
  /** What the bar shows: the latest batch, or the line at the end of the epoch. */
  #shown: Progress | string | null = null

  constructor(options: ProgressBarOptions = {}) {
    knownOptions('ProgressBar', options, ['verbose', 'stream'])
    this.#asked = oneOf('verbose', options.verbose ?? 'auto', [0, 1, 2, 'auto'])
    this.#stream = options.stream ?? process.stdout
  }

  setParams({ epochs, steps, verbose }: FitParams): void {
    this.#epochs = epochs
    this.#steps = steps
    this.#verbose = this.#asked === 'auto' ? verbose : this.#asked
  }

  /** Whether the output can rewrite a line. */
  get #moves(): boolean {
    const [CI, TERM] = ['CI', 'TERM'].map(variable)
    return this.#verbose === 1 && this.#stream.isTTY === true && TERM !== 'dumb' && (!CI || CI === 'false')
  }

  onTrainBegin(): void {
    this.#stop()
  }

  onEpochBegin(epoch: number): void {
    if (this.#verbose === 0) return
    if (this.#epochs > 1) this.#stream.write(`Epoch ${epoch + 1}/${this.#epochs}\n`)
    this.#started = Date.now()
    this.#shown = null
    if (!this.#moves) return
    this.#bar = new Bar({
      stream: this.#stream as NodeJS.WriteStream,
      format: (_options, { eta }) => this.#line(Number(eta)),
      fps: 5,
      linewrap: true,
      gracefulExit: false,
    })
    this.#bar.start(this.#steps, 0)
  }

  /** @param eta the remaining seconds; NaN: not known yet */
  #line(eta: number): string {
    const shown = this.#shown
    if (shown === null) return '' // nothing is drawn before the first batch
    if (typeof shown === 'string') return shown
    return runningLine(shown.batch, this.#steps, 1000 * (eta || 0), shown.logs())
  }

  onProgress(progress: Progress): void {
    if (!this.#bar) return
    this.#shown = progress
    this.#bar.update(progress.batch)
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    if (this.#verbose === 0) return
    const line = finishedLine(this.#verbose === 1, this.#steps, Date.now() - this.#started, logs)
    this.#shown = line
    if (this.#bar) this.#stop()
    else this.#stream.write(`${line}\n`)
  }

  onTrainError(): void {
    this.#stop()
  }

  /** Draws the bar once more, and ends its line. */
  #stop(): void {
    this.#bar?.stop()
    this.#bar = null
  }
}
