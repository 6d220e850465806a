// MNIST-1D: what locality and weight sharing are worth on 4,000 short signals, with the row that its table lacks: the
// locally connected net.

import {
  Activation,
  Adam,
  Conv1D,
  Dense,
  Flatten,
  type Layer,
  LocallyConnected1D,
  Sequential,
  Tensor,
  ZeroPadding1D,
} from 'unshared'
import { PatchLecunUniform } from 'unshared/research'
import { shuffled } from '../playground/digits.ts'
import { type DataSet, type Labelled, mnist1d } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { above, equal, judge, meanOf, near, pointAt, withInterval } from './statistics.ts'

// ---- Data: as they are, or with their 40 positions in another order, the same for all signals.

export function signals(seed: number, isShuffled: boolean): DataSet {
  const { train, test } = mnist1d()
  if (!isShuffled) return { train, test }
  const order = shuffled(40, `mnist-1d/${seed}/positions`)
  const reordered = ({ x, y }: Labelled): Labelled => ({
    x: new Tensor(
      x.shape,
      x.data.map((_, i) => x.data[i - (i % 40) + order[i % 40]]),
    ),
    y,
  })
  return { train: reordered(train), test: reordered(test) }
}

// ---- Nets: three layers with windows of 5, 3 and 3 positions, in steps of 2, with 25 filters.

const dense = (units: number, activation: 'relu' | 'softmax') =>
  new Dense({ units, activation, kernelInitializer: 'lecun_uniform' })

const options = (kernelSize: number) =>
  ({
    filters: 25,
    kernelSize,
    strides: 2,
    kernelInitializer: new PatchLecunUniform(), // for each position as for a convolution
  }) as const

/** Layers with windows. @param Kind shares its kernels, or does not */
const windows = (Kind: typeof Conv1D | typeof LocallyConnected1D): Layer[] =>
  [5, 3, 3].flatMap(kernelSize => [
    new ZeroPadding1D({ padding: 1 }),
    new Kind(options(kernelSize)),
    new Activation({ activation: 'relu' }),
  ])

const hidden = {
  logistic: () => [new Flatten()],
  MLP: () => [new Flatten(), dense(100, 'relu'), dense(100, 'relu')],
  local: () => [...windows(LocallyConnected1D), new Flatten()],
  conv: () => [...windows(Conv1D), new Flatten()],
}
export type Kind = keyof typeof hidden

export const createNet = (kind: Kind, seed: number): Sequential =>
  new Sequential([...hidden[kind](), dense(10, 'softmax')], { seed: `mnist-1d/${seed}/${kind}` })

// ---- Training.

interface Settings {
  readonly steps: number
  readonly batchSize: number
  readonly learningRates: Readonly<Record<Kind, number>>
}

const kinds: readonly Kind[] = ['logistic', 'MLP', 'local', 'conv']
const models = [...kinds, ...kinds.map(kind => `${kind}, shuffled`)]

export async function train(model: string, seed: number, { steps, batchSize, learningRates }: Settings) {
  const kind = model.split(',')[0] as Kind
  const { train, test } = signals(seed, model.endsWith('shuffled'))
  const net = createNet(kind, seed)
  net.compile({
    optimizer: new Adam({ learningRate: learningRates[kind] }),
    loss: 'sparse_categorical_crossentropy',
    metrics: ['accuracy'],
  })
  const epochs = Math.ceil(steps / (train.x.shape[0] / batchSize))
  await net.fit(train.x, train.y, { epochs, batchSize, verbose: 0 })
  const { accuracy } = await net.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
  return { weights: net.countParams(), test: 100 * (accuracy as number) }
}

// ---- Findings.

/** Of the package's own table: per cent of the test signals. It has no locally connected net. */
const published: Readonly<Record<string, number>> = {
  logistic: 32,
  MLP: 68,
  conv: 94,
  'logistic, shuffled': 32,
  'MLP, shuffled': 68,
  'conv, shuffled': 56,
}
const names: Readonly<Record<Kind, string>> = {
  logistic: 'logistic regression',
  MLP: 'dense, 100-100',
  local: 'locally connected',
  conv: 'convolutional',
}

