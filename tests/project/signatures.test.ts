// docs/keras-compatibility.md against the signatures of the real Keras (tests/golden/signatures.json): every class and
// every argument is on the page, and what the page says of it is true.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  type Config,
  constraints,
  Dense,
  Ftrl,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  Sequential,
  schedules,
  Tensor,
} from 'unshared'
import { toCamelCase } from '../../lib/core/names.ts'
import { namesIn, rowsOf, sectionOf } from '../support/page.ts'
import { requiredOfMetrics } from '../support/required-options.ts'

const page = readFileSync('docs/keras-compatibility.md', 'utf8')
const signatures = JSON.parse(readFileSync('tests/golden/signatures.json', 'utf8'))
const tables = { layers, initializers, regularizers, constraints, losses, metrics, optimizers, schedules }
type Kind = keyof typeof tables

const capital = (kind: string) => kind[0].toUpperCase() + kind.slice(1)
const listed = (kind: Kind) => rowsOf(page, capital(kind)).flatMap(([, names]) => namesIn(names))

/** Layers with a table of their own; the others share one, as do classes of the other kinds. */
const ownTable = ['LocallyConnected1D', 'LocallyConnected2D', 'Dense', 'Flatten', 'Activation', 'Dropout']

/** What the page says of each argument of a class. */
function told(kind: Kind, name: string): Map<string, string> {
  const rows = ownTable.includes(name)
    ? rowsOf(page, name).map(([names, here]) => [names, here])
    : rowsOf(page, kind === 'layers' ? 'Other layers' : `Arguments of ${kind}`)
        .filter(([Class]) => Class === `\`${name}\`` || Class === 'every')
        .map(([, names, here]) => [names, here])
  return new Map(rows.flatMap(([names, here]) => namesIn(names).map(n => [n, here] as const)))
}

/** Whether a class knows an option, whatever it thinks of its value. */
function takes(kind: Kind, className: string, option: string): boolean {
  try {
    tables[kind].get({ className, config: { ...requiredOfMetrics[className], [option]: undefined } })
    return true
  } catch (error) {
    return !/, option: expected /.test(String(error))
  }
}

describe.each(Object.keys(tables) as Kind[])('%s', kind => {
  const classes = Object.entries(signatures[kind]) as [string, string[]][]

  test('every class of Keras is on the page', () => {
    const known = listed(kind)
    expect(classes.map(([name]) => name).filter(name => !known.includes(name))).toEqual([])
  })

  test.each(classes.filter(([name]) => tables[kind].has(name)))('every argument of %s', (name, args) => {
    const said = told(kind, name)
    expect(args.filter(argument => !said.has(argument))).toEqual([])
    for (const argument of args) {
      const here = said.get(argument) as string
      expect(['same', 'better', 'stricter', 'not here', "'float32' only"]).toContain(here.replace(/^as in .*/, 'same'))
      expect([argument, takes(kind, name, toCamelCase(argument))]).toEqual([argument, here !== 'not here'])
    }
  })
})

describe('Sequential', () => {
  const methods = Object.entries(signatures.Sequential) as [string, string[]][]
  const whole = sectionOf(page, 'Sequential')

  test.each(methods)('%s and its arguments', (name, args) => {
    const ownSection = ['compile', 'fit', 'evaluate', 'predict'].includes(name)
    const text = ownSection
      ? rowsOf(page, name)
          .map(([names]) => names)
          .join()
      : whole
    if (!ownSection && name !== '__init__') expect(text).toContain(name)
    expect(args.filter(argument => !new RegExp(`\\b${argument}\\b`).test(text))).toEqual([])
  })
})

// ---- What the page says is refused --------------------------------------------------------------------------------

