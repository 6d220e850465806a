// Ott et al. 2020: to share or not to share? Nets with and without weight sharing fail alike on shifted digits, and learn
// shifts alike from shifted training images.

import { Adam, Conv2D, Dense, Flatten, type Layer, LocallyConnected2D, Sequential } from 'unshared'
import { randomShift } from 'unshared/ndarray'
import { kernelDistance, PatchGlorotUniform } from 'unshared/research'
import { digits, type Labelled } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { judge, meanOf, pointAt, rule, withInterval } from './statistics.ts'

interface Settings {
  readonly standIn: boolean
  readonly digits: readonly [train: number, test: number]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

/** The largest shift of a training image in pixels, both ways, and about which part of the 14 pixels of a side that is. */
const shifts = [
  { most: 0, percent: 0 },
  { most: 1, percent: 10 },
  { most: 3, percent: 20 },
  { most: 4, percent: 30 },
] as const
const testShift = 4
const kinds = ['conv', 'local'] as const
type Kind = (typeof kinds)[number]
const nameOf = (kind: Kind, most: number) => `${kind}, shifts of ${most}`
const models = shifts.flatMap(({ most }) => kinds.map(kind => nameOf(kind, most)))

// ---- Data: MNIST in 14 × 14 pixels.

const images = (standIn: boolean, part: 'train' | 'test', count: number, seed: number): Labelled =>
  digits({ standIn, part, count, seed: `shifts/${seed}/${part}`, side: 14 })

// ---- Nets: two layers with windows of 3 × 3.

export function createNet(kind: Kind, seed: number): Sequential {
  const Kind = { conv: Conv2D, local: LocallyConnected2D }[kind]
  const windows = (filters: number, strides: number): Layer =>
    new Kind({ filters, kernelSize: 3, strides, activation: 'relu', kernelInitializer: new PatchGlorotUniform() })
  return new Sequential(
    [
      windows(8, 1),
      windows(16, 2),
      new Flatten(),
      new Dense({ units: 64, activation: 'relu' }),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: `shifts/${seed}/${kind}` },
  )
}

// ---- Training: in every epoch, each image is shifted anew.

export async function train(model: string, seed: number, settings: Settings) {
  const { standIn, epochs, batchSize, learningRate } = settings
  const kind = model.split(',')[0] as Kind
  const most = Number(model.split(' of ')[1])
  const train = images(standIn, 'train', settings.digits[0], seed)
  const test = images(standIn, 'test', settings.digits[1], seed)
  const net = createNet(kind, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  for (let epoch = 0; epoch < epochs; epoch++) {
    const shifted = most === 0 ? train.x : randomShift(train.x, most, `shifts/${seed}/${epoch}`)
    await net.fit(shifted, train.y, { batchSize, epochs: epoch + 1, initialEpoch: epoch, verbose: 0 })
  }
  const percent = async (x: Labelled['x']) => {
    const { accuracy } = await net.evaluate(x, test.y, { batchSize: 250, verbose: 0 })
    return 100 * (accuracy as number)
  }
  return {
    plain: await percent(test.x),
    shifted: await percent(randomShift(test.x, testShift, `shifts/${seed}/test`)),
    distance: meanOf(
      net.layers.flatMap(layer => (layer instanceof LocallyConnected2D ? [kernelDistance(layer)] : [0])),
    ),
  }
}

// ---- Findings.

/** Medians of five folds on MNIST of 28 × 28 pixels: of images in place, and of shifted ones. */
const published: Readonly<Record<number, Readonly<Record<Kind, readonly [plain: number, shifted: number]>>>> = {
  0: { conv: [99.05, 36.65], local: [98.81, 37.23] },
  10: { conv: [99.31, 83.8], local: [99.19, 81.34] },
  20: { conv: [99.3, 98.62], local: [99.04, 97.7] },
  30: { conv: [99.21, 99.07], local: [98.76, 98.51] },
}

function findings(results: Results) {
  const plain = (kind: Kind, most: number) => results.of(nameOf(kind, most), 'plain')
  const shifted = (kind: Kind, most: number) => results.of(nameOf(kind, most), 'shifted')
  const distances = shifts.map(({ most }) => meanOf(results.of(nameOf('local', most), 'distance')))
  const pairs = shifts.flatMap(({ most }) =>
    [plain, shifted].map(of => meanOf(of('conv', most)) - meanOf(of('local', most))),
  )
  const farthest = Math.max(...pairs.map(Math.abs))
  const mean = (kind: Kind, most: number) => meanOf(shifted(kind, most)).toFixed(1)
  const both = (most: number) => `${mean('conv', most)} (shared) and ${mean('local', most)} (local)`
  const points = (kind: Kind) => shifts.map(({ most, percent }) => pointAt(`${percent} %`, shifted(kind, most)))
  const tableHeader = ['training shifts', 'shared: paper', 'ours', 'local: paper', 'ours']
  const rows = (of: (kind: Kind, most: number) => readonly number[], test: 0 | 1) =>
    shifts.map(({ most, percent }) => [
      `up to ${percent} % (${most} ${most === 1 ? 'pixel' : 'pixels'})`,
      ...kinds.flatMap(kind => [published[percent][kind][test].toFixed(2), withInterval(of(kind, most))]),
    ])
  return {
    answer:
      `Of test digits shifted by up to ${testShift} pixels, nets trained on digits in place read ${both(0)} %; nets trained on ` +
      `digits shifted as far, ${both(4)} %. The paper has 36.65 and 37.23, 99.07 and 98.51 %.`,
    tables: [
      {
        caption: 'Test digits in place read correctly, in per cent: paper, and ours with 95 % interval',
        header: tableHeader,
        rows: rows(plain, 0),
      },
      {
        caption: 'Shifted test digits read correctly, and the mean distance of kernels of neighbouring places',
        header: [...tableHeader, 'kernel distance'],
        rows: rows(shifted, 1).map((row, i) => [...row, distances[i].toFixed(3)]),
      },
    ],
    claims: judge([
      rule(
        'trained in place, both read less than 40 % of shifted digits',
        kinds.every(kind => meanOf(shifted(kind, 0)) < 40),
        both(0),
      ),
      rule(
        'trained with shifts of 30 %, both read more than 85 %',
        kinds.every(kind => meanOf(shifted(kind, 4)) > 85),
        both(4),
      ),
      rule(
        'shared and local differ by less than 3 points, everywhere',
        farthest < 3,
        `the farthest by ${farthest.toFixed(1)} points`,
      ),
      rule(
        'with larger shifts, kernels of neighbouring places become alike',
        distances.every((value, i) => i === 0 || value < distances[i - 1]),
        distances.map(value => value.toFixed(3)).join(', '),
      ),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'Shifted test digits read correctly, by the largest shift of the training digits, in the paper and here',
        x: { name: 'largest shift in training', type: 'category' as const },
        y: { name: 'per cent of shifted digits' },
        series: [
          ...kinds.map(kind => ({
            name: `paper, ${kind}`,
            isPaper: true,
            points: shifts.map(({ percent }) => ({ x: `${percent} %`, y: published[percent][kind][1] })),
          })),
          ...kinds.map(kind => ({ name: `ours, ${kind}`, points: points(kind) })),
        ],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'shifts',
  title: 'To share or not to share?',
  question:
    'Shared kernels are said to make a net indifferent to shifts. Ott et al. train nets with and without sharing on MNIST ' +
    'digits in place and on digits shifted at random, and test both on shifted ones. Without shifts in training, both fail; with ' +
    'them, both succeed, and the kernels of neighbouring places become alike. What comes out on small images?',
  differences: [
    'MNIST digits of 14 × 14 pixels, 20,000 to train with, 15 epochs; the paper has 28 × 28 pixels, 60,000 digits and five folds.',
    'Two layers with 8 and 16 filters and a dense one of 64 units; the paper has three with 32 to 128 and 1,024 units.',
    'Shifts are whole pixels: up to 1, 3 and 4 for the paper’s 10, 20 and 30 %. Test digits are shifted by up to 4.',
  ],
  references: ['ott2020'],
  isDefault: false,
  needsMnist: true,
  seconds: 15,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 3) : seedsFrom(0, 1),
    settings: {
      standIn: size === 'mini',
      digits: { full: [20_000, 5000], quick: [5000, 2000], mini: [100, 100] }[size] as [number, number],
      epochs: { full: 15, quick: 3, mini: 1 }[size],
      batchSize: 32,
      learningRate: 0.001,
    },
  }),
  findings,
}