function findings(results: Results) {
  const test = (model: string) => results.of(model, 'test')
  const mean = (model: string) => meanOf(test(model)).toFixed(1)
  const paper = (model: string) => published[model]?.toFixed(0) ?? '–'
  const weights = kinds.map(kind => results.of(kind, 'weights')[0])
  const points = (suffix: string) => kinds.map(kind => pointAt(names[kind], test(kind + suffix)))
  const publishedPoints = (suffix: string) =>
    kinds.flatMap(kind => {
      const y = published[kind + suffix]
      return y === undefined ? [] : [{ x: names[kind], y }]
    })
  return {
    answer:
      `Logistic regression, the dense, the locally connected and the convolutional net classify ${kinds.map(mean).join(', ')} ` +
      `% of the test signals, and ${kinds.map(kind => mean(`${kind}, shuffled`)).join(', ')} % if the positions are shuffled.`,
    tables: [
      {
        caption: 'Test signals classified correctly, in per cent: the paper, and ours with 95 % interval',
        header: ['net', 'weights', 'paper', 'ours', 'paper, shuffled', 'ours, shuffled'],
        rows: kinds.map((kind, i) => [
          names[kind],
          weights[i].toLocaleString('en'),
          paper(kind),
          withInterval(test(kind)),
          paper(`${kind}, shuffled`),
          withInterval(test(`${kind}, shuffled`)),
        ]),
      },
    ],
    claims: judge([
      equal('the numbers of weights of the dense, local and shared nets', weights.slice(1), [15210, 32610, 5210]),
      above('dense above logistic regression, by 5 points', test('MLP'), test('logistic'), { by: 5 }),
      above('locally connected above dense, by 5 points', test('local'), test('MLP'), { by: 5 }),
      above('convolutional above locally connected, by 5 points', test('conv'), test('local'), { by: 5 }),
      above('shuffled: the convolution loses 20 points', test('conv'), test('conv, shuffled'), { by: 20 }),
      near('shuffled: local and dense within 4 points', test('local, shuffled'), test('MLP, shuffled'), { by: 4 }),
      above('shuffled: dense above convolutional', test('MLP, shuffled'), test('conv, shuffled')),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'MNIST-1D: test signals classified correctly by four nets, in order and shuffled, in the paper and here',
        x: { name: '', type: 'category' as const },
        y: { name: 'per cent correct' },
        series: [
          { name: 'paper', isPaper: true, points: publishedPoints('') },
          { name: 'ours', points: points('') },
          { name: 'paper, shuffled', isPaper: true, points: publishedPoints(', shuffled') },
          { name: 'ours, shuffled', points: points(', shuffled') },
        ],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'mnist-1d',
  title: 'MNIST-1D: the missing row',
  question:
    'MNIST-1D has 4,000 signals of 40 numbers to train with, 1,000 to test with, and ten classes. A linear model does ' +
    'badly, a convolution well; if the positions are shuffled, the convolution loses its advantage. The published table has ' +
    'no locally connected net, which sees windows as a convolution does, but shares nothing. Where does it stand?',
  differences: [
    'The signals are those of the Python package mnist1d 0.0.2, in steps of 1/23: one byte for each number.',
    'The locally connected net is new. It has the windows of the convolution, and starts with the same distribution of weights.',
    'All nets are trained for 3,000 steps of 100 signals with Adam: learning rate 0.01, and 0.003 for the locally connected net.',
    'The paper prints no intervals. Its recurrent net and its human are left out.',
  ],
  references: ['greydanus2020'],
  isDefault: true,
  seconds: 4,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 5) : seedsFrom(0, 2),
    settings: {
      steps: { full: 3000, quick: 400, mini: 40 }[size],
      batchSize: 100,
      learningRates: { logistic: 0.01, MLP: 0.01, local: 0.003, conv: 0.01 },
    },
  }),
  findings,
}
