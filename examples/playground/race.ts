// Three nets learn the same pictures in the same order. This runs in the page's worker and in Node alike: the same
// settings give the same numbers to the last bit.

import { type Sequential, stream, Tensor } from 'unshared'
import { copyShifted, type DataSet, type Pictures, shuffled } from './digits.ts'
import {
  createNet,
  createOptimizer,
  digitsTask,
  type NetName,
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

export class Race {
  readonly settings: RaceSettings
  readonly nets: PerNet<Sequential>
  /** Batches in an epoch. */
  readonly steps: number
  /** Of the untrained nets, and then of every epoch, but for what was forgotten. */
  readonly history: PerNet<Measure>[] = []
  /** Epochs done. */
  epoch = 0
  /** Batches done in this epoch. */
  step = 0
  /** The means over them. */
  latest: PerNet<{ loss: number; accuracy: number }> | null = null

  readonly #data: DataSet
  readonly #task: Task
  readonly #count: number
  #order: Int32Array = new Int32Array(0)

  constructor(settings: RaceSettings, data: DataSet, task: Task = digitsTask) {
    this.settings = settings
    this.#data = data
    this.#task = task
    this.#count = Math.min(settings.train, data.train.labels.length)
    this.steps = Math.ceil(this.#count / settings.batch)
    this.nets = perNet(name => {
      const net = createNet(name, settings.seed, task)
      const optimizer = createOptimizer(settings.optimizer, settings.rate)
      net.compile({ optimizer, loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
      return net
    })
    this.#measure(() => ({ loss: Number.NaN, accuracy: Number.NaN }))
  }

  /** One batch for all nets; after the last batch of an epoch, the test. */
  trainBatch(): void {
    if (this.step === 0) this.#order = shuffled(this.#count, `${this.settings.seed}/order/${this.epoch}`)
    const [x, y] = this.#batch()
    const resetMetrics = this.step === 0
    const latest = perNet(name => this.nets[name].trainOnBatch(x, y, { resetMetrics }))
    this.latest = latest as PerNet<{ loss: number; accuracy: number }>
    if (++this.step < this.steps) return
    this.step = 0
    this.epoch++
    this.#measure(name => latest[name] as { loss: number; accuracy: number })
  }

  trainEpoch(): void {
    do this.trainBatch()
    while (this.step > 0)
  }

  /** Keeps of the history the newest measure alone, so that a training without end needs no more memory. */
  forget(): void {
    this.history.splice(0, this.history.length - 1)
  }

  #measure(training: (name: NetName) => { loss: number; accuracy: number }): void {
    this.history.push(
      perNet(name => {
        const { loss, accuracy } = measure(this.nets[name], this.#data.test, this.#task.side)
        return { ...training(name), testLoss: loss, testAccuracy: accuracy }
      }),
    )
  }

  #batch(): [Tensor, Tensor] {
    const { side } = this.#task
    const { images, labels, size } = this.#data.train
    const from = this.step * this.settings.batch
    const rows = this.#order.subarray(from, from + this.settings.batch)
    const x = Tensor.zeros([rows.length, side, side, 1])
    const random = stream(this.settings.seed, 'shift', this.epoch, this.step)
    const shift = () => (this.settings.shifts ? Math.floor(random() * 5) - 2 : 0)
    rows.forEach((row, i) => {
      copyShifted(x.data, i * size, images, row * size, shift(), shift(), side)
    })
    return [x, Tensor.from(Float32Array.from(rows, row => labels[row]))]
  }
}

const tensorOf = ({ images, labels }: Pictures, side: number) => new Tensor([labels.length, side, side, 1], images)

/** Loss and accuracy on these pictures. The weights stay. */
export function measure(net: Sequential, pictures: Pictures, side = 8): { loss: number; accuracy: number } {
  const logs = net.testOnBatch(tensorOf(pictures, side), Tensor.from(pictures.labels))
  return logs as { loss: number; accuracy: number }
}

/** What the nets say of one picture: a probability for each class. */
export function readPicture(nets: PerNet<Sequential>, image: Float32Array, side = 8): PerNet<number[]> {
  const x = new Tensor([1, side, side, 1], image)
  return perNet(name => Array.from(nets[name].predictOnBatch(x).data))
}
