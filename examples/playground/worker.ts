// The worker: it has the nets and trains them at full speed. The page asks by name and gets an answer; while training
// runs, it also gets news, a few times a second.

import { checkGradients } from 'unshared'
import { type Contributions, contributions } from './contributions.ts'
import { type DataSet, type Pictures, readDigits, shiftAll } from './digits.ts'
import { readForms } from './digits-1989.ts'
import { compareNeighbours } from './neighbours.ts'
import { createNet, firstWeights, netNames, type PerNet, perNet } from './nets.ts'
import { train1989 } from './nets-1989.ts'
import { placeRules, placeTask } from './place-rules.ts'
import { type Measure, measure, Race, type RaceSettings, readPicture } from './race.ts'
import { share, tie, untie } from './sharing.ts'

/** What the page knows of the training. */
export interface Status {
  readonly playing: boolean
  readonly epoch: number
  readonly step: number
  readonly steps: number
  readonly engine: string
  readonly latest: Race['latest']
  /** Accuracy on the test digits as the nets are now. */
  readonly scores: PerNet<number>
  /** The measures from this epoch on are news. */
  readonly from: number
  readonly measures: readonly PerNet<Measure>[]
  /** Seconds of training since setup. */
  readonly seconds: number
}

const slice = 25 // ms of training before messages are read
const newsEvery = 100 // ms

let data: DataSet
let forms: Pictures[]
let race: Race
let playing = false
let lastEpoch = Infinity
let told = 0
let toldAt = 0
let seconds = 0
let kept: Float32Array[] | null = null
/** Measured since weights were shared or put back; while it is null, the last epoch's counts. */
let scores: PerNet<number> | null = null

const scope = globalThis as unknown as {
  onmessage: (event: { data: { id: number; call: keyof Calls; args: never[] } }) => void
  postMessage(message: unknown): void
}

function status(): Status {
  const { epoch, step, steps, latest, history, nets } = race
  const news = { from: told, measures: history.slice(history.length - (epoch + 1 - told)) }
  told = epoch + 1
  race.forget()
  toldAt = performance.now()
  const last = history[history.length - 1]
  const current = scores ?? perNet(name => last[name].testAccuracy)
  return { playing, epoch, step, steps, latest, scores: current, engine: nets.local.engine.name, seconds, ...news }
}

// A message to oneself comes after the messages that wait, and without the 4 ms of a timer.
const turn = new MessageChannel()
turn.port1.onmessage = () => {
  if (!playing) return
  const start = performance.now()
  while (performance.now() - start < slice && race.epoch < lastEpoch) trainBatch()
  seconds += (performance.now() - start) / 1000
  if (race.epoch >= lastEpoch) playing = false
  if (!playing || performance.now() - toldAt > newsEvery) scope.postMessage({ news: status() })
  if (playing) turn.port2.postMessage(null)
}

const accuracies = () => perNet(name => measure(race.nets[name], data.test).accuracy)

/** After a change of weights that was no training. */
function measureAnew(): PerNet<number> {
  scores = accuracies()
  scope.postMessage({ news: status() })
  return scores
}

/** Trains a batch; from the next test on, the epoch's measure counts again. */
function trainBatch(): void {
  race.trainBatch()
  if (race.step === 0) scores = null
}

/** The largest difference between the outputs of the local net and the convolution, over all test digits. */
function difference(): number {
  let largest = 0
  for (let i = 0; i < data.test.labels.length; i++) {
    const { local, conv } = readPicture(race.nets, data.test.images.slice(i * 64, i * 64 + 64))
    local.forEach((p, digit) => {
      largest = Math.max(largest, Math.abs(p - conv[digit]))
    })
  }
  return largest
}

function keep(): void {
  kept = netNames.flatMap(name => race.nets[name].getWeights().map(tensor => tensor.data))
}

