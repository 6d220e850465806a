// Steps that pass over what stays as it is in a dense locally connected kernel: the same bits as a step of everything.

import { expect, test } from '@jest/globals'
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  Flatten,
  Ftrl,
  Lion,
  LocallyConnected2D,
  type LocallyConnected2DOptions,
  Nadam,
  normal,
  type Optimizer,
  RMSprop,
  Sequential,
  SGD,
  stream,
  Tensor,
} from 'unshared'
import { sizeOf } from '../../lib/check.ts'
import { expectSameBits } from '../support/bits.ts'

interface Trained {
  readonly model: Sequential
  readonly layer: LocallyConnected2D
  readonly optimizer: Optimizer
}

type Engine = 'reference' | 'simd'

const numbers = (name: string, length: number) => {
  const random = stream(3, name)
  return new Float32Array(length).map(() => normal(random))
}

/** Three steps of a layer whose kernel of 256 × 3136 is connected at 9 of 196 places. */
function train(
  engine: Engine,
  optimizer: Optimizer,
  options: Partial<LocallyConnected2DOptions> = {},
  before: (trained: Trained, step: number) => void = () => {},
): Trained {
  const layer = new LocallyConnected2D({
    ...{ filters: 16, kernelSize: 3, implementation: 2, inputShape: [16, 16, 1], ...options },
  })
  const model = new Sequential([layer, new Flatten()], { seed: 1, engine, threads: 2 })
  model.compile({ optimizer, loss: 'mean_squared_error' })
  const [kernel, bias] = model.getWeights()
  const signed = kernel.data.map((w, i) => (i % 3 === 0 ? -0 : w))
  model.setWeights([new Tensor(kernel.shape, signed), bias])
  const trained = { model, layer, optimizer }
  const [inputShape, outputShape] = [model.inputShape, model.outputShape].map(shape => [
    4,
    ...(shape as number[]).slice(1),
  ])
  const x = new Tensor(inputShape, numbers('x', sizeOf(inputShape)))
  const y = new Tensor(outputShape, numbers('y', sizeOf(outputShape)))
  for (let step = 0; step < 3; step++) {
    before(trained, step)
    model.trainOnBatch(x, y)
  }
  return trained
}

function expectSameTraining(found: Trained, expected: Trained): void {
  const pairs = [
    ...found.model.getWeights().map((w, i) => [w.data, expected.model.getWeights()[i].data] as const),
    ...found.optimizer.variables().map((v, i) => [v.value, expected.optimizer.variables()[i].value] as const),
    ...found.model.gradients().map((g, i) => [g.data, expected.model.gradients()[i].data] as const),
  ]
  pairs.forEach(([a, b], i) => {
    expectSameBits(a, b, `array ${i}`)
  })
}

const optimizers: readonly (readonly [string, () => Optimizer])[] = [
  ['SGD', () => new SGD({ learningRate: 0.1 })],
  ['SGD with momentum', () => new SGD({ momentum: 0.9 })],
  ['SGD with Nesterov momentum', () => new SGD({ momentum: 0.9, nesterov: true })],
  ['Lion', () => new Lion()],
  ['Adagrad', () => new Adagrad()],
  ['RMSprop', () => new RMSprop()],
  ['RMSprop with momentum', () => new RMSprop({ momentum: 0.9, centered: true })],
  ['Adadelta', () => new Adadelta()],
  ['Adam', () => new Adam()],
  ['AMSGrad', () => new Adam({ amsgrad: true })],
  ['Adam without epsilon', () => new Adam({ epsilon: 0 })],
  ['Adam with a boundless learning rate', () => new Adam({ learningRate: 1e38, beta1: 0.999 })],
  ['Adamax', () => new Adamax()],
  ['Nadam', () => new Nadam()],
  ['Ftrl', () => new Ftrl()],
  ['weight decay and an average', () => new Adam({ weightDecay: 0.1, useEma: true })],
  ['clipnorm', () => new Adam({ clipnorm: 0.01 })],
  ['globalClipnorm', () => new SGD({ globalClipnorm: 0.01 })],
  ['clipvalue', () => new Adam({ clipvalue: 1e-4 })],
]

test.each(optimizers)('%s', (_, optimizer) => {
  expectSameTraining(train('simd', optimizer()), train('reference', optimizer()))
})

test.each([
  ['a regularizer', { kernelRegularizer: 'l2' }],
  ['a constraint', { kernelConstraint: 'non_neg' }],
  ['padding and strides', { padding: 'same', strides: [1, 2] }],
  ['channels first', { dataFormat: 'channels_first', inputShape: [1, 16, 16] }],
] as const)('%s', (_, options) => {
  const given = options as Partial<LocallyConnected2DOptions>
  expectSameTraining(train('simd', new Adam(), given), train('reference', new Adam(), given))
})

test('a gradient that somebody may have changed is cleared', () => {
  const spoil = ({ model }: Trained, step: number) => {
    if (step > 0) model.parameters[0].grad.fill(5)
  }
  const found = train('simd', new SGD(), {}, spoil)
  expectSameTraining(found, train('reference', new SGD()))
})

test.each(['m', 'v'])('a slot that was set where nothing is connected acts: %s', name => {
  const set = ({ optimizer }: Trained, step: number) => {
    if (step !== 1) return
    for (const { name: own, value } of optimizer.variables()) if (own === `Adam/${name}/kernel`) value.fill(1)
  }
  const found = train('simd', new Adam(), {}, set)
  expectSameTraining(found, train('reference', new Adam(), {}, set))
})

test('a slot that has moved where nothing is connected moves on', () => {
  const stepEverywhere = ({ model, optimizer }: Trained, step: number) => {
    if (step !== 1) return
    model.parameters[0].grad.fill(5)
    optimizer.step()
  }
  const found = train('simd', new Adam(), {}, stepEverywhere)
  expectSameTraining(found, train('reference', new Adam(), {}, stepEverywhere))
})

/** Whether a step of this optimizer passes over what nothing connects: a gradient there, which can't be, has no effect. */
function passesOver(optimizer: Optimizer, options = {}): boolean {
  const { model } = train('simd', optimizer, options)
  const [kernel] = model.parameters
  expect(model.gradients()[0].data[3135]).toBe(0)
  const before = kernel.value[3135] // of the first input and the last place
  kernel.gradToRead[3135] = 1000
  optimizer.step()
  return kernel.value[3135] === before
}

test.each([
  ['SGD', new SGD(), true],
  ['Adam', new Adam(), true],
  ['RMSprop', new RMSprop(), true],
  ['SGD with momentum: a −0 becomes 0', new SGD({ momentum: 0.5 }), false],
  ['Ftrl: weights become 0', new Ftrl(), false],
  ['Adam that clips', new Adam({ clipvalue: 1 }), false],
])('what is passed over: %s', (_, optimizer, expected) => {
  expect(passesOver(optimizer)).toBe(expected)
})

test('what is passed over: nothing where a regularizer acts', () => {
  expect(passesOver(new SGD(), { kernelRegularizer: 'l1' })).toBe(false)
})
