// Pook et al. 2020: predicting a trait of a plant from its genome, with nets whose kernels belong to a region of it.

import {
  Adam,
  Conv1D,
  Dense,
  Flatten,
  type Layer,
  LocallyConnected1D,
  normal,
  Sequential,
  stream,
  Tensor,
} from 'unshared'
import { PatchGlorotUniform } from 'unshared/research'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { above, fixed, judge, meanOf, pointAt, withInterval } from './statistics.ts'

// ---- Data: inbred lines descend from 16 founders. Along the genome, a line follows one founder, and changes to another with a
// probability of 0.04 for each marker. Markers are −1 or 1, as both copies of a chromosome are alike.

const [founders, change, heritability] = [16, 0.04, 0.8]

const traits = ['10 additive', '300 additive', '10 local pairs'] as const
type Trait = (typeof traits)[number]

/** `n` lines, `[n, markers]`. */
function genomes(n: number, markers: number, seed: number): Float32Array {
  const random = stream(seed, 'genomes/markers')
  const founder = Int8Array.from({ length: founders * markers }, () => (random() < 0.5 ? -1 : 1))
  const lines = new Float32Array(n * markers)
  for (let i = 0; i < n; i++) {
    let parent = 0
    for (let j = 0; j < markers; j++) {
      if (j === 0 || random() < change) parent = Math.floor(random() * founders)
      lines[i * markers + j] = founder[parent * markers + j]
    }
  }
  return lines
}

/** The genetic part of the trait of each line: a sum of effects of single markers, or of pairs of near ones. */
function geneticValues(lines: Float32Array, markers: number, trait: Trait, seed: number): Float64Array {
  const random = stream(seed, 'genomes', trait)
  const near = 5 // a pair's second marker is at most this far from the first
  const effects = Array.from({ length: Number.parseInt(trait, 10) }, () => {
    const first = Math.floor(random() * (markers - near))
    return { size: normal(random), first, second: first + 1 + Math.floor(random() * near) }
  })
  const isPair = trait === '10 local pairs'
  return Float64Array.from({ length: lines.length / markers }, (_, i) => {
    const line = lines.subarray(i * markers, (i + 1) * markers)
    return effects.reduce((sum, { size, first, second }) => {
      // a pair has an effect only where both markers are 1
      const counts = isPair ? (line[first] === 1 && line[second] === 1 ? 1 : 0) : line[first]
      return sum + size * counts
    }, 0)
  })
}

/** Lines and their traits, which have mean 0 and variance 1; a share of the variance, the heritability, is genetic. */
export function plants(n: number, markers: number, trait: Trait, seed: number): readonly [Tensor, Tensor] {
  const lines = genomes(n, markers, seed)
  const genetic = geneticValues(lines, markers, trait, seed)
  const mean = meanOf([...genetic])
  const deviation = Math.sqrt(meanOf(Array.from(genetic, value => (value - mean) ** 2)))
  const random = stream(seed, 'genomes/environment', trait)
  const y = Float32Array.from(
    genetic,
    value => (Math.sqrt(heritability) * (value - mean)) / deviation + Math.sqrt(1 - heritability) * normal(random),
  )
  return [new Tensor([n, markers, 1], lines), new Tensor([n, 1], y)]
}

// ---- The linear method of breeders: GBLUP. With unrelated effects of all markers, it is ridge regression on the markers,
// where the penalty is the number of markers times the ratio of environmental and genetic variance.