const refused: [string, Kind, string, Config, RegExp][] = [
  ['a negative learning rate', 'optimizers', 'SGD', { learningRate: -1 }, /^learningRate/],
  ['a learning rate of NaN', 'optimizers', 'Adam', { learningRate: Number.NaN }, /^learningRate/],
  ['a negative weight decay', 'optimizers', 'SGD', { weightDecay: -1 }, /^weightDecay/],
  ['a negative clipnorm', 'optimizers', 'SGD', { clipnorm: -1 }, /^clipnorm/],
  ['a negative clipvalue', 'optimizers', 'SGD', { clipvalue: -1 }, /^clipvalue/],
  ['a negative globalClipnorm', 'optimizers', 'SGD', { globalClipnorm: -1 }, /^globalClipnorm/],
  ['a negative epsilon', 'optimizers', 'Adam', { epsilon: -1 }, /^epsilon/],
  ['lr', 'optimizers', 'SGD', { lr: 1 }, /"lr"|learningRate/],
  ['decay', 'optimizers', 'SGD', { decay: 1 }, /schedule/i],
  ['beta1 of 1', 'optimizers', 'Adam', { beta1: 1 }, /^beta1/],
  ['beta2 of 1', 'optimizers', 'AdamW', { beta2: 1 }, /^beta2/],
  ['emaOverwriteFrequency of 0', 'optimizers', 'SGD', { emaOverwriteFrequency: 0 }, /^emaOverwriteFrequency/],
  ['isLegacyOptimizer', 'optimizers', 'SGD', { isLegacyOptimizer: true }, /^isLegacyOptimizer/],
  [
    'decaySteps of 0',
    'schedules',
    'ExponentialDecay',
    { initialLearningRate: 1, decaySteps: 0, decayRate: 0.5 },
    /^decaySteps/,
  ],
  [
    'tMul below 1',
    'schedules',
    'CosineDecayRestarts',
    { initialLearningRate: 1, firstDecaySteps: 1, tMul: 0.5 },
    /^tMul/,
  ],
  [
    'boundaries that are not sorted',
    'schedules',
    'PiecewiseConstantDecay',
    { boundaries: [2, 1], values: [1, 2, 3] },
    /^boundaries/,
  ],
  ['a negative l1', 'regularizers', 'L1', { l1: -1 }, /^l1/],
  ['a negative l2', 'regularizers', 'L1L2', { l2: -1 }, /^l2/],
  ['a negative factor', 'regularizers', 'OrthogonalRegularizer', { factor: -1 }, /^factor/],
  ['a negative stddev', 'initializers', 'RandomNormal', { stddev: -1 }, /^stddev/],
  ['a maxval below minval', 'initializers', 'RandomUniform', { minval: 1, maxval: 0 }, /^maxval/],
  ['a negative maxValue', 'constraints', 'MaxNorm', { maxValue: -1 }, /^maxValue/],
  ['minValue above maxValue', 'constraints', 'MinMaxNorm', { minValue: 2, maxValue: 1 }, /^maxValue/],
  ['a rate above 1', 'constraints', 'MinMaxNorm', { rate: 2 }, /^rate/],
  ['maxValue of a ReLU below 0', 'layers', 'ReLU', { maxValue: -1 }, /^maxValue/],
  ['an activation layer as an activation', 'layers', 'Activation', { activation: 'PReLU' }, /^activation/],
  ['dilated transposes', 'layers', 'Conv2DTranspose', { filters: 1, kernelSize: 1, dilationRate: 2 }, /^dilationRate/],
  ['masks', 'layers', 'Embedding', { inputDim: 1, outputDim: 1, maskZero: true }, /^maskZero/],
  ['noiseShape of AlphaDropout', 'layers', 'AlphaDropout', { rate: 0.1, noiseShape: [1] }, /^noiseShape/],
]
test.each(refused)('%s is refused, with its name', (_what, kind, className, config, message) => {
  const { get } = tables[kind]
  expect(() => get({ className, config })).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
  expect(() => get({ className, config })).toThrow(message)
})

test("Ftrl's step with a learning rate of 0 is refused, and the weights stay", () => {
  const model = new Sequential([new Dense({ units: 1, inputShape: [1] })])
  model.compile({ optimizer: new Ftrl({ learningRate: 0 }), loss: 'mse' })
  const before = model.getWeights()
  expect(() => model.trainOnBatch([[1]], [[1]])).toThrow(/^learningRate/)
  expect(model.getWeights()).toEqual(before)
})

test('OrthogonalRegularizer of one vector is refused', () => {
  const layer = new Dense({ units: 3, kernelRegularizer: 'orthogonal_regularizer' })
  const model = new Sequential([layer])
  model.compile({ loss: 'mse' })
  expect(() => model.trainOnBatch([[1]], [[1, 1, 1]])).toThrow(/at least two rows/)
})

describe('what the page says of numbers is so', () => {
  test("a softmax's gradient from logits is softmax · Σt − t", () => {
    const loss = losses.get({ className: 'CategoricalCrossentropy', config: { fromLogits: true } })
    const gradient = loss.gradient([[0.5, 1]], [[0, 0]])
    expect([...gradient.data]).toEqual([0.5 * 1.5 - 0.5, 0.5 * 1.5 - 1])
  })

  test('a loss whose rows are all ignored is 0', () => {
    const config = { ignoreClass: 1, fromLogits: true }
    const loss = losses.get({ className: 'SparseCategoricalCrossentropy', config })
    expect([...loss.compute([1, 1], Tensor.zeros([2, 3])).data]).toEqual([0])
  })

  test.each(['bce', 'kld', 'kl_divergence', 'mse'])('the loss %s has its name', name => {
    expect(losses.get(name).className).toMatch(/Crossentropy|Divergence|Error/)
  })
})
