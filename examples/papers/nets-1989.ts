// LeCun's report of 1989: five nets for 480 pictures of digits. The fewer free weights, the better they generalize.

import {
  Activation,
  Adam,
  Conv2D,
  Dense,
  Flatten,
  Layer,
  LocalBias,
  LocallyConnected2D,
  RandomUniform,
  Sequential,
  sizeOf,
  Tensor,
  ZeroPadding2D,
} from 'unshared'
import { resize } from 'unshared/ndarray'
import { scaledTanh } from 'unshared/research'
import { shuffled } from '../playground/digits.ts'
import { readForms } from '../playground/digits-1989.ts'
import { printed } from '../playground/printed-1989.ts'
import { digitsCsv } from './data.ts'
import { type Experiment, type Figure, type Results, seedsFrom } from './experiment.ts'
import { above, equal, estimate, judge, meanOf, near, pointAt, rule, withInterval } from './statistics.ts'

// ---- Data: twelve drawings of each digit by one writer, which fill 16 × 13 binary pixels, at four horizontal positions.
// 32 of a digit's 48 pictures, drawn at random, are for training.

const [drawn, positions, learned] = [12, 4, 32]

/** Pictures `[n, 16, 16, 1]`: 1 for ink, −1 for paper. Targets `[n, 10]`: 1 for the digit, −1 for the others. */
export function pictures(seed: number): { train: readonly [Tensor, Tensor]; test: readonly [Tensor, Tensor] } {
  const forms = readForms(digitsCsv())
  const { images, labels } = forms[seed % forms.length] // one writer
  const bitmaps = resize(new Tensor([labels.length, 8, 8, 1], images), [16, 13], { method: 'bilinear' })
  const order = [...shuffled(labels.length, `nets-1989/${seed}/drawings`)]
  const train: [number[], number[]] = [[], []]
  const test: [number[], number[]] = [[], []]
  for (let digit = 0; digit < 10; digit++) {
    const drawings = order.filter(i => labels[i] === digit).slice(0, drawn)
    const target = Array.from({ length: 10 }, (_, i) => (i === digit ? 1 : -1))
    const places = shuffled(drawn * positions, `nets-1989/${seed}/split/${digit}`)
    places.forEach((place, i) => {
      const [x, y] = i < learned ? train : test
      const bitmap = 208 * drawings[Math.floor(place / positions)]
      const left = place % positions
      for (let row = 0; row < 16; row++)
        for (let col = 0; col < 16; col++) {
          const isInside = col >= left && col < left + 13
          x.push(isInside && bitmaps.data[bitmap + 13 * row + col - left] > 0.5 ? 1 : -1)
        }
      y.push(...target)
    })
  }
  const tensors = ([x, y]: [number[], number[]]) =>
    [Tensor.from(x).reshape([-1, 16, 16, 1]), Tensor.from(y).reshape([-1, 10])] as const
  return { train: tensors(train), test: tensors(test) }
}

// ---- Nets: every hidden unit sees a window of the map before; on the right and below, windows reach over the border.

const models = printed.map(({ name }) => name)

/** Weights start at random within ±2.4 over the number of inputs of a unit, its bias counted. */
const start = (inputs: number) => new RandomUniform({ minval: -2.4 / (inputs + 1), maxval: 2.4 / (inputs + 1) })
const dense = (units: number, inputs: number) =>
  new Dense({ units, activation: scaledTanh, kernelInitializer: start(inputs) })

/** Adds rows and columns, so that windows in steps of two have as many positions as half the rows. */
const pad = (before: number, after: number) =>
  new ZeroPadding2D({
    padding: [
      [before, after],
      [before, after],
    ],
  })

/** One map, each unit with a kernel of its own. */
const local = (kernelSize: number, maps: number) =>
  new LocallyConnected2D({
    filters: 1,
    kernelSize,
    strides: 2,
    activation: scaledTanh,
    kernelInitializer: start(kernelSize ** 2 * maps),
  })

/** Maps with a kernel for all units, and a bias for each unit. */
const shared = (filters: number, kernelSize: number, maps: number): Layer[] => [
  new Conv2D({ filters, kernelSize, strides: 2, useBias: false, kernelInitializer: start(kernelSize ** 2 * maps) }),
  new LocalBias(),
  new Activation({ activation: scaledTanh }),
]

const layers: Readonly<Record<string, () => Layer[]>> = {
  'Net-1': () => [new Flatten(), dense(10, 256)],
  'Net-2': () => [new Flatten(), dense(12, 256), dense(10, 12)],
  'Net-3': () => [pad(0, 1), local(3, 1), pad(1, 2), local(5, 1), new Flatten(), dense(10, 16)],
  'Net-4': () => [pad(0, 1), ...shared(2, 3, 1), pad(1, 2), local(5, 2), new Flatten(), dense(10, 16)],
  'Net-5': () => [pad(0, 1), ...shared(2, 3, 1), pad(1, 2), ...shared(4, 5, 2), new Flatten(), dense(10, 64)],
}

export function createNet(model: string, seed: number): Sequential {
  const net = new Sequential(layers[model](), { seed: `nets-1989/${seed}/${model}` })
  net.build([null, 16, 16, 1])
  return net
}

