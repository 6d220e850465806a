// Values for the parameters of a target: valid ones by their declared types and names, and wrong ones in their place.

import fc, { type Arbitrary } from 'fast-check'
import * as unshared from 'unshared'
import { standaloneContext } from '../../lib/layers/layer.ts'
import { samples } from '../support/layer-samples.ts'
import { requiredOfMetrics } from '../support/required-options.ts'
import type { Field, Kind, Target } from './surface.ts'

/** How to make a value, anew for each engine, and how to write it in a report. */
export interface Recipe {
  readonly text: string
  readonly make: () => unknown
  /** Whether it holds NaN, infinities or numbers so large that results may. */
  readonly isExtreme?: boolean
}

export interface Call {
  readonly target: Target
  readonly arguments: readonly Recipe[]
  readonly text: string
}

const recipe = (text: string, make: () => unknown, isExtreme = false): Recipe => ({ text, make, isExtreme })
const plain = (value: unknown): Recipe =>
  recipe(textOf(value), () => structuredClone(value), typeof value === 'number' && Math.abs(value) >= 1e9)
const textOf = (value: unknown) =>
  typeof value === 'string' || (typeof value === 'object' && value !== null) ? JSON.stringify(value) : String(value)
const listOf = (items: readonly Recipe[]): Recipe =>
  recipe(`[${items.map(({ text }) => text).join(', ')}]`, () => items.map(({ make }) => make()), items.some(extreme))
const objectOf = (fields: readonly (readonly [string, Recipe])[]): Recipe =>
  recipe(
    `{ ${fields.map(([name, { text }]) => `${JSON.stringify(name)}: ${text}`).join(', ')} }`,
    () => {
      const object = {}
      for (const [name, { make }] of fields)
        Object.defineProperty(object, name, { value: make(), enumerable: true, configurable: true, writable: true })
      return object
    },
    fields.some(([, field]) => extreme(field)),
  )
const extreme = ({ isExtreme = false }: Recipe) => isExtreme

// ---- Wrong values -------------------------------------------------------------------------------------------------

function cyclic(): unknown[] {
  const array: unknown[] = []
  array.push(array)
  return array
}

function nested(depth: number): unknown {
  let array: unknown = 1
  for (let i = 0; i < depth; i++) array = [array]
  return array
}

/** Names that every object has. */
export const prototypeNames = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']

const numbers = [0, -0, -1, 0.5, 1.5, 3, 7, -1e9, 1e9, 1e12, 2 ** 31, 2 ** 32 + 1, 2 ** 53, 5e-324]
const extremes = [Number.NaN, Infinity, -Infinity, 1e39, 1e308, -1e38]

const wrong: readonly Recipe[] = [
  ...[undefined, null, true, false, '', 'x', '3', ' ', 'a/b', '\u0000', ...prototypeNames, ...numbers].map(plain),
  ...extremes.map(n => recipe(String(n), () => n, true)),
  ...[
    [],
    {},
    [[]],
    [null],
    ['a'],
    [1],
    [-1],
    [0],
    [1.5],
    [1e9],
    [1e9, 1e9],
    [2, 2],
    [1, 2, 3],
    [[1], [2, 3]],
    [1, [2]],
  ].map(plain),
  ...[
    { length: 1e9 },
    { shape: [1e9, 1e9], data: [] },
    { shape: 'x', data: 3 },
    { className: 'Nothing', config: {} },
  ].map(plain),
  ...prototypeNames.map(className => plain({ className, config: {} })),
  ...prototypeNames.map(name => objectOf([[name, plain(1)]])),
  recipe('[NaN]', () => [Number.NaN], true),
  recipe('[Infinity]', () => [Infinity], true),
  recipe('[1e39]', () => [1e39], true),
  recipe('1n', () => 1n),
  recipe('Symbol()', () => Symbol('s')),
  recipe('() => 1', () => () => 1),
  recipe('async () => []', () => async () => []),
  recipe('class {}', () => class {}),
  recipe('new Date(0)', () => new Date(0)),
  recipe('/x/', () => /x/),
  recipe('new Map()', () => new Map([[1, 2]])),
  recipe('new Set()', () => new Set([1])),
  recipe('Promise', () => Promise.resolve(1)),
  recipe('new Error()', () => new Error('x')),
  recipe('Object.create(null)', () => Object.create(null)),
  recipe('cyclic array', cyclic),
  recipe('array nested 20,000 deep', () => nested(20_000)),
  recipe('sparse array', () => new Array(3)),
  recipe('repeated ndarray', () => ({ data: [1], shape: [1e9, 1e9], stride: [0, 0], offset: 0 })),
  recipe('Float32Array(0)', () => new Float32Array(0)),
  recipe('Float32Array(3)', () => Float32Array.of(1, 2, 3)),
  recipe('BigInt64Array', () => BigInt64Array.of(1n)),
  recipe('DataView', () => new DataView(new ArrayBuffer(8))),
  recipe('ArrayBuffer', () => new ArrayBuffer(8)),
  recipe('Tensor []', () => unshared.Tensor.from(1)),
  recipe('Tensor [0, 3]', () => unshared.Tensor.zeros([0, 3])),
  recipe('Tensor [2, 2]', () =>
    unshared.Tensor.from([
      [1, 2],
      [3, 4],
    ]),
  ),
  recipe('Dense', () => new unshared.Dense({ units: 2 })),
  recipe('SGD', () => new unshared.SGD()),
  recipe('Sequential', () => new unshared.Sequential([], { seed: 1 })),
  recipe('generator', () =>
    (function* () {
      yield 1
    })(),
  ),
]
export const wrongValue: Arbitrary<Recipe> = fc.constantFrom(...wrong)

