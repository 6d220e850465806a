import cliProgress from 'cli-progress'
import type { Callback, FitParams, Logs, Progress } from '../callbacks/index.ts'
import { knownOptions, oneOf } from '../core/check.ts'
import { epochLine, progressLine, runningLine } from '../models/progress.ts'

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

/** The shortest time between two updates of the bar, in milliseconds. */
const interval = 200

interface Payload {
  readonly line: string
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
  #isMoving = false
  #bar: Bar | null = null
  #started = 0 // when the epoch began
  #first = { batch: 0, time: 0 } // the start of the speed measurement
  #drawn = 0
  #looked = 0 // when the clock was last read, which takes time too
  #stride = 1 // the number of batches between two readings of the clock
  #countdown = 1

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
    const { CI, TERM } = process.env
    return this.#verbose === 1 && this.#stream.isTTY === true && TERM !== 'dumb' && (!CI || CI === 'false')
  }

  onTrainBegin(): void {
    this.#stop()
  }

  onEpochBegin(epoch: number): void {
    if (this.#verbose === 0) return
    if (this.#epochs > 1) this.#stream.write(`Epoch ${epoch + 1}/${this.#epochs}\n`)
    this.#started = Date.now()
    this.#drawn = this.#started
    this.#looked = this.#started
    this.#stride = 1
    this.#countdown = 1
    this.#first = { batch: 0, time: 0 }
    this.#isMoving = this.#moves
  }

  /** Runs after every batch; usually, it only counts. */
  onProgress(progress: Progress): void {
    if (!this.#isMoving || --this.#countdown > 0) return
    const time = Date.now()
    this.#stride = time - this.#looked < interval / 10 ? 2 * this.#stride : Math.ceil(this.#stride / 4)
    this.#countdown = this.#stride
    this.#looked = time
    if (time - this.#drawn < interval) return
    this.#drawn = time
    const { batch } = progress
    if (this.#first.batch === 0) this.#first = { batch, time }
    const { batch: batches, time: since } = this.#first
    const perBatch = batch === batches ? (time - this.#started) / batch : (time - since) / (batch - batches)
    const line = runningLine(batch, this.#steps, perBatch * (this.#steps - batch), progress.logs())
    this.#draw(batch, line)
  }

  /** Updates the bar, or creates it on the first call. Short epochs never get one, only their last line. */
  #draw(batch: number, line: string): void {
    const payload: Payload = { line }
    if (this.#bar) {
      this.#bar.update(batch, payload)
      return
    }
    this.#bar = new Bar({
      stream: this.#stream as NodeJS.WriteStream,
      format: (_options, _params, { line }: Payload) => line,
      fps: 1000 / interval,
      linewrap: true,
      gracefulExit: false,
    })
    this.#bar.start(this.#steps, batch, payload)
  }

  onEpochEnd(_epoch: number, logs: Logs): void {
    this.#isMoving = false
    if (this.#verbose === 0) return
    const time = Date.now() - this.#started
    const line = (this.#verbose === 1 ? progressLine : epochLine)(this.#steps, time, logs)
    this.#bar?.update(this.#steps, { line } satisfies Payload)
    if (this.#bar) this.#stop()
    else this.#stream.write(`${line}\n`)
  }

  onTrainError(): void {
    this.#stop()
  }

  /** Stops the bar and ends its line. */
  #stop(): void {
    this.#isMoving = false
    this.#bar?.stop()
    this.#bar = null
  }
}
