// What is measured, and what is to be reached. Goals are ratios: the best peer's time over ours.

export type Implementation = 1 | 2 | 3

/** One locally connected layer: forward, gradients, and steps of SGD. */
export interface LayerCase {
  readonly kind: 'layer'
  readonly id: string
  readonly title: string
  readonly batch: number
  readonly inputShape: readonly [number, number, number]
  readonly filters: number
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly learningRate: number
}

/**
 * A layer of a model: its class name and options, as in Keras' configs, and the values that it reads: 0 is the model's
 * input, n the output of the nth layer. Default: the value before it.
 */
export type LayerOf = readonly [
  className: string,
  options: Readonly<Record<string, unknown>>,
  reads?: readonly number[],
]

/** A whole model: `fit`, or prediction. A Sequential, or a graph if a layer names the values that it reads. */
export interface ModelCase {
  readonly kind: 'fit' | 'prediction'
  readonly id: string
  readonly title: string
  readonly batch: number
  readonly inputShape: readonly [number, number, number]
  readonly layers: readonly LayerOf[]
  /** Of `fit`: how many samples an epoch has, of how many classes, and how many epochs one measurement takes. */
  readonly samples: number
  readonly classes: number
  readonly epochs: number
  /** Default 'adam'. */
  readonly optimizer?: 'adam' | 'sgd'
}

export type Case = LayerCase | ModelCase

/**
 * What is timed: `call` is forward from an array of the host to another, `first` from nothing to the first output, `fit`
 * one epoch, `batch` a training step on one batch of the host, `one` the prediction of one sample of the host.
 */
export type Quantity = 'forward' | 'backward' | 'step' | 'call' | 'fit' | 'batch' | 'one' | 'first'

export interface Goal {
  readonly case: string
  readonly quantity: Quantity
  /** Contenders of ours; the slowest counts. */
  readonly ours: readonly string[]
  /** Their best time counts. Ids, or beginnings of ids that end in `/`; empty: all peers. */
  readonly peers: readonly string[]
  readonly atLeast: number
}

interface LayerSizes {
  readonly inputShape: readonly [number, number, number]
  readonly filters: number
  readonly window: number
  readonly stride?: number
}

export function layerCase(id: string, batch: number, sizes: LayerSizes): LayerCase {
  const { inputShape, filters, window, stride = 1 } = sizes
  const [h, w] = inputShape
  const [oh, ow] = [h, w].map(n => Math.floor((n - window) / stride) + 1)
  const strides = stride === 1 ? '' : `, strides ${stride}`
  const geometry = `${inputShape.join('×')} → ${oh}×${ow}×${filters}, ${window}×${window}${strides}`
  return {
    kind: 'layer',
    id,
    title: `${geometry}, batch ${batch}`,
    batch,
    inputShape,
    filters,
    kernelSize: [window, window],
    strides: [stride, stride],
    learningRate: 1e-4,
  }
}

const first = { inputShape: [32, 32, 3], filters: 64, window: 3 } as const
const second = { inputShape: [30, 30, 64], filters: 32, window: 3 } as const
/** Layers of small nets: few channels, small patches, strides. */
export const smallLayers = {
  'small-1-8': { inputShape: [8, 8, 1], filters: 8, window: 3 },
  'small-8-8': { inputShape: [6, 6, 8], filters: 8, window: 3 },
  'small-1-16': { inputShape: [28, 28, 1], filters: 16, window: 5, stride: 2 },
  'small-16-16': { inputShape: [12, 12, 16], filters: 16, window: 3 },
} as const
const deepFaceL4 = { inputShape: [63, 63, 16], filters: 16, window: 9 } as const

const local = (filters: number, kernelSize: number, options = {}) =>
  ['LocallyConnected2D', { filters, kernelSize, activation: 'relu', ...options }] as const
const digits = [local(8, 3, { inputShape: [8, 8, 1] }), local(8, 3)]
const toTenClasses = [
  ['Flatten', {}],
  ['Dense', { units: 10, activation: 'softmax' }],
] as const