// ---- Valid values -------------------------------------------------------------------------------------------------

/** Values that a name stands for, whatever its class. */
const byName: Record<string, unknown[]> = {
  units: [2],
  filters: [2],
  kernelSize: [2],
  poolSize: [2],
  size: [2],
  n: [2],
  inputDim: [6],
  outputDim: [2],
  rate: [0.3],
  stddev: [0.5],
  targetShape: [[-1]],
  dims: [[2, 1]],
  scale: [0.5],
  padding: ['valid', 'same'],
  implementation: [1, 2, 3],
  learningRate: [0.01],
  decay: [0.9],
  epochs: [1],
  initialEpoch: [0],
  batchSize: [2],
  steps: [1],
  stepsPerEpoch: [2],
  validationSplit: [0.5],
  validationSteps: [1],
  validationFreq: [1],
  verbose: [0],
  memoryLimit: [1e8],
  threads: [1],
  seed: [1],
  name: ['some_name'],
  numClasses: [2],
  targetClassIds: [[0]],
  recall: [0.5],
  precision: [0.5],
  specificity: [0.5],
  sensitivity: [0.5],
  thresholds: [[0.3, 0.6]],
  k: [2],
  classes: [2],
  labels: [[0, 1]],
  boundaries: [[1, 2]],
  values: [[0.5, 0.2, 0.1]],
  decaySteps: [10],
  decayRate: [0.9],
  firstDecaySteps: [5],
  initialLearningRate: [0.1],
  monitor: ['loss'],
  patience: [0, 1],
  inputShape: [[4]],
  batchInputShape: [[null, 4]],
  x: [
    [
      [0.1, 0.2, 0.3, 0.4],
      [1, -1, 0.5, 2],
      [0, 1, 2, 3],
    ],
  ],
  y: [
    [
      [1, 0],
      [0, 1],
      [0.5, 0.5],
    ],
  ],
  yTrue: [
    [
      [0, 1],
      [1, 0],
    ],
  ],
  yPred: [
    [
      [0.2, 0.8],
      [0.6, 0.4],
    ],
  ],
  sampleWeight: [undefined],
  dy: [
    [
      [1, 0.5],
      [1, 1],
      [0, 2],
    ],
  ],
  given: [
    [
      [
        [[1], [2]],
        [[3], [4]],
      ],
    ],
  ],
  tensor: [
    [
      [1, 2],
      [3, 4],
    ],
  ],
  tensors: [
    [
      [
        [1, 2],
        [3, 4],
      ],
      [0, 1],
    ],
  ],
  rows: [[1, 0]],
  sizes: [[0.5]],
  axes: [[1, 0]],
  frame: [
    [
      [0, 1],
      [0, 0],
    ],
  ],
  offset: [[1, 0]],
  offsets: [[[1, 0]]],
  most: [1],
  array: [
    [
      [1, 2],
      [3, 4],
    ],
  ],
  shape: [[2, 2]],
  axis: [-1],
  epoch: [0],
  batch: [0],
  logs: [{ loss: 0.5 }],
  nameOrIndex: [0],
  classWeight: [undefined],
  validationData: [undefined],
  callbacks: [[]],
  signal: [undefined],
  state: [[0, 0]],
  identifier: ['accuracy'],
  className: ['Zeros'],
  metrics: [['mae']],
  weightedMetrics: [[]],
  loss: ['mse'],
  optimizer: ['sgd'],
  format: ['tfjs', 'safetensors', 'h5', 'keras', 'weights.h5'],
  engine: [undefined],
  print: [undefined],
  training: [false, true],
  positions: [[0.4, 0.8, 1]],
  lineLength: [70],
  begin: [0],
  end: [1],
  repeats: [1],
  config: [{ name: 'm', layers: [] }],
  filepath: ['some.weights.h5'],
  filename: ['some.csv'],
  backupDir: ['backup'],
  path: ['some.txt'],
  content: ['text'],
  separator: [','],
}

