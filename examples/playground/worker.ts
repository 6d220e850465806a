// The worker: it has the nets and trains them at full speed. The page asks by name and gets an answer; while training or
// a long run goes on, it also gets news, a few times a second. A second worker of the same script does the long runs, so
// that they never hold up the nets of the page.

import 'unshared/simd'
import { checkGradients, type Sequential, stream, Tensor } from 'unshared'
import { gradientOf, libraryGradient, type Pass, passOf } from './arithmetic.ts'
import { type Design, taskOf } from './builder/design.ts'
import { type Contributions, contributions } from './contributions.ts'
import { type DataSet, readDigits, shiftAll } from './digits.ts'
import { readForms } from './digits-1989.ts'
import { type Action, Experiment } from './experiment.ts'
import { type Given, kinds, type RunArgs, type RunName } from './long-runs.ts'
import type { Measured } from './measured.ts'
import { nameActivations } from './names.ts'
import { compareNeighbours } from './neighbours.ts'
import { digitsTask, firstWeights, type NetName, type PerNet, perNet, type Task } from './nets.ts'
import { type NamedFile, safetensorsFile, tfjsFiles, weightsIn } from './own/net-files.ts'
import { dataSetOf, type OwnData } from './own/own-data.ts'
import { measure, type RaceSettings, type RaceState, readPicture, type Score } from './race.ts'
import { Runs } from './runs.ts'
import { share, tie, untie } from './sharing.ts'
import { indexOf, type Unit, type WeightAt } from './wiring.ts'

/** Which nets something is of: of these epochs and batches; of another version, the weights are others. */
export interface At {
  readonly epoch: number
  readonly step: number
  readonly version: number
}

/** What the page knows of the training. */
export interface Status extends At {
  readonly playing: boolean
  readonly settings: RaceSettings
  /** How the nets are built, and which of the reader's own pictures they learn; null: as those of the page, and its digits. */
  readonly design: Design | null
  readonly own: number | null
  readonly steps: number
  readonly engine: string
  readonly latest: PerNet<Score> | null
  /** Of the nets as they are now, on the test digits. */
  readonly scores: PerNet<Score>
  /** What was measured since the last status; with `anew`, all that is kept. */
  readonly measures: readonly Measured[]
  readonly anew: boolean
  readonly undoes: Action | null
  readonly redoes: Action | null
  /** Epochs a second of this training, 0 while unknown. */
  readonly rate: number
}

/** A design of nets and what they learn: the reader's own pictures, which have a number, or the digits. */
export interface Made {
  readonly design: Design
  readonly own: { readonly id: number; readonly data: OwnData } | null
}

const slice = 25 // ms of training before messages are read
const newsEvery = 100 // ms

nameActivations()

let given: Given
let experiment: Experiment
let playing = false
let lastEpoch = Infinity
/** The newest measure that the page knows, and whether it was told of this training at all. */
let told: Measured | null = null
let toldAt = 0
let spent = { epochs: 0, seconds: 0 }

const scope = globalThis as unknown as {
  onmessage: (event: { data: { id: number; call: keyof Calls; args: never[] } }) => void
  postMessage(message: unknown): void
}
const runs = new Runs(news => scope.postMessage({ run: news }))

const at = (): At => ({ epoch: experiment.race.epoch, step: experiment.race.step, version: experiment.version })

function status(): Status {
  const { race, undoes, redoes } = experiment
  const { settings, steps, latest, scores, history, nets, task } = race
  const from = told ? history.indexOf(told) : -1
  told = history[history.length - 1]
  toldAt = performance.now()
  return {
    ...at(),
    ...{ playing, settings, steps, latest, scores, undoes, redoes },
    design: task.design ?? null,
    own: task.own ?? null,
    engine: nets.local.engine.name,
    measures: history.slice(from + 1),
    anew: from < 0,
    rate: spent.epochs > 0 ? spent.epochs / spent.seconds : 0,
  }
}

// A message to oneself comes after the messages that wait, and without the 4 ms of a timer.
const turn = new MessageChannel()
turn.port1.onmessage = () => {
  if (!playing) return
  const start = performance.now()
  const { epoch } = experiment.race
  while (performance.now() - start < slice && experiment.race.epoch < lastEpoch) experiment.trainBatch()
  spent = {
    epochs: spent.epochs + experiment.race.epoch - epoch,
    seconds: spent.seconds + (performance.now() - start) / 1000,
  }
  if (experiment.race.epoch >= lastEpoch) playing = false
  if (!playing || performance.now() - toldAt > newsEvery) scope.postMessage({ news: status() })
  if (playing) turn.port2.postMessage(null)
}

