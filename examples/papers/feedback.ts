// Bartunov et al. 2018, Xiao et al. 2019: learning without weight transport. The error travels backward through weights of
// its own: fixed random ones, or random sizes with the signs of the forward weights.

import { Adam, Conv2D, Dense, Flatten, type Layer, LocallyConnected2D, Sequential, Tensor } from 'unshared'
import { take } from 'unshared/data'
import { Feedback, PatchGlorotUniform } from 'unshared/research'
import { digits, type Labelled } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { above, judge, meanOf, pointAt, rule, withInterval } from './statistics.ts'

interface Settings {
  readonly standIn: boolean
  readonly digits: readonly [train: number, test: number]
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

// ---- Data: MNIST in 14 × 14 pixels.

const images = (standIn: boolean, part: 'train' | 'test', count: number, seed: number): Labelled =>
  digits({ standIn, part, count, seed: `feedback/${seed}/${part}`, side: 14 })

// ---- Nets: three layers with weights before the output.

type Rule = 'transpose' | 'random' | 'sign'

const kernelInitializer = new PatchGlorotUniform()
const dense = (units: number) => new Dense({ units, activation: 'tanh' })
const windows = (Kind: typeof Conv2D | typeof LocallyConnected2D) => [
  new Kind({ filters: 8, kernelSize: 3, activation: 'tanh', kernelInitializer }),
  new Kind({ filters: 16, kernelSize: 3, strides: 2, activation: 'tanh', kernelInitializer }),
  new Flatten(),
  dense(64),
]
const hidden: Readonly<Record<string, () => Layer[]>> = {
  dense: () => [new Flatten(), dense(256), dense(256), dense(64)],
  local: () => windows(LocallyConnected2D),
  conv: () => windows(Conv2D),
}

/** A net whose error travels backward by the rule. */
export function createNet(kind: string, rule: Rule, seed: number): Sequential {
  const layers = [...hidden[kind](), new Dense({ units: 10, activation: 'softmax' })]
  const own = layers.map(layer =>
    rule !== 'transpose' && (layer instanceof LocallyConnected2D || layer instanceof Dense)
      ? new Feedback({ layer, feedback: rule })
      : layer,
  )
  const net = new Sequential(own, { seed: `feedback/${seed}/${kind}` })
  net.build([null, 14, 14, 1])
  return net
}

const rules: Readonly<Record<string, readonly [kind: string, rule: Rule]>> = {
  dense: ['dense', 'transpose'],
  local: ['local', 'transpose'],
  conv: ['conv', 'transpose'],
  'local, random feedback': ['local', 'random'],
  'local, sign feedback': ['local', 'sign'],
}
const models = Object.keys(rules)

// ---- Training.

export async function train(model: string, seed: number, settings: Settings) {
  const { standIn, epochs, batchSize, learningRate } = settings
  const [kind, rule] = rules[model]
  const train = images(standIn, 'train', settings.digits[0], seed)
  const test = images(standIn, 'test', settings.digits[1], seed)
  const net = createNet(kind, rule, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  const first = Array.from({ length: Math.min(500, settings.digits[0]) }, (_, i) => i)
  const some = { x: take(train.x, first), y: take(train.y, first) }
  const cosines = [alignment(net, kind, some)]
  for (let epoch = 0; epoch < epochs; epoch++) {
    await net.fit(train.x, train.y, { batchSize, epochs: epoch + 1, initialEpoch: epoch, verbose: 0 })
    cosines.push(alignment(net, kind, some))
  }
  const { accuracy } = await net.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
  return { error: 100 * (1 - (accuracy as number)), cosine: cosines[epochs], cosines }
}

/** The cosine between the gradient of the first kernel, as the net computes it, and the true one. */
export function alignment(net: Sequential, kind: string, data: Labelled): number {
  const plain = createNet(kind, 'transpose', 0)
  const parameters = net.layers.flatMap(layer => layer.parameters)
  plain.setWeights(
    parameters.filter(({ name }) => name !== 'feedback').map(({ value, shape }) => new Tensor(shape, value)),
  )
  const [a, b] = [firstGradient(net, data), firstGradient(plain, data)]
  const dot = (p: Float32Array, q: Float32Array) => p.reduce((sum, value, i) => sum + value * q[i], 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

/** The gradient of the mean crossentropy for the first kernel. */
function firstGradient(net: Sequential, { x, y }: Labelled): Float32Array {
  const probabilities = net.forward(x, { training: true })
  const dy = Tensor.zeros(probabilities.shape)
  y.data.forEach((label, i) => {
    dy.data[10 * i + label] = -1 / (y.size * probabilities.data[10 * i + label])
  })
  net.backward(dy)
  return net.gradients()[0].data
}

// ---- Findings.

const names: Readonly<Record<string, string>> = {
  dense: 'dense, backpropagation',
  local: 'locally connected, backpropagation',
  conv: 'convolutional, backpropagation',
  'local, random feedback': 'locally connected, random feedback',
  'local, sign feedback': 'locally connected, feedback with the signs',
}
/** Test errors on MNIST, in per cent. */
const published: Readonly<Record<string, number>> = {
  dense: 1.48,
  local: 1.17,
  conv: 1.01,
  'local, random feedback': 1.26,
}

const degrees = (cosine: number) => (180 / Math.PI) * Math.acos(Math.min(1, Math.max(-1, cosine)))

function findings(results: Results, { settings: { epochs } }: { readonly settings: Settings }) {
  const error = (model: string) => results.of(model, 'error')
  const mean = (model: string) => meanOf(error(model))
  const angles = (model: string) => results.of(model, 'cosine').map(degrees)
  const [random, sign] = ['local, random feedback', 'local, sign feedback']
  return {
    answer:
      `The dense net misses ${mean('dense').toFixed(1)} % of the test digits, the locally connected one ` +
      `${mean('local').toFixed(1)} %, with the signs as feedback ${mean(sign).toFixed(1)} %, with random feedback ` +
      `${mean(random).toFixed(1)} %. The angle between the random feedback's gradient and the true one is ` +
      `${meanOf(angles(random)).toFixed(0)}° after training.`,
    tables: [
      {
        caption: 'Test digits read wrongly, in per cent, and the angle between the gradient used and the true one',
        header: ['net', 'paper', 'ours', 'angle'],
        rows: models.map(model => [
          names[model],
          published[model]?.toFixed(2) ?? '–',
          withInterval(error(model), 2),
          `${withInterval(angles(model), 0)}°`,
        ]),
      },
    ],
    claims: judge([
      above('dense misses more than locally connected', error('dense'), error('local'), { digits: 2 }),
      above('locally connected misses more than convolutional', error('local'), error('conv'), { digits: 2 }),
      above('random feedback misses more than the signs', error(random), error(sign), { digits: 2 }),
      rule(
        'the signs miss at least as many as backpropagation',
        mean(sign) >= mean('local'),
        `${mean(sign).toFixed(2)} and ${mean('local').toFixed(2)}`,
      ),
      rule(
        'random feedback: the angle of the first kernel’s gradient falls below 60°',
        meanOf(angles(random)) < 60,
        `${meanOf(angles(random)).toFixed(0)}°`,
      ),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'The angle between the gradient by feedback and the true one, for the first kernel, in training',
        x: { name: 'epoch', type: 'value' as const },
        y: { name: 'degrees' },
        series: [random, sign].map(model => ({
          name: names[model],
          points: Array.from({ length: epochs + 1 }, (_, epoch) =>
            pointAt(
              epoch,
              results.lists(model, 'cosines').map(list => degrees(list[epoch])),
            ),
          ),
        })),
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'feedback',
  title: 'Learning without weight transport',
  question:
    'Backpropagation sends the error back through the weights of the way forward, which a brain can’t do; nor can it share ' +
    'weights. Bartunov et al. and Xiao et al. train dense, local and shared nets with feedback weights of their own: random ' +
    'ones, and such with the signs of the forward weights. How much is lost, and do gradients become alike?',
  differences: [
    'MNIST digits of 14 × 14 pixels, 10,000 to train with, 12 epochs; the paper has 28 × 28 pixels, 60,000 digits, 500 epochs and larger nets, and chooses among 60 settings. The errors are not comparable, their order is.',
    'The layers are LC 8 and 16 with windows of 3 × 3, and dense 64; the dense net has 256, 256 and 64 units. All with tanh and Adam, learning rate 0.001, batches of 32.',
    'Feedback by signs is of Xiao et al., whose numbers are for ImageNet.',
  ],
  references: ['bartunov2018', 'xiao2019'],
  isDefault: false,
  needsMnist: true,
  seconds: 10,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 5) : seedsFrom(0, 1),
    settings: {
      standIn: size === 'mini',
      digits: { full: [10_000, 5000], quick: [2000, 2000], mini: [100, 100] }[size] as [number, number],
      epochs: { full: 12, quick: 4, mini: 1 }[size],
      batchSize: 32,
      learningRate: 0.001,
    },
  }),
  findings,
}