const make = (name: string, text: string, maker: () => unknown): [string, Recipe] => [name, recipe(text, maker)]
/** Objects that a type's name stands for. */
const byType = new Map<string, Recipe>([
  make('Sequential', 'a model', () => model()),
  make('Layer', 'a layer', () => new unshared.Dense({ units: 2 })),
  make('Callback', 'a callback', () => ({ onEpochEnd() {} })),
  make('Loss', 'a loss', () => new unshared.MeanSquaredError()),
  make('Metric', 'a metric', () => new unshared.MeanSquaredError()),
  make('Optimizer', 'an optimizer', () => new unshared.SGD()),
  make('Initializer', 'an initializer', () => new unshared.Zeros()),
  make('Regularizer', 'a regularizer', () => new unshared.L2()),
  make('Constraint', 'a constraint', () => new unshared.NonNeg()),
  make(
    'LearningRateSchedule',
    'a schedule',
    () => new unshared.CosineDecay({ initialLearningRate: 0.1, decaySteps: 5 }),
  ),
  make('Activation', 'an activation', () => unshared.activations.get('relu')),
  make('Tensor', 'a tensor', () =>
    unshared.Tensor.from([
      [1, 2],
      [3, 4],
    ]),
  ),
  make('Random', 'a stream', () => unshared.stream(1)),
  make('Seed', '1', () => 1),
  make('NestedArray', '[0.5]', () => [0.5]),
  make('TensorLike', '[[1, 2], [3, 4]]', () => [
    [1, 2],
    [3, 4],
  ]),
  make('Conv1D', 'Conv1D', () => built(new unshared.Conv1D({ filters: 2, kernelSize: 2 }), [4, 2])),
  make('Conv2D', 'Conv2D', () => built(new unshared.Conv2D({ filters: 2, kernelSize: 2 }), [3, 3, 1])),
  make('LocallyConnected1D', 'LC1D', () =>
    built(new unshared.LocallyConnected1D({ filters: 2, kernelSize: 2 }), [4, 2]),
  ),
  make('LocallyConnected2D', 'LC2D', () =>
    built(new unshared.LocallyConnected2D({ filters: 2, kernelSize: 2 }), [3, 3, 1]),
  ),
  make('LocallyConnected', 'LC2D', () =>
    built(new unshared.LocallyConnected2D({ filters: 2, kernelSize: 2 }), [3, 3, 1]),
  ),
  make('Differentiable', 'a layer', () => new unshared.Dense({ units: 2, inputShape: [4] })),
  make('Model', 'a model with a branch', () => graphModel()),
  make('WatchedModel', 'a model', () => model()),
  make('Uint8Array', 'bytes', () => new Uint8Array(8)),
  make('Float32Array', 'Float32Array(4)', () => Float32Array.of(1, 2, 3, 4)),
  make('Int32Array', 'Int32Array', () => Int32Array.of(1, 0)),
])

