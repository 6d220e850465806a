// What is spared on a dense locally connected kernel: steps have the same bits as steps of everything, whoever writes.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
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
  Optimizer,
  type Parameter,
  RMSprop,
  Sequential,
  SGD,
  type Slots,
  stream,
  Tensor,
} from 'unshared'
import { sizeOf } from '../../lib/core/check.ts'
import type * as contract from '../../lib/engine/engine.ts'
import { connectionMask } from '../../lib/kernels/local2d-dense.ts'
import { adagradSteps, commonSteps, lionSteps, rmspropSteps, sgdSteps } from '../../lib/kernels/optimizers.ts'
import { LINE } from '../../lib/simd/layout.ts'
import { connectedStretches, staysBelow, stretchesIn } from '../../lib/simd/sparing.ts'
import { expectSameBits } from '../support/bits.ts'
import { geometryOf, largerLocalCases } from '../support/geometries.ts'

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
    filters: 16,
    kernelSize: 3,
    implementation: 2,
    inputShape: [16, 16, 1],
    ...options,
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
  ['Adagrad that divides 0 by 0', () => new Adagrad({ epsilon: 0, initialAccumulatorValue: 0 })],
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

/** Three steps with `before` each of them, on both engines. */
function expectSameOnBoth(optimizer: () => Optimizer, before: (trained: Trained, step: number) => void): void {
  const found = train('simd', optimizer(), {}, before)
  expectSameTraining(found, train('reference', optimizer(), {}, before))
}

test('an array of a gradient or of a slot that was kept may be written at any time', () => {
  const kept: Float32Array[] = []
  expectSameOnBoth(
    () => new Adam(),
    ({ model, optimizer }, step) => {
      if (step === 0) kept.length = 0
      if (step === 1) {
        kept.push(model.parameters[0].grad)
        const slot = optimizer.variables().find(({ name }) => name === 'Adam/m/kernel')
        if (slot) kept.push(slot.value)
      }
      if (step !== 2) return
      model.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('more', 256)), Tensor.zeros([1, 3136]))
      const [grad, m] = kept
      grad[3135] = 7
      optimizer.step()
      m[3134] = 3
    },
  )
  expect(kept).toHaveLength(2)
})

test('a twin of the model, joined late, takes over who may write', () => {
  expectSameOnBoth(
    () => new SGD({ learningRate: 0.1 }),
    ({ model, layer, optimizer }, step) => {
      if (step === 0) return
      const { grad } = model.parameters[0]
      const other = new Sequential([layer], { seed: 2 })
      expect(other.predictOnBatch(Tensor.zeros([1, 16, 16, 1])).shape).toEqual([1, 14, 14, 16])
      model.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('more', 256)), Tensor.zeros([1, 3136]))
      const now = model.parameters[0].grad
      expect(now.length).toBe(grad.length)
      now[3135] = 7
      optimizer.step()
    },
  )
})

test('slots that a step of one model has moved move on in another one that shares layer and optimizer', () => {
  expectSameOnBoth(
    () => new Adam(),
    ({ model, layer, optimizer }, step) => {
      if (step !== 2) return
      model.parameters[0].grad.fill(5)
      optimizer.step()
      const other = new Sequential([layer, new Flatten()], { seed: 2 })
      other.compile({ optimizer, loss: 'mean_squared_error' })
      other.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('more', 256)), Tensor.zeros([1, 3136]))
    },
  )
})

test('slots that one of two models has moved, joined before, move on in the other', () => {
  let other: Sequential
  expectSameOnBoth(
    () => new Adam(),
    ({ model, layer, optimizer }, step) => {
      const train = () => other.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('more', 256)), Tensor.zeros([1, 3136]))
      if (step === 0) {
        other = new Sequential([layer, new Flatten()], { seed: 2 })
        other.compile({ optimizer, loss: 'mean_squared_error' })
      } else train()
      if (step !== 2) return
      for (const parameter of model.trainableParameters) parameter.grad.fill(5)
      model.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('more', 256)), Tensor.zeros([1, 3136]))
      for (const parameter of model.trainableParameters) parameter.grad.fill(5)
      optimizer.step()
      train()
    },
  )
})

test('a slot below 0 where nothing is connected is no slot at rest', () => {
  expectSameOnBoth(
    () => new Adagrad(),
    ({ optimizer }, step) => {
      const accumulator = optimizer.variables().find(({ name }) => name.endsWith('/kernel'))
      if (step === 1) accumulator?.write(accumulator.read().fill(-1))
    },
  )
})

