// Three nets learn the same pictures in the same order. This runs in the page's worker and in Node alike: the same
// settings give the same numbers to the last bit.

import { type Sequential, stream, Tensor } from 'unshared'
import { copyShifted, type DataSet, type Pictures, shuffled } from './digits.ts'
import { addMeasured, type Measured } from './measured.ts'
import { type NetState, restore, stateOf } from './net-state.ts'
import {
  createNet,
  createOptimizer,
  digitsTask,
  netNames,
  type OptimizerName,
  type PerNet,
  perNet,
  type Task,
} from './nets.ts'

export interface RaceSettings {
  readonly seed: number
  readonly optimizer: OptimizerName
  readonly rate: number
  readonly batch: number
  /** How many training pictures. */
  readonly train: number
  /** Whether training moves every picture by up to two pixels, anew in every epoch. */
  readonly shifts: boolean
}

/** What was measured after an epoch. */
export interface Measure {
  /** Means over the epoch's batches; NaN before the first. */
  readonly loss: number
  readonly accuracy: number
  readonly testLoss: number
  readonly testAccuracy: number
}

/** A mean over pictures. */
export interface Score {
  readonly loss: number
  readonly accuracy: number
}

/** A race as it is at one moment. Nothing in it changes any more. */
export interface RaceState {
  readonly epoch: number
  readonly step: number
  readonly sums: PerNet<Score>
  readonly rows: number
  readonly history: readonly Measured[]
  readonly nets: PerNet<NetState>
}

const nothing: PerNet<Score> = perNet(() => ({ loss: 0, accuracy: 0 }))

export class Race {
  readonly settings: RaceSettings
  readonly data: DataSet
  readonly task: Task
  readonly nets: PerNet<Sequential>
  /** Batches in an epoch. */
  readonly steps: number
  /** Epochs done. */
  epoch = 0
  /** Batches done in this epoch. */
  step = 0
  /** What was measured: of the untrained nets, and after every epoch, of which the older half is thinned out. */
  history: readonly Measured[] = []

  readonly #count: number
  #order: { readonly epoch: number; readonly rows: Int32Array } | null = null
  /** Loss and right answers over the pictures of this epoch, or after its last batch, of the one that is done. */
  #sums = nothing
  #rows = 0
  #scores: PerNet<Score> | null = null

  constructor(settings: RaceSettings, data: DataSet, task: Task = digitsTask) {
    this.settings = settings
    this.data = data
    this.task = task
    this.#count = Math.min(settings.train, data.train.labels.length)
    this.steps = Math.ceil(this.#count / settings.batch)
    this.nets = perNet(name => {
      const net = createNet(name, settings.seed, task)
      const optimizer = createOptimizer(settings.optimizer, settings.rate)
      // Now rather than at the first step, so that a state can be restored before one.
      optimizer.build(net.trainableParameters, net.engine)
      net.compile({ optimizer, loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
      return net
    })
    this.#measure()
  }

  /** On the test pictures, of the nets as they are now. */
  get scores(): PerNet<Score> {
    this.#scores ??= perNet(name => measure(this.nets[name], this.data.test, this.task.side))
    return this.#scores
  }

  /** Means over the batches of this epoch, or after its last one, of the epoch that is done; null before the first batch. */
  get latest(): PerNet<Score> | null {
    if (this.#rows === 0) return null
    const share = (sum: number) => sum / this.#rows
    return perNet(name => ({ loss: share(this.#sums[name].loss), accuracy: share(this.#sums[name].accuracy) }))
  }

  /** One batch for all nets; after the last batch of an epoch, the test. */
  trainBatch(): void {
    const [x, y] = this.#batch()
    if (this.step === 0) [this.#sums, this.#rows] = [nothing, 0]
    const before = this.#sums
    const rows = y.size
    this.#sums = perNet(name => {
      const { loss, accuracy } = this.nets[name].trainOnBatch(x, y) as unknown as Score
      return { loss: before[name].loss + rows * loss, accuracy: before[name].accuracy + rows * accuracy }
    })
    this.#rows += rows
    this.weightsChanged()
    if (++this.step < this.steps) return
    this.step = 0
    this.epoch++
    this.#measure()
  }

  trainEpoch(): void {
    do this.trainBatch()
    while (this.step > 0)
  }

  /** To be called when weights were changed otherwise than by training. */
  weightsChanged(): void {
    this.#scores = null
  }

  state(): RaceState {
    const { epoch, step, history } = this
    return { epoch, step, history, sums: this.#sums, rows: this.#rows, nets: perNet(name => stateOf(this.nets[name])) }
  }

  /** Goes on from there, to the last bit. @param state of a race of the same settings, data and task */
  restore(state: RaceState): void {
    ;({ epoch: this.epoch, step: this.step, history: this.history, sums: this.#sums, rows: this.#rows } = state)
    for (const name of netNames) restore(this.nets[name], state.nets[name])
    this.weightsChanged()
  }

  #measure(): void {
    const { latest, scores } = this
    const measured = perNet(name => ({
      loss: latest?.[name].loss ?? Number.NaN,
      accuracy: latest?.[name].accuracy ?? Number.NaN,
      testLoss: scores[name].loss,
      testAccuracy: scores[name].accuracy,
    }))
    this.history = addMeasured(this.history, [{ epoch: this.epoch, nets: measured }])
  }

  /** The pictures' order is of the seed and the epoch, and so is how they are moved. */
  #batch(): [Tensor, Tensor] {
    const { seed, batch, shifts } = this.settings
    if (this.#order?.epoch !== this.epoch)
      this.#order = { epoch: this.epoch, rows: shuffled(this.#count, `${seed}/order/${this.epoch}`) }
    const { side } = this.task
    const { images, labels, size } = this.data.train
    const from = this.step * batch
    const rows = this.#order.rows.subarray(from, from + batch)
    const x = Tensor.zeros([rows.length, side, side, 1])
    const random = stream(seed, 'shift', this.epoch, this.step)
    const shift = () => (shifts ? Math.floor(random() * 5) - 2 : 0)
    rows.forEach((row, i) => {
      copyShifted(x.data, i * size, images, row * size, shift(), shift(), side)
    })
    return [x, Tensor.from(Float32Array.from(rows, row => labels[row]))]
  }
}

const tensorOf = ({ images, labels }: Pictures, side: number) => new Tensor([labels.length, side, side, 1], images)

/** Loss and accuracy on these pictures. The weights stay. */
export function measure(net: Sequential, pictures: Pictures, side = 8): Score {
  return net.testOnBatch(tensorOf(pictures, side), Tensor.from(pictures.labels)) as unknown as Score
}

/** What the nets say of one picture: a probability for each class. */
export function readPicture(nets: PerNet<Sequential>, image: Float32Array, side = 8): PerNet<number[]> {
  const x = new Tensor([1, side, side, 1], image)
  return perNet(name => Array.from(nets[name].predictOnBatch(x).data))
}