/** A small compiled model. */
export function model() {
  const { Dense, Sequential } = unshared
  const layers = [
    new Dense({ units: 3, activation: 'tanh', inputShape: [4] }),
    new Dense({ units: 2, activation: 'softmax' }),
  ]
  const made = new Sequential(layers, { seed: 1 })
  made.compile({ optimizer: 'adam', loss: 'categorical_crossentropy', metrics: ['mae'] })
  return made
}

/** A small compiled model with a branch. */
export function graphModel() {
  const { Add, Dense, input, Model } = unshared
  const inputs = input({ shape: [4] })
  const branches = [1, 2].map(() => new Dense({ units: 2, activation: 'tanh' }).apply(inputs))
  const made = new Model({ inputs, outputs: new Add().apply(branches), seed: 1 })
  made.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  return made
}

export function built<L extends unshared.Layer>(layer: L, inputShape: readonly number[]): L {
  layer.build([null, ...inputShape], standaloneContext(1))
  layer.setWeights(
    layer.getWeights().map(
      ({ shape, data }) =>
        new unshared.Tensor(
          shape,
          data.map((_, i) => Math.sin(i)),
        ),
    ),
  )
  return layer
}

/** A valid value, as far as the declared type and the names tell. */
export function valid(type: Kind, name: string): Arbitrary<Recipe> {
  const named = byName[name]
  if (named && Object.hasOwn(byName, name)) return fc.constantFrom(...named.map(plain))
  switch (type.kind) {
    case 'number':
      return fc.constantFrom(1, 2, 0.5).map(plain)
    case 'string':
      return fc.constant(plain('text'))
    case 'boolean':
      return fc.boolean().map(plain)
    case 'function':
      return fc.constant(recipe('() => 0', () => () => 0))
    case 'literal':
      return fc.constant(plain(type.value))
    case 'array':
      return fc.array(valid(type.item, ''), { minLength: 1, maxLength: 2 }).map(listOf)
    case 'tuple':
      return fc.tuple(...type.items.map(item => valid(item, ''))).map(listOf)
    case 'union':
      return fc.oneof(...type.of.map(part => valid(part, '')))
    case 'object':
      return options(type.fields)
    case 'named': {
      const known = byType.get(type.name)
      return known ? fc.constant(known) : options(type.fields)
    }
    default:
      return fc.constant(plain(undefined))
  }
}

/** An object with all required fields, and some of the others. */
function options(fields: readonly Field[]): Arbitrary<Recipe> {
  const present = fields.map(({ name, type, isOptional }) =>
    fc.tuple(isOptional ? fc.integer({ min: 0, max: 6 }) : fc.constant(0), valid(type, name)),
  )
  return fc.tuple(...present).map(drawn => {
    const chosen = drawn.flatMap(([n, value], i) => (n === 0 ? [[fields[i].name, value] as const] : []))
    return objectOf(chosen)
  })
}

/** Counts of steps, which may rightly be so large that they take for ever. */
const endless = /^(epochs|steps|stepsPerEpoch|timeBudget)$/
const finiteValue = wrongValue.filter(({ isExtreme }) => !isExtreme)

/** A value in which something is wrong: itself, or a part of it. */
export function mutant(type: Kind, name: string, depth = 0): Arbitrary<Recipe> {
  if (endless.test(name)) return finiteValue
  const parts: { arbitrary: Arbitrary<Recipe>; weight: number }[] = [{ arbitrary: wrongValue, weight: 2 }]
  if (depth < 3) {
    const kinds = type.kind === 'union' ? type.of : [type]
    for (const kind of kinds) {
      if (
        (kind.kind === 'object' || kind.kind === 'named') &&
        kind.fields.length > 0 &&
        !byType.has('name' in kind ? kind.name : '')
      ) {
        parts.push({
          arbitrary: fc.constantFrom(...kind.fields).chain(field => withField(kind.fields, field, depth)),
          weight: 6,
        })
        const extra = fc.tuple(options(kind.fields), fc.constantFrom('misspelt', ...prototypeNames), wrongValue)
        parts.push({ arbitrary: extra.map(([given, key, value]) => withKey(given, key, value)), weight: 1 })
      }
      if (kind.kind === 'array')
        parts.push({
          arbitrary: fc.tuple(valid(kind.item, ''), mutant(kind.item, '', depth + 1)).map(listOf),
          weight: 2,
        })
      if (kind.kind === 'tuple' && kind.items.length > 0)
        parts.push({
          arbitrary: fc.tuple(...kind.items.map(item => mutant(item, '', depth + 1))).map(listOf),
          weight: 2,
        })
    }
  }
  const given = byName[name]?.[0]
  if (Array.isArray(given))
    parts.push({
      arbitrary: fc.tuple(fc.nat(), wrongValue).map(([at, value]) => withItem(given, at, value)),
      weight: 2,
    })
  return fc.oneof(...parts)
}