type Steps = ReturnType<typeof stepsOf>
const stepsOf = (engine: contract.Engine) => ({
  ...engine.kernel(commonSteps),
  ...engine.kernel(sgdSteps),
  ...engine.kernel(lionSteps),
  ...engine.kernel(adagradSteps),
  ...engine.kernel(rmspropSteps),
})

/** An optimizer with an update of one's own: what it does with the kernels is not what the others do. */
const custom = (
  update: (parameter: Parameter, slots: Slots, lr: number, k: Steps, step: number) => void,
  start: number | null = null,
) => {
  class Custom extends Optimizer {
    readonly className = 'Custom'
    protected readonly slots = start === null ? [] : [{ a: start }]

    constructor() {
      super({}, { name: 'Custom', learningRate: 0.01 })
    }

    protected update(parameter: Parameter, slots: Slots, lr: number, engine: contract.Engine) {
      update(parameter, slots, lr, stepsOf(engine), this.iterations)
    }
  }
  return new Custom()
}
const g = ({ gradient }: Parameter) => gradient.array

test.each<[string, () => Optimizer]>([
  [
    'decay added to the gradient',
    () =>
      custom((p, _, lr, k) => {
        k.average(g(p), p.value, p.size, 1, Math.fround(0.1))
        k.sgd(p.value, g(p), p.size, lr)
      }),
  ],
  [
    'a step of the gradient itself',
    () =>
      custom((p, _, lr, k) => {
        k.sgd(g(p), p.value, p.size, Math.fround(-0.1))
        k.sgd(p.value, g(p), p.size, lr)
      }),
  ],
  ...[Infinity, -1].map((factor): [string, () => Optimizer] => [
    `gradients times ${factor}`,
    () =>
      custom((p, _, lr, k) => {
        k.scale(g(p), p.size, factor)
        k.sgd(p.value, g(p), p.size, lr)
      }),
  ]),
  [
    'a slot that other kernels move',
    () =>
      custom((p, [a], lr, k) => {
        k.lion(p.value, a.array, g(p), p.size, lr, Math.fround(0.9), Math.fround(0.99))
        k.average(a.array, p.value, p.size, Math.fround(0.9), Math.fround(0.1))
      }, 0),
  ],
  ...(['lion', 'rmsprop'] as const).map((second): [string, () => Optimizer] => [
    `a slot of adagrad that ${second} goes on with`,
    () =>
      custom((p, [a], lr, k, step) => {
        const epsilon = Math.fround(1e-7)
        if (step < 1) k.adagrad(p.value, a.array, g(p), p.size, lr, epsilon)
        else if (second === 'lion') k.lion(p.value, a.array, g(p), p.size, lr, Math.fround(0.9), Math.fround(0.99))
        else k.rmsprop(p.value, a.array, g(p), p.size, lr, Math.fround(0.9), Math.fround(0.1), epsilon)
      }, 0.1),
  ]),
  ...[-0.1, -0, -Infinity].map((rate): [string, () => Optimizer] => [
    `a learning rate of ${Object.is(rate, -0) ? '-0' : rate}`,
    () => custom((p, _, _lr, k) => k.sgd(p.value, g(p), p.size, Math.fround(rate))),
  ]),
  ['Nadam before its first step', () => Object.assign(new Nadam(), { iterations: -1 })],
  ['Adamax before its first step', () => Object.assign(new Adamax(), { iterations: -1 })],
])('unusual steps have the same bits: %s', (_, optimizer) => {
  expectSameTraining(train('simd', optimizer()), train('reference', optimizer()))
})

/** Whether a step passes over what nothing connects: a gradient there, written behind the engine's back, has no effect. */
function sparesNow({ model, optimizer }: Trained): boolean {
  const [kernel] = model.parameters
  expect(model.gradients()[0].data[3135]).toBe(0)
  const before = kernel.value[3135] // of the first input and the last place
  const { array } = kernel.gradient
  array[3135] = 1000
  optimizer.step()
  array[3135] = 0
  return kernel.value[3135] === before
}

test.each([
  ['SGD', new SGD(), true],
  ['Adam', new Adam(), true],
  ['Adagrad', new Adagrad(), true],
  ['RMSprop', new RMSprop(), true],
  ['SGD with momentum: a −0 becomes 0', new SGD({ momentum: 0.5 }), false],
  ['Ftrl: weights become 0', new Ftrl(), false],
  ['Adam that clips', new Adam({ clipvalue: 1 }), false],
])('what is spared: %s', (_, optimizer, expected) => {
  expect(sparesNow(train('simd', optimizer))).toBe(expected)
})

test('what is spared: nothing where a regularizer acts', () => {
  expect(sparesNow(train('simd', new SGD(), { kernelRegularizer: 'l1' }))).toBe(false)
})

