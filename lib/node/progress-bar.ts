import cliProgress from 'cli-progress'
import type { Callback, FitParams, Logs, Progress } from '../callbacks/index.ts'
import { knownOptions, oneOf } from '../core/check.ts'
import { epochLine, progressLine, runningLine } from '../models/progress.ts'

/** Where lines go: a stream of Node's. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** The options of ProgressBar. */
export interface ProgressBarOptions {
  /**
   * 0: nothing; 1: a bar that moves, where the output is a terminal, else a line for each epoch; 2: a plain line for
   * each epoch. Default 'auto': what `fit` was given.
   */
  readonly verbose?: 0 | 1 | 2 | 'auto'
  /** Where to. Default: the standard output. */
  readonly stream?: Output
}

/** How often the bar moves at most, in milliseconds. */
const interval = 200

interface Payload {
  readonly line: string
}

/** The bar of the library, without keeping the process alive when a training fails. */
class Bar extends cliProgress.SingleBar {
  declare timer: NodeJS.Timeout | null // which the library's types leave out

  override render(): void {
    super.render()
    this.timer?.unref()
  }
}

/**
 * Shows how far the training is, as Keras does: a bar, the time that is left, loss and metrics, and when the epoch has
 * ended those of validation. Plain lines where nothing can move: no terminal, `TERM=dumb`, or `CI` is set. `fit`
 * prints nothing by itself then.
 *
 * ```
 * Epoch 3/30
 * 27/45 [=================>............] - ETA: 1s - loss: 0.4213 - accuracy: 0.8812
 * ```
 */
export class ProgressBar implements Callback {
  readonly showsProgress = true
  readonly #stream: Output
  readonly #asked: 0 | 1 | 2 | 'auto'
  #verbose = 0
  #epochs = 0
  #steps = 0
  #isMoving = false
  #bar: Bar | null = null
  #started = 0 // when the epoch began
  #first = { batch: 0, time: 0 } // from where speed is measured
  #drawn = 0
  #looked = 0 // at the clock, which takes its time too
  #stride = 1 // so many batches from one look to the next
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

  /** Whether a line can be written anew. */
  get #moves(): boolean {
    const { CI, TERM } = process.env
    return this.#verbose === 1 && this.#stream.isTTY === true && TERM !== 'dumb' && (!CI || CI === 'false')
  }

  onTrainBegin(): void {
    this.#stop()
  }

  onEpochBegin(epoch: number): void {
    if (this.#verbose === 0) return
    this.#stream.write(`Epoch ${epoch + 1}/${this.#epochs}\n`)
    this.#started = Date.now()
    this.#drawn = this.#started
    this.#looked = this.#started
    this.#stride = 1
    this.#countdown = 1
    this.#first = { batch: 0, time: 0 }
    this.#isMoving = this.#moves
  }

  /** This runs after every batch; most of the time it only counts. */
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

  /** An epoch that is over soon has its last line only. */
  #draw(batch: number, line: string): void {
    const payload: Payload = { line }
    if (this.#bar) {
      this.#bar.update(batch, payload)
      return
    }
    this.#bar = new Bar({
      stream: this.#stream as NodeJS.WriteStream,
      format: (_options, _params, { line }: Payload) => line,
      ...{ fps: 1000 / interval, linewrap: true, gracefulExit: false },
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

  /** Ends the line. */
  #stop(): void {
    this.#isMoving = false
    this.#bar?.stop()
    this.#bar = null
  }
}