function withField(fields: readonly Field[], field: Field, depth: number): Arbitrary<Recipe> {
  return fc
    .tuple(options(fields), mutant(field.type, field.name, depth + 1))
    .map(([given, value]) => withKey(given, field.name, value))
}

const withKey = (given: Recipe, key: string, value: Recipe): Recipe =>
  recipe(
    `{ ...${given.text}, ${JSON.stringify(key)}: ${value.text} }`,
    () =>
      Object.defineProperty(given.make() as object, key, { value: value.make(), enumerable: true, configurable: true }),
    extreme(given) || extreme(value),
  )

/** One of the items, at any depth, replaced. */
const withItem = (list: unknown[], at: number, value: Recipe): Recipe =>
  recipe(
    `${textOf(list)} with item ${at} ${value.text}`,
    () => {
      let items = structuredClone(list)
      const whole = items
      for (let rest = at; ; rest = Math.floor(rest / items.length)) {
        const i = rest % items.length
        if (!Array.isArray(items[i]) || rest % 3 === 0) {
          items[i] = value.make()
          return whole
        }
        items = items[i] as unknown[]
      }
    },
    extreme(value),
  )

/** A call of the target with something wrong; or, rarely, nothing. */
export function calls(target: Target): Arbitrary<Call> {
  const { parameters } = target
  const valids = parameters.map(({ name, type }) => valid(type, name))
  const texted = (given: readonly Recipe[]): Call => ({
    ...{ target, arguments: given },
    text: `${nameOf(target)}(${given.map(({ text }) => text).join(', ')})`,
  })
  const right = fc.tuple(...valids)
  if (parameters.length === 0)
    return fc.tuple(wrongValue, fc.boolean()).map(([value, more]) => texted(more ? [value] : []))
  const oneWrong = fc
    .nat({ max: parameters.length - 1 })
    .chain(at =>
      fc
        .tuple(right, mutant(parameters[at].type, parameters[at].name), fc.boolean())
        .map(([given, value, all]) => texted([...given.slice(0, at), value, ...(all ? given.slice(at + 1) : [])])),
    )
  const tooFew = right.chain(given => fc.nat({ max: given.length - 1 }).map(count => texted(given.slice(0, count))))
  const tooMany = target.hasInternal
    ? right.map(texted)
    : fc.tuple(right, wrongValue).map(([given, value]) => texted([...given, value]))
  return fc.oneof(
    { arbitrary: oneWrong, weight: 20 },
    { arbitrary: tooFew, weight: 1 },
    { arbitrary: tooMany, weight: 1 },
    { arbitrary: right.map(texted), weight: 2 },
  )
}

export const nameOf = ({ name, member, how }: Target) =>
  `${how === 'construct' ? 'new ' : ''}${name}${member === null ? '' : `.${member}`}${how === 'set' ? ' = ' : ''}`

/** Options without which a class cannot be made. */
export const required: Record<string, object> = {
  Dot: { axes: 1 },
  InputLayer: { inputShape: [3] },
  ...requiredOfMetrics,
  PiecewiseConstantDecay: { boundaries: [1, 2], values: [0.5, 0.2, 0.1] },
  InverseTimeDecay: { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 },
  ExponentialDecay: { initialLearningRate: 0.1, decaySteps: 10, decayRate: 0.9 },
  PolynomialDecay: { initialLearningRate: 0.1, decaySteps: 10 },
  CosineDecay: { initialLearningRate: 0.1, decaySteps: 10 },
  CosineDecayRestarts: { initialLearningRate: 0.1, firstDecaySteps: 5 },
  MeanOfLoss: { loss: 'mse' },
  ...Object.fromEntries(Object.entries(samples).map(([name, [{ config = {} }]]) => [name, config])),
}