/** @returns the effect of each marker, by conjugate gradients */
export function markerEffects(x: Tensor, y: Tensor): Float64Array {
  const [n, markers] = x.shape
  const penalty = (markers * (1 - heritability)) / heritability
  const product = (effects: Float64Array) => {
    const out = effects.map(effect => penalty * effect)
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < markers; j++) sum += x.data[i * markers + j] * effects[j]
      for (let j = 0; j < markers; j++) out[j] += x.data[i * markers + j] * sum
    }
    return out
  }
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, i) => sum + value * b[i], 0)
  const residual = new Float64Array(markers)
  for (let i = 0; i < n; i++) for (let j = 0; j < markers; j++) residual[j] += x.data[i * markers + j] * y.data[i]
  const effects = new Float64Array(markers)
  const direction = residual.slice()
  let square = dot(residual, residual)
  for (const least = 1e-12 * square; square > least; ) {
    const moved = product(direction)
    const step = square / dot(direction, moved)
    for (let j = 0; j < markers; j++) {
      effects[j] += step * direction[j]
      residual[j] -= step * moved[j]
    }
    const before = square
    square = dot(residual, residual)
    for (let j = 0; j < markers; j++) direction[j] = residual[j] + (square / before) * direction[j]
  }
  return effects
}

// ---- Nets: windows of ten markers, or none, then two dense layers.

const nets = ['MLP', 'CNN', 'LCNN'] as const
type Net = (typeof nets)[number]
const methods = ['GBLUP', ...nets] as const
type Method = (typeof methods)[number]

interface Windows {
  readonly filters: number
  readonly strides: number
  readonly activation: 'relu'
}

export function createNet(kind: Net, windows: Windows, seed: number): Sequential {
  const options = { ...windows, kernelSize: 10, kernelInitializer: new PatchGlorotUniform() }
  const first: Readonly<Record<Net, () => Layer[]>> = {
    MLP: () => [],
    CNN: () => [new Conv1D(options)],
    LCNN: () => [new LocallyConnected1D(options)],
  }
  return new Sequential(
    [
      ...first[kind](),
      new Flatten(),
      new Dense({ units: 64, activation: 'relu' }),
      new Dense({ units: 64, activation: 'relu' }),
      new Dense({ units: 1 }),
    ],
    { seed: `genomes/${seed}/${kind}` },
  )
}

// ---- Training, and the predictive ability: the correlation of predicted and real traits of new lines.

interface Settings {
  readonly markers: number
  readonly lines: readonly [train: number, test: number]
  readonly windows: Windows
  readonly epochs: Readonly<Record<Net, number>>
  readonly batchSize: number
  readonly learningRate: number
}

function correlation(a: Float32Array, b: Float32Array): number {
  const [meanA, meanB] = [meanOf([...a]), meanOf([...b])]
  let [products, squaresA, squaresB] = [0, 0, 0]
  for (let i = 0; i < a.length; i++) {
    products += (a[i] - meanA) * (b[i] - meanB)
    squaresA += (a[i] - meanA) ** 2
    squaresB += (b[i] - meanB) ** 2
  }
  return products / Math.sqrt(squaresA * squaresB)
}

export async function train(model: string, seed: number, settings: Settings) {
  const { markers, lines, windows, epochs, batchSize, learningRate } = settings
  const [method, trait] = model.split(', ') as [Method, Trait]
  const [x, y] = plants(lines[0] + lines[1], markers, trait, seed)
  const [trainX, trainY] = [x.slice(0, lines[0]), y.slice(0, lines[0])]
  const [testX, testY] = [x.slice(lines[0]), y.slice(lines[0])]
  if (method === 'GBLUP') {
    const effects = markerEffects(trainX, trainY)
    const predicted = Float32Array.from({ length: lines[1] }, (_, i) =>
      effects.reduce((sum, effect, j) => sum + effect * testX.data[i * markers + j], 0),
    )
    return { r: correlation(predicted, testY.data) }
  }
  const net = createNet(method, windows, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'mse' })
  await net.fit(trainX, trainY, { epochs: epochs[method], batchSize, verbose: 0 })
  return { r: correlation((await net.predict(testX, { batchSize: 250 })).data, testY.data) }
}

// ---- Findings.

/** Predictive abilities in simulated maize, 10,000 lines with 34,595 markers. */
const published: Readonly<Record<Trait, Readonly<Record<Method, number>>>> = {
  '10 additive': { GBLUP: 0.639, MLP: 0.637, CNN: 0.627, LCNN: 0.666 },
  '300 additive': { GBLUP: 0.516, MLP: 0.524, CNN: 0.538, LCNN: 0.606 },
  '10 local pairs': { GBLUP: 0.488, MLP: 0.504, CNN: 0.544, LCNN: 0.625 },
}
const nameOf = (method: Method, trait: Trait) => `${method}, ${trait}`
const models = traits.flatMap(trait => methods.map(method => nameOf(method, trait)))

