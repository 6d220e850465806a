// How many samples does a net need? Lahoti et al. give bounds for a task with one signal in k patches: shared kernels need
// fewer than local ones, and these fewer than dense ones.

import {
  Adam,
  Conv1D,
  Dense,
  GlobalAveragePooling1D,
  type Layer,
  LocallyConnected1D,
  normal,
  Rescaling,
  Reshape,
  Sequential,
  stream,
  Tensor,
} from 'unshared'
import { PatchLecunUniform, SoftThreshold } from 'unshared/research'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { above, estimate, judge, meanOf, rule } from './statistics.ts'

// ---- Data: k patches of d numbers, all noise. To one patch, drawn at random, y · w is added: the signal w has length 1,
// and the label y is 1 or −1.

const [d, sigma] = [20, 0.2]

/** Samples `[n, k · d, 1]` and labels `[n, 1]`. With the same seed, fewer samples are the first of more. */
export function samples(k: number, n: number, seed: number, part: 'train' | 'test'): readonly [Tensor, Tensor] {
  const direction = stream(seed, 'samples/signal')
  const signal = Array.from({ length: d }, () => normal(direction))
  const length = Math.sqrt(signal.reduce((sum, value) => sum + value * value, 0))
  const [x, y] = [Tensor.zeros([n, k * d, 1]), Tensor.zeros([n, 1])]
  const random = stream(seed, 'samples', k, part)
  for (let i = 0; i < n; i++) {
    y.data[i] = random() < 0.5 ? 1 : -1
    const patch = Math.floor(random() * k)
    for (let j = 0; j < k * d; j++) {
      const own = Math.floor(j / d) === patch ? (y.data[i] * signal[j % d]) / length : 0
      x.data[i * k * d + j] = own + sigma * normal(random)
    }
  }
  return [x, y]
}

// ---- Nets: the sum over the patches of φ(w · x), where φ moves what is above a threshold towards 0, and the rest to 0.

const kinds = ['CNN', 'LCN', 'FCN'] as const
type Kind = (typeof kinds)[number]

const patches = { filters: 1, kernelSize: d, strides: d, useBias: false } as const
const products: Readonly<Record<Kind, (k: number) => Layer[]>> = {
  CNN: () => [new Conv1D({ ...patches, kernelInitializer: new PatchLecunUniform() })],
  LCN: () => [new LocallyConnected1D({ ...patches, kernelInitializer: new PatchLecunUniform() })],
  FCN: k => [
    new Reshape({ targetShape: [k * d] }),
    new Dense({ units: k, useBias: false, kernelInitializer: 'lecun_uniform' }),
    new Reshape({ targetShape: [k, 1] }),
  ],
}

export const createNet = (kind: Kind, k: number, seed: number): Sequential =>
  new Sequential(
    [...products[kind](k), new SoftThreshold(), new GlobalAveragePooling1D(), new Rescaling({ scale: k })],
    { seed: `samples/${seed}/${kind}/${k}` },
  )

// ---- Training: with 8, 16, 32 … samples, until nine of ten test samples are classified correctly.

interface Settings {
  readonly ks: readonly number[]
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
  readonly testSamples: number
  /** The logarithm of the largest number of samples tried. */
  readonly most: number
}

const least = 3 // the logarithm of the smallest number
const goal = 90

async function percentFor(net: Sequential, k: number, n: number, seed: number, settings: Settings): Promise<number> {
  const { steps, batchSize, learningRate, testSamples } = settings
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'mse' })
  const [x, y] = samples(k, n, seed, 'train')
  const perEpoch = Math.ceil(n / batchSize)
  await net.fit(x, y, { epochs: Math.ceil(steps / perEpoch), batchSize, verbose: 0 })
  const [testX, testY] = samples(k, testSamples, seed, 'test')
  const predicted = await net.predict(testX, { batchSize: 500 })
  return (100 * testY.data.filter((label, i) => label * predicted.data[i] > 0).length) / testSamples
}

/**
 * `log2n`: the logarithm of the number of samples at which the line through the measured points reaches 90 %; one more than
 * that of the most samples tried if none of them was enough.
 */
export async function train(model: string, seed: number, settings: Settings) {
  const [kind, text] = model.split(', k = ') as [Kind, string]
  const k = Number(text)
  let before = 50 // per cent, by chance
  for (let log2n = least; log2n <= settings.most; log2n++) {
    const percent = await percentFor(createNet(kind, k, seed), k, 2 ** log2n, seed, settings)
    if (percent >= goal) return { log2n: log2n - (percent - goal) / (percent - before), reached: 1 }
    before = Math.min(percent, goal - 1)
  }
  return { log2n: settings.most + 1, reached: 0 }
}

// ---- Findings.

const nameOf = (kind: Kind, k: number) => `${kind}, k = ${k}`

/** The slope of the line through the points, by least squares. */
function slope(x: readonly number[], y: readonly number[]): number {
  const [meanX, meanY] = [meanOf(x), meanOf(y)]
  const products = x.map((value, i) => (value - meanX) * (y[i] - meanY))
  return meanOf(products) / meanOf(x.map(value => (value - meanX) ** 2))
}