/** The connections of a net: one for each use of a weight, biases included. */
export const linksOf = ({ layers }: Sequential): number =>
  layers.reduce((links, layer) => {
    if (!(layer instanceof Layer)) return links
    const biases = layer.parameters.some(({ name }) => name === 'bias') ? sizeOf(layer.outputShape) : 0
    return links + layer.macs + biases
  }, 0)

// ---- Training.

interface Settings {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

export async function train(model: string, seed: number, { epochs, batchSize, learningRate }: Settings) {
  const { train, test } = pictures(seed)
  const net = createNet(model, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'mse', metrics: ['categorical_accuracy'] })
  await net.fit(...train, { epochs, batchSize, verbose: 0 })
  const percent = async ([x, y]: readonly [Tensor, Tensor]) =>
    100 * ((await net.evaluate(x, y, { verbose: 0 })).categorical_accuracy as number)
  return { weights: net.countParams(), links: linksOf(net), train: await percent(train), test: await percent(test) }
}

// ---- Findings.

function findings(results: Results) {
  const test = (model: string) => results.of(model, 'test')
  const means = models.map(model => meanOf(test(model)))
  const counts = (name: string) => models.map(model => results.of(model, name)[0])
  const all = results.seeds.map((_, i) => models.map(model => test(model)[i]))
  const inOrder = all.filter(run => run.every((value, i) => i === 0 || value > run[i - 1])).length
  const lastBest = all.filter(run => Math.max(...run.slice(0, -1)) < run[4]).length
  const distances = printed.map(({ percent }, i) => Math.abs(percent - means[i]))
  const figure: Figure = {
    kind: 'chart',
    label: 'Test digits read correctly by the five nets, in 1989 and here',
    x: { name: '', type: 'category' },
    y: { name: 'per cent correct' },
    series: [
      { name: '1989', isPaper: true, points: printed.map(({ name, percent }) => ({ x: name, y: percent })) },
      { name: 'ours, with 95 % interval', points: models.map(model => pointAt(model, test(model))) },
    ],
  }
  return {
    answer:
      `The nets read ${means.map(mean => mean.toFixed(1)).join(', ')} % of the test digits, in 1989 ` +
      `${printed.map(({ percent }) => percent.toFixed(1)).join(', ')} %. All five are in the order of 1989 in ` +
      `${inOrder} of ${all.length} single runs, and Net-5 alone is best in ${lastBest}: one run says little.`,
    tables: [
      {
        caption: 'Test digits read correctly, in per cent: mean and 95 % interval, and the standard deviation of a run',
        header: ['net', 'links', 'weights', '1989', 'ours', 'sd', 'training digits'],
        rows: printed.map(({ name, percent }, i) => [
          name,
          counts('links')[i].toLocaleString('en'),
          counts('weights')[i].toLocaleString('en'),
          percent.toFixed(1),
          withInterval(test(name)),
          estimate(test(name)).sd.toFixed(1),
          meanOf(results.of(name, 'train')).toFixed(1),
        ]),
      },
    ],
    claims: judge([
      equal(
        'the numbers of weights',
        counts('weights'),
        printed.map(({ weights }) => weights),
      ),
      equal(
        'the numbers of links',
        counts('links'),
        printed.map(({ links }) => links),
      ),
      above('a hidden layer helps: Net-2 above Net-1', test('Net-2'), test('Net-1')),
      above('shared kernels help: Net-4 above Net-3', test('Net-4'), test('Net-3')),
      above('in both layers: Net-5 above Net-4', test('Net-5'), test('Net-4')),
      near('Net-2 and Net-3 within 2 points', test('Net-3'), test('Net-2'), { by: 2 }),
      rule(
        'each mean within 6 points of 1989',
        Math.max(...distances) <= 6,
        `the farthest by ${Math.max(...distances).toFixed(1)} points`,
      ),
    ]),
    figures: [figure],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'nets-1989',
  title: '1989: five nets, and what weight sharing is worth',
  question:
    'LeCun trained five nets on 320 pictures of digits and tested them on 160 others. Net-1 has no hidden layer, Net-2 ' +
    'a dense one, Net-3 two locally connected ones; Net-4 shares the kernels of its first hidden layer, Net-5 those of ' +
    'both. All learn the training digits. Do fewer free weights generalize better?',
  differences: [
    'The 480 pictures of 1989 are lost. These are of the optdigits forms: a writer for each run (11 of them wrote twelve of every digit), bitmaps of 16 × 13 pixels, four horizontal positions.',
    'The training pictures are drawn at random from all 48 of a digit, as we understand the report, so that many a test picture differs from a training picture by its position only.',
    'Training: Adam (learning rate 0.002, batches of 4, 30 epochs) in place of the methods of the time. The activation 1.7159 tanh(2x/3), targets of ±1 and the range of the initial weights are those of the time.',
  ],
  references: ['lecun1989strategies', 'hastie2009'],
  isDefault: true,
  seconds: 0.4,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 55) : seedsFrom(0, size === 'quick' ? 11 : 2),
    settings: { epochs: size === 'mini' ? 4 : 30, batchSize: 4, learningRate: 0.002 },
  }),
  findings,
}