/** Two locally connected layers that read the same image, then a classifier of both. */
const branches = (filters: number): readonly LayerOf[] => [
  [...local(filters, 3), [0]],
  ['Flatten', {}],
  [...local(filters, 5), [0]],
  ['Flatten', {}],
  ['Concatenate', {}, [2, 4]],
  ['Dense', { units: 10, activation: 'softmax' }],
]

export const cases: readonly Case[] = [
  layerCase('first-32', 32, first),
  layerCase('second-32', 32, second),
  layerCase('first-1', 1, first),
  layerCase('second-1', 1, second),
  layerCase('deepface-l4', 1, deepFaceL4),
  ...Object.entries(smallLayers).map(([id, sizes]) => layerCase(id, 32, sizes)),
  {
    kind: 'fit',
    id: 'fit-digits',
    batch: 32,
    samples: 1437,
    classes: 10,
    epochs: 3,
    title: 'fit, 8×8×1 → LC(8, 3×3) → LC(8, 3×3) → Dense 10, batch 32, Adam, 1,437 samples',
    inputShape: [8, 8, 1],
    layers: [...digits, ...toTenClasses],
  },
  {
    kind: 'fit',
    id: 'fit-digits-one',
    batch: 1,
    samples: 1437,
    classes: 10,
    epochs: 1,
    optimizer: 'sgd',
    title: 'fit, 8×8×1 → LC(8, 3×3) → LC(8, 3×3) → Dense 10, batch 1, SGD, 1,437 samples',
    inputShape: [8, 8, 1],
    layers: [...digits, ...toTenClasses],
  },
  {
    kind: 'fit',
    id: 'fit-pictures',
    batch: 32,
    samples: 2000,
    classes: 10,
    epochs: 1,
    title: 'fit, 28×28×1 → LC(16, 5×5, strides 2) → LC(16, 3×3) → Dense 10, batch 32, Adam, 2,000 samples',
    inputShape: [28, 28, 1],
    layers: [local(16, 5, { strides: 2, inputShape: [28, 28, 1] }), local(16, 3), ...toTenClasses],
  },
  {
    kind: 'fit',
    id: 'fit-fields',
    batch: 32,
    samples: 2000,
    classes: 10,
    epochs: 1,
    title: 'fit, 14×14×1 → LC(8, 3×3) → LC(16, 3×3, strides 2) → Dense 64 → Dense 10, batch 32, Adam, 2,000 samples',
    inputShape: [14, 14, 1],
    layers: [
      local(8, 3, { inputShape: [14, 14, 1] }),
      local(16, 3, { strides: 2 }),
      ['Flatten', {}],
      ['Dense', { units: 64, activation: 'relu' }],
      ['Dense', { units: 10, activation: 'softmax' }],
    ],
  },
  {
    kind: 'fit',
    id: 'fit-branches',
    batch: 32,
    samples: 1437,
    classes: 10,
    epochs: 3,
    title: 'fit, 8×8×1 → LC(8, 3×3) beside LC(8, 5×5) → Concatenate → Dense 10, batch 32, Adam, 1,437 samples',
    inputShape: [8, 8, 1],
    layers: branches(8),
  },
  {
    kind: 'prediction',
    id: 'deepface',
    batch: 1,
    samples: 0,
    classes: 0,
    epochs: 0,
    title: 'DeepFace to its embedding (102,412,864 weights), one image',
    inputShape: [152, 152, 3],
    layers: [
      ['Conv2D', { filters: 32, kernelSize: 11, activation: 'relu', inputShape: [152, 152, 3] }],
      ['MaxPooling2D', { poolSize: 3, strides: 2, padding: 'same' }],
      ['Conv2D', { filters: 16, kernelSize: 9, activation: 'relu' }],
      local(16, 9),
      local(16, 7, { strides: 2 }),
      local(16, 5),
      ['Flatten', {}],
      ['Dense', { units: 4096, activation: 'relu' }],
    ],
  },
]