function findings(results: Results) {
  const r = (method: Method, trait: Trait) => results.of(nameOf(method, trait), 'r')
  const mean = (method: Method, trait: Trait) => fixed(meanOf(r(method, trait)), 3)
  const best = (trait: Trait) =>
    methods.reduce((one, other) => (meanOf(r(other, trait)) > meanOf(r(one, trait)) ? other : one))
  return {
    answer:
      `For the trait of ten additive markers, the net with kernels for each region predicts with r = ${mean('LCNN', '10 additive')}, ` +
      `the one with shared kernels with ${mean('CNN', '10 additive')}, the dense net with ${mean('MLP', '10 additive')} and the linear method ` +
      `with ${mean('GBLUP', '10 additive')}. The best methods of the three traits are ${traits.map(best).join(', ')}; in the paper, the ` +
      'locally connected net is the best for all three.',
    tables: [
      {
        caption:
          'Predictive ability, the correlation of predicted and real traits of new lines: paper, and ours with 95 % interval',
        header: ['trait', ...methods.flatMap(method => [`${method}: paper`, 'ours'])],
        rows: traits.map(trait => [
          trait,
          ...methods.flatMap(method => [published[trait][method].toFixed(3), withInterval(r(method, trait), 3)]),
        ]),
      },
    ],
    claims: judge(
      (['CNN', 'MLP', 'GBLUP'] as const).flatMap(other =>
        traits.map(trait =>
          above(`${trait}: LCNN predicts better than ${other}`, r('LCNN', trait), r(other, trait), {
            unit: 'in r',
            digits: 3,
          }),
        ),
      ),
    ),
    figures: [
      {
        kind: 'chart' as const,
        label: 'Predictive ability of the linear method and the three nets for three traits, in the paper and here',
        x: { name: 'trait', type: 'category' as const },
        y: { name: 'correlation r' },
        series: [
          ...methods.map(method => ({
            name: `paper, ${method}`,
            isPaper: true,
            points: traits.map(trait => ({ x: trait, y: published[trait][method] })),
          })),
          ...methods.map(method => ({
            name: `ours, ${method}`,
            points: traits.map(trait => pointAt(trait, r(method, trait))),
          })),
        ],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'genomes',
  title: 'Do regions of a genome need kernels of their own?',
  question:
    'Pook et al. predict traits of plants from their genetic markers. A convolution looks for the same pattern all along the ' +
    'genome, where each region has a function of its own; they propose locally connected layers instead. On simulated maize, ' +
    'these predict better than shared kernels, dense nets and, for most traits, the linear methods of breeders. Here too?',
  differences: [
    'Lines come from a short simulator: 16 founders, 1,000 markers, a heritability of 0.8, 5,000 lines to train with and 1,000 new ones. The paper simulates maize, with 10,000 lines and 34,595 markers.',
    'The trait of 300 additive markers stands for the paper’s 1,000, and pairs of near markers that act only together stand for its ten locally linked epistatic ones.',
    'Eight filters with a stride of 5, then ReLU, and 5 epochs, 20 for the dense net: the best of a few settings for each net, on one other set of lines. The paper’s are not stated in the text that we could read.',
  ],
  references: ['pook2020'],
  isDefault: false,
  seconds: 8,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 10) : seedsFrom(0, size === 'quick' ? 2 : 1),
    settings: {
      markers: { full: 1000, quick: 300, mini: 60 }[size],
      lines: { full: [5000, 1000], quick: [1000, 300], mini: [80, 60] }[size] as [number, number],
      windows: { filters: 8, strides: 5, activation: 'relu' },
      epochs: size === 'mini' ? { MLP: 1, CNN: 1, LCNN: 1 } : { MLP: 20, CNN: 5, LCNN: 5 },
      batchSize: 32,
      learningRate: 0.001,
    },
  }),
  findings,
}