const calls = {
  load(csv: string): void {
    data = readDigits(csv)
    forms = readForms(csv)
  },
  setup(settings: RaceSettings): Status {
    race = new Race(settings, data)
    ;[playing, told, seconds, kept, scores] = [false, 0, 0, null, null]
    return status()
  },
  /** Trains until the epoch with this number is done. */
  play(until: number): Status {
    lastEpoch = until
    if (!playing && race.epoch < lastEpoch) {
      playing = true
      turn.port2.postMessage(null)
    }
    return status()
  },
  pause(): Status {
    playing = false
    return status()
  },
  step(): Status {
    playing = false
    trainBatch()
    return status()
  },
  digit(index: number): { pixels: number[]; label: number } {
    const i = index % data.test.labels.length
    return { pixels: [...data.test.images.subarray(i * 64, i * 64 + 64)], label: data.test.labels[i] }
  },
  /** One filter's kernels: for each place, the weights of its window. */
  kernels(filter: number): PerNet<number[][]> {
    return perNet(name => kernelsOf(name, filter))
  },
  /** How different, and how alike, the local net's kernels of neighbouring places are. */
  neighbours: () => compareNeighbours(firstWeights(race.nets.local).kernel),
  /** Accuracy on test digits that are moved by −2 … 2 pixels, down and right: [dy + 2][dx + 2]. */
  shifted(): PerNet<number[][]> {
    const moves = [-2, -1, 0, 1, 2]
    const tests = moves.map(dy => moves.map(dx => shiftAll(data.test, dx, dy)))
    return perNet(name => tests.map(row => row.map(test => measure(race.nets[name], test).accuracy)))
  },
  /** The local net gets the mean kernel everywhere, or the convolution's. `difference` is that of their outputs. */
  share(how: 'share' | 'untie') {
    const before = accuracies()
    if (!kept) keep()
    if (how === 'untie') untie(race.nets.local, race.nets.conv)
    else share(race.nets.local)
    const after = measureAnew()
    if (how === 'untie') return { before, after, difference: difference() }
    const conv = race.nets.conv.getWeights()
    tie(race.nets.conv, race.nets.local)
    const result = { before, after, difference: difference() }
    race.nets.conv.setWeights(conv)
    return result
  },
  /** Puts back the weights from before the first `share`. */
  undo(): PerNet<number> {
    if (kept) {
      const parameters = netNames.flatMap(name => race.nets[name].parameters)
      for (const [i, values] of kept.entries()) parameters[i].value.set(values)
    }
    kept = null
    return measureAnew()
  },
  read: (pixels: number[]) => readPicture(race.nets, Float32Array.from(pixels)),
  /** What the nets say of a picture, and which of its pixels spoke for it. */
  explain(image: number[]): PerNet<Contributions & { probabilities: number[]; digit: number }> {
    const read = readPicture(race.nets, Float32Array.from(image))
    return perNet(name => {
      const probabilities = read[name]
      const digit = probabilities.indexOf(Math.max(...probabilities))
      return { probabilities, digit, ...contributions(race.nets[name], name, image, digit) }
    })
  },
  check() {
    const net = createNet('local', race.settings.seed)
    const { passed, checks } = checkGradients(net, { seed: race.settings.seed, batchSize: 4 })
    return { passed, checks: checks.map(check => ({ ...check })) }
  },
  places(seed: number) {
    const rules = placeRules(seed)
    const settings = { seed, optimizer: 'adam', rate: 0.01, batch: 32, train: 4000, shifts: false } as const
    const own = new Race(settings, rules, placeTask)
    for (let epoch = 0; epoch < 30; epoch++) own.trainEpoch()
    const { kernel } = firstWeights(own.nets.local)
    return { history: own.history, rule: [...rules.rule], kernel: [...kernel] }
  },
  net1989: (index: number, seed: number): number => train1989(index, seed, forms),
}
export type Calls = typeof calls

scope.onmessage = async ({ data: { id, call, args } }) => {
  try {
    const run = calls[call] as (...args: never[]) => unknown
    scope.postMessage({ id, result: await run(...args) })
  } catch (error) {
    scope.postMessage({ id, error: String(error) })
  }
}

function kernelsOf(name: keyof PerNet<unknown>, filter: number): number[][] {
  const { kernel } = firstWeights(race.nets[name])
  const [rows, window, filters] = { dense: [1, 64, 288], local: [36, 9, 8], conv: [1, 9, 8] }[name]
  const kernelAt = (row: number, f: number) =>
    Array.from({ length: window }, (_, k) => kernel[(row * window + k) * filters + f])
  if (name === 'dense') return Array.from({ length: 36 }, (_, place) => kernelAt(0, place * 8 + filter))
  return Array.from({ length: rows }, (_, row) => kernelAt(row, filter))
}
