// Elsayed et al. 2020: low-rank local connectivity. The kernel of each position is a mixture of a few shared kernels: one
// slider from convolution to locally connected.

import {
  Activation,
  Adam,
  Conv2D,
  Dense,
  GlobalAveragePooling2D,
  type Layer,
  LocallyConnected2D,
  Sequential,
} from 'unshared'
import { LowRankLocallyConnected2D, PatchHeUniform } from 'unshared/research'
import { digits, type Labelled } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { anyAbove, judge, meanOf, pointAt, rule, withInterval } from './statistics.ts'

interface Settings {
  readonly standIn: boolean
  readonly digits: readonly [train: number, test: number]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

// ---- Data: MNIST in 14 × 14 pixels.

const images = (standIn: boolean, part: 'train' | 'test', count: number, seed: number): Labelled =>
  digits({ standIn, part, count, seed: `low-rank/${seed}/${part}`, side: 14 })

// ---- Nets: two layers with windows, the second of which varies; then the mean over all positions.

const ranks = [1, 2, 4, 8]
const models = ['convolution', ...ranks.map(rank => `rank ${rank}`), 'local']
const windows = { filters: 16, kernelSize: 3 } as const

function second(model: string): Layer {
  if (model === 'convolution') return new Conv2D({ ...windows, kernelInitializer: 'he_uniform' })
  if (model === 'local') return new LocallyConnected2D({ ...windows, kernelInitializer: new PatchHeUniform() })
  return new LowRankLocallyConnected2D({ ...windows, spatialRank: Number(model.split(' ')[1]) })
}

export const createNet = (model: string, seed: number): Sequential =>
  new Sequential(
    [
      new Conv2D({ ...windows, activation: 'relu', kernelInitializer: 'he_uniform' }),
      second(model),
      new Activation({ activation: 'relu' }),
      new GlobalAveragePooling2D(),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: `low-rank/${seed}` },
  )

// ---- Training.

export async function train(model: string, seed: number, settings: Settings) {
  const { standIn, epochs, batchSize, learningRate } = settings
  const train = images(standIn, 'train', settings.digits[0], seed)
  const test = images(standIn, 'test', settings.digits[1], seed)
  const net = createNet(model, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  await net.fit(train.x, train.y, { epochs, batchSize, verbose: 0 })
  const percent = async (one: Sequential) => {
    const { accuracy } = await one.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
    return 100 * (accuracy as number)
  }
  return { weights: net.countParams(), test: await percent(net), ...difference(net, test) }
}

/** The largest difference between a low-rank layer and the local layer with its mixed kernels, relative to the largest output. */
function difference(net: Sequential, { x }: Labelled): { difference?: number } {
  const [first, layer] = net.layers
  if (!(first instanceof Conv2D && layer instanceof LowRankLocallyConnected2D)) return {}
  const input = first.forward(x)
  const [low, local] = [layer.forward(input), layer.toLocal().forward(input)]
  const most = low.data.reduce((sum, value) => Math.max(sum, Math.abs(value)), 0)
  return { difference: low.data.reduce((max, value, i) => Math.max(max, Math.abs(value - local.data[i])), 0) / most }
}

// ---- Findings.

function findings(results: Results) {
  const test = (model: string) => results.of(model, 'test')
  const [conv, local] = [test('convolution'), test('local')]
  const low = ranks.map(rank => test(`rank ${rank}`))
  const differences = ranks.flatMap(rank => results.of(`rank ${rank}`, 'difference'))
  const farthest = Math.max(...differences)
  const list = low.map(values => meanOf(values).toFixed(1)).join(', ')
  return {
    answer:
      `With ranks ${ranks.join(', ')}, the nets read ${list} % of the test digits; with a convolution ${withInterval(conv)}, ` +
      `with a locally connected layer ${withInterval(local)} %.`,
    tables: [
      {
        caption: 'Test digits read correctly, in per cent, with 95 % interval',
        header: ['second layer', 'weights', 'correct'],
        rows: models.map(model => [
          model,
          results.of(model, 'weights')[0].toLocaleString('en'),
          withInterval(test(model)),
        ]),
      },
    ],
    claims: judge([
      rule(
        'a low-rank layer computes what a locally connected layer with the mixed kernels computes',
        farthest < 1e-5,
        farthest < 1e-5 ? 'to less than 0.00001 of the largest output' : `they differ by ${farthest.toExponential(0)}`,
      ),
      anyAbove('some rank above the convolution', low, conv),
      anyAbove('some rank above locally connected', low, local),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'Test digits read correctly, from a convolution over low-rank layers to a locally connected one',
        x: { name: 'second layer', type: 'category' as const },
        y: { name: 'per cent correct' },
        series: [{ name: 'test digits', points: models.map(model => pointAt(model, test(model))) }],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'low-rank',
  title: 'One slider from shared to local',
  question:
    'Between a kernel for all positions and a kernel for each, Elsayed et al. put mixtures: every position mixes a few shared ' +
    'kernels with weights of its own. They report that such layers do better than convolutions and better than locally connected ' +
    'layers, on MNIST, CIFAR-10 and CelebA. What comes out on few small digits?',
  differences: [
    'MNIST digits of 14 × 14 pixels, 2,000 to train with, 12 epochs; two layers with windows, of 16 filters, the second of which varies; no batch normalization. The paper has three layers of 64 filters and all of MNIST.',
    'Digits stand in the middle of their images, and the head takes the mean over all positions. So a convolution can’t tell where a pattern was, which helps layers that can.',
    'The paper’s percentages are in no text that we could read.',
  ],
  references: ['elsayed2020'],
  isDefault: false,
  needsMnist: true,
  seconds: 4,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 10) : seedsFrom(0, 1),
    settings: {
      standIn: size === 'mini',
      digits: { full: [2000, 5000], quick: [1000, 2000], mini: [50, 50] }[size] as [number, number],
      epochs: { full: 12, quick: 4, mini: 1 }[size],
      batchSize: 32,
      learningRate: 0.003,
    },
  }),
  findings,
}