/** Small cases whose sizes fill no vector and no tile: to compare results, not times. */
export const oddCases: readonly Case[] = [
  layerCase('odd-1', 3, { inputShape: [7, 6, 5], filters: 3, window: 2 }),
  layerCase('odd-2', 2, { inputShape: [9, 8, 2], filters: 5, window: 3, stride: 2 }),
  layerCase('odd-3', 1, { inputShape: [5, 11, 1], filters: 1, window: 4, stride: 3 }),
  {
    kind: 'fit',
    id: 'odd-fit',
    batch: 8,
    samples: 30,
    classes: 4,
    epochs: 1,
    inputShape: [7, 7, 1],
    title: 'fit, 7×7×1 → LC(3, 3×3) → Dense 4, batch 8, Adam, 30 samples',
    layers: [local(3, 3, { inputShape: [7, 7, 1] }), ['Flatten', {}], ['Dense', { units: 4, activation: 'softmax' }]],
  },
  {
    kind: 'fit',
    id: 'odd-fit-sgd',
    batch: 5,
    samples: 27,
    classes: 3,
    epochs: 1,
    optimizer: 'sgd',
    inputShape: [9, 7, 2],
    title: 'fit, 9×7×2 → LC(3, 3×3, strides 2) → LC(2, 2×2) → Dense 5 → Dense 3, batch 5, SGD, 27 samples',
    layers: [
      local(3, 3, { strides: 2, inputShape: [9, 7, 2] }),
      local(2, 2),
      ['Flatten', {}],
      ['Dense', { units: 5, activation: 'relu' }],
      ['Dense', { units: 3, activation: 'softmax' }],
    ],
  },
  {
    kind: 'fit',
    id: 'odd-branches',
    batch: 8,
    samples: 30,
    classes: 10,
    epochs: 1,
    inputShape: [7, 7, 1],
    title: 'fit, 7×7×1 → LC(3, 3×3) beside LC(3, 5×5) → Concatenate → Dense 10, batch 8, Adam, 30 samples',
    layers: branches(3),
  },
]

const goal = (
  id: string,
  quantity: Quantity,
  atLeast: number,
  ours: readonly string[] = ['unshared/1'],
  peers: readonly string[] = [],
): Goal => ({ case: id, quantity, ours, peers, atLeast })
const anyOfOurs = ['unshared/1', 'unshared/2', 'unshared/3']

export const goals: readonly Goal[] = [
  goal('first-32', 'forward', 2.0),
  goal('first-32', 'step', 1.9),
  goal('second-32', 'forward', 1.0),
  goal('second-32', 'step', 5),
  goal('first-1', 'forward', 1.9),
  goal('first-1', 'step', 1.0),
  goal('second-1', 'forward', 1.1),
  goal('second-1', 'step', 1.1),
  goal('deepface-l4', 'forward', 1.7),
  goal('deepface-l4', 'step', 2),
  ...['first-32', 'second-32', 'second-1', 'deepface-l4'].flatMap(id =>
    (['forward', 'step'] as const).map(quantity => goal(id, quantity, 20, ['unshared/3'], ['tf-keras/3'])),
  ),
  goal('first-32', 'forward', 7, ['unshared/2'], ['tf-keras/2']),
  goal('first-32', 'step', 5, ['unshared/2'], ['tf-keras/2']),
  goal('first-1', 'forward', 5, ['unshared/2'], ['tf-keras/2']),
  goal('first-1', 'step', 5, ['unshared/2'], ['tf-keras/2']),
  ...['first-32', 'second-32'].flatMap(id =>
    (['forward', 'step'] as const).map(quantity => goal(id, quantity, 12, anyOfOurs, ['tfjs-wasm'])),
  ),
  ...['fit-digits', 'fit-pictures', 'fit-fields'].map(id => goal(id, 'fit', 8)),
  goal('fit-branches', 'fit', 7),
  goal('deepface', 'first', 8, ['unshared/1'], ['tf-keras/']),
  goal('deepface', 'call', 0.8, ['unshared/1'], ['tf-keras/']),
]
