// Lu et al. 2025: units of a locally connected layer lie on a sheet, and a penalty makes neighbours alike. Smooth maps form,
// as in the visual cortex.

import { Adam, Dense, Flatten, type Layer, LocallyConnected2D, MaxPooling2D, Sequential } from 'unshared'
import { PatchGlorotUniform, SheetSmoothness } from 'unshared/research'
import { digits, type Labelled } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { above, fixed, judge, meanOf, near, pointAt, rule, withInterval } from './statistics.ts'

interface Settings {
  readonly standIn: boolean
  readonly digits: readonly [train: number, test: number]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  /** The seed whose kernels are drawn. */
  readonly pictured: number
}

const alphas = [0, 1, 10, 100]
const nameOf = (alpha: number) => `alpha ${alpha}`
const models = alphas.map(nameOf)

// ---- Data: MNIST in 14 × 14 pixels.

const images = (standIn: boolean, part: 'train' | 'test', count: number, seed: number): Labelled =>
  digits({ standIn, part, count, seed: `topography/${seed}/${part}`, side: 14 })

// ---- Net: one layer of 10 × 10 places with 16 units each, 4 × 4 on the sheet; so the sheet has 40 × 40 units.

const [places, side, window] = [10, 4, 5]
const shown = 2 // places of the figure, down and across: those in the middle
const size = shown * side * window

export function createNet(alpha: number, seed: number): Sequential {
  const layer = new LocallyConnected2D({
    filters: side ** 2,
    kernelSize: window,
    activation: 'relu',
    kernelInitializer: new PatchGlorotUniform(),
  })
  const net = new Sequential(
    [
      new SheetSmoothness({ layer, alpha }),
      new MaxPooling2D({ poolSize: 2 }),
      new Flatten(),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: `topography/${seed}` },
  )
  net.build([null, 14, 14, 1])
  return net
}

/** The kernels of some places as they lie on the sheet: 40 × 40 weights, in 32 steps for each kernel. */
function mosaic(net: Sequential): number[] {
  const [kernel] = net.getWeights() // [places, patch, filters]
  const first = (places - shown) / 2
  const weights = Array.from({ length: size ** 2 }, (_, i) => {
    const [row, col] = [Math.floor(i / size), i % size]
    const place = (at: number) => first + Math.floor(at / (side * window))
    const unit = (at: number) => Math.floor(at / window) % side
    const patch = (row % window) * window + (col % window)
    const filter = unit(row) * side + unit(col)
    return kernel.data[((place(row) * places + place(col)) * window ** 2 + patch) * side ** 2 + filter]
  })
  const kernelOf = (i: number) => Math.floor(i / size / window) * (size / window) + Math.floor((i % size) / window)
  const most: number[] = []
  weights.forEach((weight, i) => {
    most[kernelOf(i)] = Math.max(most[kernelOf(i)] ?? 0, Math.abs(weight))
  })
  return weights.map((weight, i) => Math.round(15.5 + (15.5 * weight) / most[kernelOf(i)]))
}

export async function train(model: string, seed: number, settings: Settings) {
  const { standIn, epochs, batchSize, learningRate, pictured } = settings
  const alpha = Number(model.split(' ')[1])
  const train = images(standIn, 'train', settings.digits[0], seed)
  const test = images(standIn, 'test', settings.digits[1], seed)
  const net = createNet(alpha, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  await net.fit(train.x, train.y, { epochs, batchSize, verbose: 0 })
  const { accuracy } = await net.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
  return {
    test: 100 * (accuracy as number),
    cosine: (net.layers[0] as Layer as SheetSmoothness).similarity,
    ...(seed === pictured ? { mosaic: mosaic(net) } : {}),
  }
}

// ---- Findings.

function findings(results: Results) {
  const test = (alpha: number) => results.of(nameOf(alpha), 'test')
  const cosine = (alpha: number) => results.of(nameOf(alpha), 'cosine')
  const cosines = alphas.map(alpha => meanOf(cosine(alpha)))
  const points = (of: (alpha: number) => readonly number[]) => alphas.map(alpha => pointAt(String(alpha), of(alpha)))
  return {
    answer:
      `From α = 0 to 100, the mean cosine of neighbours goes from ${fixed(cosines[0], 2)} to ${fixed(cosines[3], 2)}, and ` +
      `the net reads ${withInterval(test(0))} to ${withInterval(test(100))} % of the test digits.`,
    tables: [
      {
        caption: 'Test digits read correctly, in per cent, and the mean cosine of neighbours, with 95 % intervals',
        header: ['α', 'correct', 'cosine'],
        rows: alphas.map(alpha => [String(alpha), withInterval(test(alpha)), withInterval(cosine(alpha), 3)]),
      },
    ],
    claims: judge([
      rule(
        'the larger α, the smoother the sheet',
        cosines.every((value, i) => i === 0 || value > cosines[i - 1]),
        cosines.map(value => fixed(value, 3)).join(', '),
      ),
      above('smoothness costs accuracy: α = 0 above α = 100, by 4 points', test(0), test(100), { by: 4 }),
      near('α = 1 costs at most 2 points', test(1), test(0), { by: 2 }),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'Accuracy by the factor α of the smoothness penalty',
        x: { name: 'α', type: 'category' as const },
        y: { name: 'per cent correct' },
        series: [{ name: 'test digits', points: points(test) }],
      },
      {
        kind: 'pictures' as const,
        label: 'Kernels of 2 × 2 places on the sheet, without and with the smoothness penalty',
        pictures: [0, 1, 100].map(alpha => ({
          title: `α = ${alpha}: cosine ${fixed(meanOf(cosine(alpha)), 2)}`,
          pixels: results.listOf(nameOf(alpha), 'mosaic').map(step => step / 31),
          width: size,
          cell: window,
        })),
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'topography',
  title: 'Topography: neighbours that are alike',
  question:
    'In the visual cortex, cells that lie side by side prefer similar patterns. Lu et al. lay the units of locally connected ' +
    'layers out on a sheet and add α times a penalty on the differences of neighbours. They report smooth maps, at some ' +
    'cost in accuracy. How much smoothness does how much accuracy buy?',
  differences: [
    'One layer of 10 × 10 places with 16 units each, for 2,000 MNIST digits of 14 × 14 pixels, 10 epochs; the paper has six layers for photographs. None of its numbers is comparable.',
    'The effect of α depends on the loss: here it is the mean crossentropy of batches of 32.',
  ],
  references: ['lu2025'],
  isDefault: true,
  needsMnist: true,
  seconds: 4,
  plan: size => {
    const seeds = size === 'full' ? seedsFrom(2000, 5) : seedsFrom(0, size === 'quick' ? 2 : 1)
    return {
      models,
      seeds,
      settings: {
        standIn: size === 'mini',
        digits: { full: [2000, 5000], quick: [2000, 2000], mini: [100, 100] }[size] as [number, number],
        epochs: { full: 10, quick: 3, mini: 1 }[size],
        batchSize: 32,
        learningRate: 0.001,
        pictured: seeds[0],
      },
    }
  },
  findings,
}
