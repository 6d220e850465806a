// LeCun et al. 1989: the zip code net, which reads 16 × 16 pixels with 9,760 parameters. Its kernels are shared, but every
// unit has a bias of its own, and a table says which maps a map sees.

import {
  Activation,
  Constant,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  LocalBias,
  RandomUniform,
  Sequential,
  SGD,
  Tensor,
} from 'unshared'
import { ConnectionTableConv2D, ConstantPadding2D } from 'unshared/research'
import { digits } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { linksOf } from './nets-1989.ts'
import { equal, judge, meanOf, rule } from './statistics.ts'

// ---- Data: as many digits as in 1989, but of MNIST; from −1 (paper) to 1 (ink), in 16 × 16 pixels.

/** Targets: 1 for the digit, −1 for the others. */
function samples(standIn: boolean, part: 'train' | 'test', count: number, seed: number): readonly [Tensor, Tensor] {
  const options = { standIn, part, count, seed: `zip-codes/${seed}/${part}`, side: 16, method: 'bilinear' } as const
  const { x, y } = digits(options)
  const targets = Tensor.zeros([y.size, 10])
  targets.data.forEach((_, i) => {
    targets.data[i] = i % 10 === y.data[Math.floor(i / 10)] ? 1 : -1
  })
  return [
    new Tensor(
      x.shape,
      x.data.map(ink => 2 * ink - 1),
    ),
    targets,
  ]
}

// ---- Net: two layers of 12 maps, 30 hidden units, 10 outputs.

/** Weights start at random within ±2.4 over the root of the number of inputs. */
const start = (inputs: number) =>
  new RandomUniform({ minval: -2.4 / Math.sqrt(inputs), maxval: 2.4 / Math.sqrt(inputs) })
const window = { kernelSize: 5, strides: 2, useBias: false } as const
const border = () => new ConstantPadding2D({ padding: 2, value: -1 })
const biasAndTanh = (): Layer[] => [new LocalBias(), new Activation({ activation: 'tanh' })]

/** The eight maps of the first layer that each map of the second sees. */
const planes = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
]
const table = Array.from({ length: 12 }, (_, map) => planes[Math.floor(map / 4)])

export function createNet(seed: number): Sequential {
  const net = new Sequential(
    [
      border(),
      new Conv2D({ filters: 12, ...window, kernelInitializer: start(25) }),
      ...biasAndTanh(),
      border(),
      new ConnectionTableConv2D({ table, ...window, kernelInitializer: start(200) }),
      ...biasAndTanh(),
      new Flatten(),
      new Dense({ units: 30, activation: 'tanh', kernelInitializer: start(192) }),
      new Dense({
        units: 10,
        activation: 'tanh',
        kernelInitializer: start(30),
        biasInitializer: new Constant({ value: -1 }),
      }),
    ],
    { seed: `zip-codes/${seed}` },
  )
  net.build([null, 16, 16, 1])
  return net
}

// ---- Training: one digit after the other, always in the same order.

interface Settings {
  readonly standIn: boolean
  readonly digits: readonly [train: number, test: number]
  readonly passes: number
  readonly learningRate: number
}

export async function train(_model: string, seed: number, settings: Settings) {
  const { standIn, passes, learningRate } = settings
  const train = samples(standIn, 'train', settings.digits[0], seed)
  const test = samples(standIn, 'test', settings.digits[1], seed)
  const net = createNet(seed)
  net.compile({ optimizer: new SGD({ learningRate }), loss: 'mse', metrics: ['categorical_accuracy'] })
  const missed = async ([x, y]: readonly [Tensor, Tensor]) => {
    const { categorical_accuracy } = await net.evaluate(x, y, { batchSize: 100, verbose: 0 })
    return Math.round((1 - (categorical_accuracy as number)) * x.shape[0])
  }
  const misses: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    await net.fit(...train, { batchSize: 1, shuffle: false, verbose: 0 })
    misses.push(await missed(test))
  }
  return {
    parameters: net.countParams(),
    links: linksOf(net),
    train: await missed(train),
    test: await missed(test),
    misses,
  }
}

// ---- Findings.

function findings(results: Results, { settings }: { readonly settings: Settings }) {
  const [model] = models
  const [trained, tested] = settings.digits
  const [train, test] = [results.of(model, 'train'), results.of(model, 'test')]
  const percent = (misses: number, of: number) => ((100 * misses) / of).toFixed(2)
  const misses = results.listOf(model, 'misses')
  const list = test.join(', ')
  return {
    answer:
      `It misses ${list} of ${tested.toLocaleString('en')} test digits, on average ${percent(meanOf(test), tested)} %; in 1989 ` +
      'it was 102 zip code digits, 5.00 %, and in Karpathy’s reproduction with MNIST digits 82, 4.09 %.',
    tables: [
      {
        caption: 'Digits read wrongly, in per cent, and the number of misses in the test',
        header: ['', 'training', 'test', 'misses'],
        rows: [
          ['1989', '0.14', '5.00', '102'],
          ['Karpathy 2022', '0.62', '4.09', '82'],
          ...results.seeds.map((seed, i) => [
            `ours, seed ${seed}`,
            percent(train[i], trained),
            percent(test[i], tested),
            String(test[i]),
          ]),
        ],
      },
    ],
    claims: judge([
      equal('the number of parameters', [results.of(model, 'parameters')[0]], [9760]),
      equal('the number of connections', [results.of(model, 'links')[0]], [64660]),
      rule(
        '70 to 110 misses (3.5 to 5.5 %) with each seed',
        test.every(n => n >= 70 && n <= 110),
        list,
      ),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'The zip code net: misses in the test after each pass, and those of 1989 and of Karpathy after 23',
        x: { name: 'pass', type: 'value' as const },
        y: { name: 'misses in the test' },
        series: [
          { name: '1989', isPaper: true, points: [{ x: 23, y: 102 }] },
          { name: 'Karpathy', isPaper: true, points: [{ x: 23, y: 82 }] },
          { name: `ours, seed ${results.seeds[0]}`, points: misses.map((y, i) => ({ x: i + 1, y })) },
        ],
      },
    ],
  }
}

const models = ['zip code net']

export const experiment: Experiment<Settings> = {
  name: 'zip-codes',
  title: '1989: the zip code net',
  question:
    'The first convolutional net trained by backpropagation read the digits of zip codes. Each of its units has a bias of its ' +
    'own, borders count as paper (−1), and the maps of its second layer see eight of the twelve before, by a table. ' +
    'Does the net as described have the parameters, the connections and the errors as printed?',
  differences: [
    'The zip code digits are not public in that form. As in Karpathy’s reproduction, 7,291 digits to train with and 2,007 to test with are drawn from MNIST, and made 16 × 16 pixels by bilinear interpolation. Other digits are another task: the number of misses is comparable, not the same.',
    'As in that reproduction: tanh, initial weights within ±2.4/√inputs, biases of the outputs of −1, stochastic gradient descent with a learning rate of 0.03, 23 passes.',
  ],
  references: ['lecun1989zip', 'karpathy2022'],
  isDefault: true,
  needsMnist: true,
  seconds: 70,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 3) : seedsFrom(0, 1),
    settings: {
      standIn: size === 'mini',
      digits: { full: [7291, 2007], quick: [7291, 2007], mini: [200, 100] }[size] as [number, number],
      passes: { full: 23, quick: 2, mini: 1 }[size],
      learningRate: 0.03,
    },
  }),
  findings,
}