/** After a change of all that is shown. */
function anew(): Status {
  playing = false
  told = null
  return status()
}

/** The largest difference between the outputs of the local net and the convolution, over all test digits. */
function difference(): number {
  const { test } = given.data
  let largest = 0
  for (let i = 0; i < test.labels.length; i++) {
    const { local, conv } = readPicture(experiment.race.nets, test.images.slice(i * 64, i * 64 + 64))
    local.forEach((p, digit) => {
      largest = Math.max(largest, Math.abs(p - conv[digit]))
    })
  }
  return largest
}

/** The data and the nets of a design. @throws Error for pictures that cannot be learned */
function materialOf({ design, own }: Made): { data: DataSet; task: Task } {
  if (!own) return { data: given.data, task: taskOf(design, digitsTask) }
  const data = dataSetOf(own.data)
  if (!data) throw new Error('two classes are needed, each with two pictures')
  return { data, task: taskOf(design, { side: 8, classes: own.data.classes.length }, own.id) }
}

const accuracies = () => perNet(name => experiment.race.scores[name].accuracy)

const calls = {
  digits(csv: string): void {
    given = { data: readDigits(csv), forms: readForms(csv) }
  },

  // ---- The experiment. All that changes its nets keeps them before, so that it can be undone.

  /** Nets for these settings; the first time, or anew. @param made null: as before */
  setup(settings: RaceSettings, action: Action = 'settings', made: Made | null = null): Status {
    spent = { epochs: 0, seconds: 0 }
    const { data, task } = made ? materialOf(made) : (experiment?.race ?? { data: given.data, task: undefined })
    if (experiment) experiment.begin(action, settings, data, task)
    else experiment = new Experiment(settings, data, task)
    return anew()
  },
  /** The race as it is, to be saved. */
  save() {
    const { settings, task } = experiment.race
    return { settings, state: experiment.race.state(), design: task.design ?? null, own: task.own ?? null }
  },
  /** Goes on from what was saved. */
  load(settings: RaceSettings, state: RaceState, made: Made | null): Status {
    const { data, task } = made ? materialOf(made) : { data: given.data, task: undefined }
    experiment ??= new Experiment(settings, data, task)
    experiment.load(state, settings, data, task)
    spent = { epochs: 0, seconds: 0 }
    return anew()
  },
  /** A trained net as files. */
  netFiles: (name: NetName, format: 'safetensors' | 'tfjs'): NamedFile[] => {
    const net = experiment.race.nets[name]
    return format === 'tfjs' ? tfjsFiles(net) : [safetensorsFile(net)]
  },
  /** A net gets the weights in files. */
  loadNet(name: NetName, files: readonly NamedFile[]): Status {
    playing = false
    const weights = weightsIn(files, experiment.race.nets[name])
    experiment.change('load', nets => {
      nets[name].parameters.forEach(({ value }, i) => {
        value.set(weights[i])
      })
    })
    return status()
  },
  /** Sets one weight by hand. @param goesOn whether the same hand is still at it */
  setWeight(name: NetName, unit: Unit, at: WeightAt, to: number, goesOn: boolean): Status {
    playing = false
    const { parameter, index } = indexOf(name, unit, at)
    const change = (nets: PerNet<Sequential>) => {
      nets[name].parameters[parameter].value[index] = to
    }
    experiment.change('weight', change, goesOn)
    return status()
  },
  /** Trains until the epoch with this number is done. */
  play(until: number): Status {
    lastEpoch = until
    if (!playing && experiment.race.epoch < lastEpoch) {
      experiment.keep('train')
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
    experiment.keep('step')
    experiment.trainBatch()
    return status()
  },
  undo(): Status {
    experiment.undo()
    return anew()
  },
  redo(): Status {
    experiment.redo()
    return anew()
  },
  /** The local net gets the mean kernel everywhere, or the convolution's. `difference` is that of their outputs. */
  share(how: 'share' | 'untie') {
    playing = false
    const before = accuracies()
    experiment.change(how, ({ local, conv }) => (how === 'untie' ? untie(local, conv) : share(local)))
    const after = accuracies()
    scope.postMessage({ news: status() })
    if (how === 'untie') return { at: at(), before, after, difference: difference() }
    const { conv, local } = experiment.race.nets
    const weights = conv.getWeights()
    tie(conv, local)
    const result = { at: at(), before, after, difference: difference() }
    conv.setWeights(weights)
    return result
  },

  // ---- Questions about the nets as they are.

  digit(index: number): { pixels: number[]; label: number } {
    const { test } = given.data
    const i = index % test.labels.length
    return { pixels: [...test.images.subarray(i * 64, i * 64 + 64)], label: test.labels[i] }
  },
  /** One filter's kernels: for each place, the weights of its window. */
  kernels: (filter: number): PerNet<number[][]> => perNet(name => kernelsOf(name, filter)),
  /** How different, and how alike, the local net's kernels of neighbouring places are. */
  neighbours: () => compareNeighbours(firstWeights(experiment.race.nets.local).kernel),
  /** Accuracy on test digits that are moved by −2 … 2 pixels, down and right: [dy + 2][dx + 2]. */
  shifted(): { at: At; accuracy: PerNet<number[][]> } {
    const moves = [-2, -1, 0, 1, 2]
    const tests = moves.map(dy => moves.map(dx => shiftAll(given.data.test, dx, dy)))
    const { nets } = experiment.race
    return { at: at(), accuracy: perNet(name => tests.map(row => row.map(test => measure(nets[name], test).accuracy))) }
  },
  read: (pixels: number[]) => readPicture(experiment.race.nets, Float32Array.from(pixels)),
  /** What the nets say of a picture, and which of its pixels spoke for it. */
  explain(image: number[]): PerNet<Contributions & { probabilities: number[]; digit: number }> {
    const { nets } = experiment.race
    const read = readPicture(nets, Float32Array.from(image))
    return perNet(name => {
      const probabilities = read[name]
      const digit = probabilities.indexOf(Math.max(...probabilities))
      return { probabilities, digit, ...contributions(nets[name], name, image, digit) }
    })
  },
  /** What one unit of each net makes of a picture, and the answers of it. */
  pass(image: number[], unit: Unit): { at: At; nets: PerNet<Pass> } {
    return { at: at(), nets: perNet(name => passOf(experiment.race.nets[name], name, image, unit)) }
  },
  /** Where the gradient of a weight comes from, for the test digits from `first` on; and the gradient of the library. */
  gradient(name: NetName, unit: Unit, weight: WeightAt, first: number, count: number) {
    const { labels, images } = given.data.test
    const samples = Array.from({ length: count }, (_, i) => {
      const n = (first + i) % labels.length
      return { image: images.subarray(n * 64, n * 64 + 64), label: labels[n] }
    })
    const net = experiment.race.nets[name]
    return {
      at: at(),
      ...gradientOf(net, name, unit, weight, samples),
      library: libraryGradient(net, name, unit, weight, samples),
    }
  },
  /**
   * The gradients of the local net as it is, at four test digits with a little noise: over paper, which is 0, the sum of
   * a unit whose bias is 0 would lie exactly at the kink of ReLU.
   */
  check() {
    const { seed } = experiment.race.settings
    const random = stream(seed, 'check')
    const images = given.data.test.images.slice(0, 4 * 64).map(ink => ink + 0.1 * (random() - 0.5))
    const x = new Tensor([4, 8, 8, 1], images)
    const { passed, checks } = checkGradients(experiment.race.nets.local, { seed, x })
    return { at: at(), passed, checks: checks.map(check => ({ ...check })) }
  },
  // ---- Long runs.

  run<N extends RunName>(name: N, id: number, args: RunArgs<N>): void {
    const kind = kinds[name] as (args: RunArgs<N>, work: never, given: Given) => Promise<void>
    runs.start(name, id, (args: RunArgs<N>, work) => kind(args, work as never, given), args)
  },
  pauseRun: (name: RunName) => runs.pause(name),
  resumeRun: (name: RunName) => runs.resume(name),
  stopRun: (name: RunName) => runs.stop(name),
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
  const { kernel } = firstWeights(experiment.race.nets[name])
  const [rows, window, filters] = { dense: [1, 64, 288], local: [36, 9, 8], conv: [1, 9, 8] }[name]
  const kernelAt = (row: number, f: number) =>
    Array.from({ length: window }, (_, k) => kernel[(row * window + k) * filters + f])
  if (name === 'dense') return Array.from({ length: 36 }, (_, place) => kernelAt(0, place * 8 + filter))
  return Array.from({ length: rows }, (_, row) => kernelAt(row, filter))
}