test('looking spares as before: gradients, copies of variables, the state that a backup keeps and gives back', () => {
  const look = ({ model, layer, optimizer }: Trained) => {
    expect(model.gradients()).toHaveLength(2)
    expect(layer.getWeights()).toHaveLength(2)
    for (const variable of optimizer.variables()) variable.write(variable.read())
  }
  expect(sparesNow(train('simd', new Adam(), {}, (trained, step) => step > 0 && look(trained)))).toBe(true)
})

test('a gradient, or a slot, that somebody holds is not spared any more', () => {
  expect(sparesNow(train('simd', new SGD(), {}, ({ model }, step) => step === 1 && model.parameters[0].grad))).toBe(
    false,
  )
  const holdAt =
    (when: number) =>
    ({ optimizer }: Trained, step: number) =>
      step === when && optimizer.variables().map(({ value }) => value)
  expect(sparesNow(train('simd', new Adam(), {}, holdAt(0)))).toBe(true) // there are none before the first step
  expect(sparesNow(train('simd', new Adam(), {}, holdAt(1)))).toBe(false)
})

test('memory that is given back is not taken for a gradient of others', () => {
  const model = new Sequential([], { seed: 1, engine: 'simd', threads: 1 })
  for (const padding of ['valid', 'same'] as const) {
    model.add(
      new LocallyConnected2D({ filters: 16, kernelSize: 3, implementation: 2, padding, inputShape: [16, 16, 1] }),
    )
    model.compile({ optimizer: 'sgd', loss: 'mean_squared_error' })
    const size = padding === 'valid' ? 14 : 16
    const y = new Tensor([1, size, size, 16], numbers('y', size * size * 16))
    model.trainOnBatch(new Tensor([1, 16, 16, 1], numbers('x', 256)), y)
    const [gradient] = model.gradients()
    const expected = train('reference', new SGD(), { padding }).model.gradients()[0]
    expect(gradient.data.map(v => Number(v !== 0))).toEqual(expected.data.map(v => Number(v !== 0)))
    model.pop()
  }
})

// ---- Stretches --------------------------------------------------------------------------------------------------

test('lines that follow each other are one stretch', () => {
  const lines = new Uint8Array(1000)
  for (const i of [0, 1, 2, 6, 998, 999]) lines[i] = 1
  expect(stretchesIn(lines)).toEqual(Int32Array.of(0, 3, 6, 7, 998, 1000))
  expect(stretchesIn(new Uint8Array(1))).toEqual(new Int32Array())
})

test('where stretches cost as much as the whole array there are none', () => {
  const lines = (length: number) => Uint8Array.from({ length }, (_, i) => Number([0, 10, 11].includes(i)))
  expect(stretchesIn(lines(13), 5)).toBeNull() // 3 lines in all, and 2 stretches
  expect(stretchesIn(lines(14), 5)).toEqual(Int32Array.of(0, 1, 10, 12))
})

test('every number outside is looked at, and none inside', () => {
  const stretches = Int32Array.of(1, 2, 4, 6)
  const isInside = (i: number) => (i >= 16 && i < 32) || (i >= 64 && i < 96)
  const bits = (n: number) => new Uint32Array(Float32Array.of(n).buffer)[0]
  for (let i = 0; i < 110; i++)
    for (const bad of [4, -0, -1, Number.NaN, Infinity]) {
      const array = new Float32Array(110).fill(3)
      array[i] = bad
      expect(staysBelow(bits(3), array, stretches)).toBe(isInside(i))
    }
  expect(staysBelow(0, Float32Array.of(-0), new Int32Array())).toBe(false)
  expect(staysBelow(0, new Float32Array(20), new Int32Array())).toBe(true)
})

test('the stretches of a dense kernel are the lines that hold connected weights', () => {
  let found = 0
  fc.assert(
    fc.property(largerLocalCases, c => {
      const g = geometryOf(c)
      const stretches = connectedStretches(g)
      if (!stretches) return
      found++
      const lines = new Set<number>()
      const mask = connectionMask(g)
      for (let i = 0; i < g.inputSize; i++)
        for (let p = 0; p < g.P; p++)
          if (mask[i * g.P + p] === 1)
            for (let f = 0; f < g.F; f++)
              lines.add(Math.floor((i * g.outputSize + p * g.outputPlace + f * g.outputFilter) / LINE))
      const listed: number[] = []
      for (let s = 0; s < stretches.length; s += 2)
        for (let line = stretches[s]; line < stretches[s + 1]; line++) listed.push(line)
      expect(listed).toEqual([...lines].sort((a, b) => a - b))
    }),
    { seed: 1, numRuns: 600 },
  )
  expect(found).toBeGreaterThan(20)
})