function findings(results: Results, { settings: { ks, most } }: { readonly settings: Settings }) {
  const log2n = (kind: Kind, k: number) => results.of(nameOf(kind, k), 'log2n')
  const reached = (kind: Kind, k: number) => results.of(nameOf(kind, k), 'reached').every(one => one === 1)
  const number = (log: number) => (2 ** log).toLocaleString('en', { maximumFractionDigits: 0 })
  const samplesOf = (kind: Kind, k: number) => {
    const { mean, low, high } = estimate(log2n(kind, k))
    if (!reached(kind, k)) return mean > most ? `> ${number(most)}` : `> ${number(mean)}`
    return Number.isFinite(low) ? `${number(mean)} [${number(low)}, ${number(high)}]` : number(mean)
  }
  const slopes = (kind: Kind) =>
    results.seeds.map((_, i) =>
      slope(
        ks.map(k => Math.log2(k)),
        ks.map(k => log2n(kind, k)[i]),
      ),
    )
  const large = ks.filter(k => k >= 10)
  const ordered = large.map(
    k =>
      results.seeds.filter((_, i) => log2n('CNN', k)[i] < log2n('LCN', k)[i] && log2n('LCN', k)[i] < log2n('FCN', k)[i])
        .length,
  )
  const n = results.seeds.length
  const ones = results.seeds.map(() => 1)
  const ratio = (k: number) => 2 ** (meanOf(log2n('LCN', k)) - meanOf(log2n('CNN', k)))
  const growth = (kind: Kind) => meanOf(slopes(kind)).toFixed(2)
  return {
    answer:
      `With 20 patches, the locally connected net needs ${ratio(20).toFixed(1)} times as many samples as the convolution; the ` +
      `paper has 10 to 20 times. The numbers of samples grow as k to the power ${growth('CNN')} (convolution) and ` +
      `${growth('LCN')} (locally connected); the paper has about 1 and 2.`,
    tables: [
      {
        caption: 'Samples needed to classify 90 % of new ones correctly: geometric mean and 95 % interval',
        header: ['patches', 'CNN (shared)', 'LCN (local)', 'FCN (dense)', 'LCN / CNN'],
        rows: ks.map(k => [
          String(k),
          ...kinds.map(kind => samplesOf(kind, k)),
          reached('LCN', k) ? ratio(k).toFixed(1) : `> ${ratio(k).toFixed(1)}`,
        ]),
      },
    ],
    claims: judge([
      rule(
        'CNN, then LCN, then FCN, for every k from 10 on, with nine of ten seeds',
        ordered.every(count => count >= 0.9 * n),
        large.map((k, i) => `k = ${k}: ${ordered[i]} of ${n}`).join('; '),
      ),
      above('k = 20: LCN needs at least 8 times (3 doublings) as many as CNN', log2n('LCN', 20), log2n('CNN', 20), {
        by: 3,
        unit: 'doublings',
        digits: 2,
      }),
      above('CNN grows less than in proportion to k', ones, slopes('CNN'), { unit: 'below 1', digits: 2 }),
      above('LCN grows more than in proportion to k', slopes('LCN'), ones, { unit: 'above 1', digits: 2 }),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'Samples needed by the shared, the local and the dense net, for 5 to 30 patches, with logarithmic axes',
        x: { name: 'patches k', type: 'log' as const, base: 2 },
        y: { name: 'samples for 90 %', type: 'log' as const },
        series: kinds.map(kind => ({
          name: { CNN: 'CNN (shared)', LCN: 'LCN (local)', FCN: 'FCN (dense)' }[kind],
          points: ks
            .filter(k => reached(kind, k))
            .map(k => {
              const { mean, low, high } = estimate(log2n(kind, k))
              return { x: k, y: 2 ** mean, low: 2 ** low, high: 2 ** high }
            }),
        })),
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'samples',
  title: 'How many samples are locality and sharing worth?',
  question:
    'In a task of Lahoti et al., a signal hides in one of k patches of noise. They prove that a dense net needs at least of ' +
    'order k² d samples, for patches of d numbers; that a locally connected one needs at least k d, and k (k + d) suffice; and ' +
    'that k + d suffice with shared kernels. All three nets compute a sum over soft thresholds. How many samples do they need here?',
  differences: [
    'Samples are counted by the share of new ones that is classified correctly, 90 %, not by the excess of the loss; and numbers of samples are doubled until they suffice, then interpolated.',
    'Patches have d = 20 numbers with noise of 0.2. The paper’s noise is not stated in the text that we could read.',
    'One optimizer, Adam with a learning rate of 0.01 for weights and threshold, in about 1,500 steps of 16; the paper chooses among rates.',
    'The dense net has k hidden units; the paper leaves it out of its measurements, as too costly. Where it did not reach 90 % with the most samples tried, its number is a lower bound.',
    'The growth with d is not measured.',
  ],
  references: ['lahoti2024'],
  isDefault: true,
  seconds: 0.8,
  plan: size => {
    const ks = { full: [5, 10, 20, 30], quick: [5, 10, 20], mini: [5, 10, 20] }[size]
    return {
      models: ks.flatMap(k => kinds.map(kind => nameOf(kind, k))),
      seeds: size === 'full' ? seedsFrom(2000, 10) : seedsFrom(0, size === 'quick' ? 2 : 1),
      settings: {
        ks,
        steps: size === 'mini' ? 60 : 1500,
        batchSize: 16,
        learningRate: 0.01,
        testSamples: size === 'mini' ? 200 : 2000,
        most: { full: 12, quick: 11, mini: 6 }[size],
      },
    }
  },
  findings,
}
