// One use of a layer: its buffers, its activation, and the penalty on its output.

import { describe, expect, test } from '@jest/globals'
import {
  Activation,
  ArgumentError,
  type BatchShape,
  Dense,
  Flatten,
  Layer,
  type LayerOptions,
  Sequential,
  SGD,
  StateError,
  TimeDistributed,
} from 'unshared'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { BatchBuffer, outputSample } from '../../lib/layers/call.ts'

const x = [
  [1, -2],
  [0.5, 3],
  [-1, 0.25],
]

describe('a buffer', () => {
  test('has the length of the batch, in the memory of the largest', () => {
    const run = { batch: 3 }
    const buffer = new BatchBuffer(2, run)
    buffer.allocate(new ReferenceEngine().region(), 3)
    const all = buffer.array
    all.set([1, 2, 3, 4, 5, 6])
    run.batch = 2
    expect([...buffer.array]).toEqual([1, 2, 3, 4])
    expect(buffer.array).toBe(buffer.array)
    run.batch = 1
    expect([...buffer.array]).toEqual([1, 2])
    run.batch = 3
    expect(buffer.array).toBe(all)
  })

  test('without memory, or of no size, is an error', () => {
    expect(() => new BatchBuffer(2, { batch: 1 }).array).toThrow(StateError)
    expect(() => new BatchBuffer(-1, { batch: 1 })).toThrow(ArgumentError)
  })

  test('follows its memory when that moves, with a smaller batch too', () => {
    const model = new Sequential([new Dense({ units: 2, inputShape: [2] })], { seed: 1, engine: 'simd', threads: 1 })
    const expected = model.forward(x)
    const first = model.forward(x.slice(0, 2))
    expect([...first.data]).toEqual([...expected.data.slice(0, 4)])
    const other = new Sequential([model.layers[0], new Dense({ units: 3000 }), new Dense({ units: 3000 })])
    other.forward(x) // the memory grows
    expect(model.forward(x.slice(0, 2))).toEqual(first)
    expect(model.forward(x)).toEqual(expected)
  })
})

test('an output shape must be a list that starts with the batch', () => {
  const shapeOf = (shape: unknown) =>
    outputSample({ name: 'odd', computeOutputShape: () => shape as BatchShape }, [[null, 2]])
  expect(shapeOf([null, 3, 4])).toEqual([3, 4])
  for (const wrong of [[3, 4], [7], 'null', undefined, { 0: null, length: 2 }, [null, 2.5], [null, -1]])
    expect(() => shapeOf(wrong)).toThrow(/^output shape of the layer odd/)
})

test('a layer that passes its input through keeps its size', () => {
  class Half extends Layer {
    readonly className = 'Half'
    computeOutputShape = ([batch, n]: BatchShape): BatchShape => [batch, (n as number) / 2]
    override passesThrough = () => true
    forwardInto() {}
    backwardInto() {}
  }
  expect(() => new Sequential([new Half({ inputShape: [4] } as LayerOptions)]).forward([[1, 2, 3, 4]])).toThrow(
    /^output of the layer half: expected 4 numbers, as it passes through/,
  )
})

describe('the penalty on an output', () => {
  test.each(['reference', 'simd'] as const)('is averaged over the batch, engine %s', engine => {
    const dense = new Dense({ units: 1, useBias: false, activityRegularizer: { className: 'L2', config: { l2: 0.5 } } })
    const model = new Sequential([dense], { engine })
    model.compile({ optimizer: new SGD({ learningRate: 1 }), loss: 'mse' })
    const inputs = [[1], [2], [-3], [4]]
    model.build([null, 1])
    model.setWeights([[[2]]])
    // y = 2, 4, −6, 8; Σy² = 120; Σy·x = 60; the loss is 0
    const logs = model.trainOnBatch(inputs, [[2], [4], [-6], [8]])
    expect(logs.loss).toBeCloseTo((0.5 * 120) / 4, 4)
    expect(model.getWeights()[0].data[0]).toBeCloseTo(2 - (0.5 * 2 * 60) / 4, 4)
  })

  test('does not affect predictions, gradients of sum(y · dy), or frozen layers alone', () => {
    const penalized = new Dense({ units: 2, activityRegularizer: 'l2', activation: 'tanh' })
    const plain = new Dense({ units: 2, activation: 'tanh' })
    for (const layer of [penalized, plain]) layer.build([null, 2])
    plain.setWeights(penalized.getWeights())
    const dy = [
      [1, 2],
      [3, -4],
      [0.5, 1],
    ]
    const backwards = [penalized, plain].map(layer => [layer.forward(x), layer.backward(dy), layer.gradients()])
    expect(backwards[0]).toEqual(backwards[1])
  })

  // The gradient of the loss, penalty included, by central differences.
  test.each([
    ['softmax', 'categorical_crossentropy'], // the loss reads logits, the penalty the output
    ['tanh', 'mse'],
    ['linear', 'mse'],
  ] as const)('and the loss have the right gradient, after %s with %s', (activation, loss) => {
    const make = () => {
      const layers = [
        new Dense({ units: 3, activation: 'tanh', activityRegularizer: { className: 'L2', config: { l2: 0.3 } } }),
        new Dense({ units: 2, activation, activityRegularizer: { className: 'L2', config: { l2: 0.7 } } }),
      ]
      const model = new Sequential(layers, { seed: 3, engine: 'reference' })
      model.compile({ optimizer: new SGD({ learningRate: 1 }), loss })
      model.build([null, 2])
      return model
    }
    const y = [
      [1, 0],
      [0, 1],
      [1, 0],
    ]
    const model = make()
    const weights = model.getWeights()
    model.trainOnBatch(x, y)
    const moved = model.getWeights()
    const other = make()
    weights.forEach((weight, w) => {
      weight.data.forEach((value, i) => {
        const lossAt = (v: number) => {
          const changed = weights.map(each => each.clone())
          changed[w].data[i] = v
          other.setWeights(changed)
          return other.testOnBatch(x, y).loss as number
        }
        const slope = (lossAt(value + 0.01) - lossAt(value - 0.01)) / 0.02
        expect(value - moved[w].data[i]).toBeCloseTo(slope, 3)
      })
    })
  })
})

test('a weight that does not train gets no gradient from a call, nor does what is before it', () => {
  const [first, second] = [new Dense({ units: 2, inputShape: [2] }), new Dense({ units: 1 })]
  first.trainable = false
  const model = new Sequential([first, new Activation({ activation: 'tanh' }), second], { seed: 1 })
  model.compile({ optimizer: 'sgd', loss: 'mse' })
  const before = model.getWeights()
  model.trainOnBatch(x, [[1], [2], [3]])
  expect(first.getWeights()).toEqual(before.slice(0, 2))
  expect(second.getWeights()).not.toEqual(before.slice(2))
  expect(model.graph.steps.map(({ call }) => call.trains)).toEqual([false, false, true])
  expect(model.graph.steps.map(({ call }) => call.inputGradient)).toEqual([false, false, false])
})

test('a call within TimeDistributed runs one row per step', () => {
  const inner = new Dense({ units: 4, activation: 'tanh', inputShape: [2] })
  const model = new Sequential([new TimeDistributed({ layer: inner, inputShape: [3, 2] }), new Flatten()], { seed: 1 })
  const y = model.forward([x, x])
  expect(y.shape).toEqual([2, 12])
  const alone = new Sequential([inner]).forward(x)
  expect([...y.data]).toEqual([...alone.data, ...alone.data])
  const [timed, single] = [model, new Sequential([inner])].map(({ graph }) => graph.steps[0].call.numbersPerSample)
  expect(single).toEqual({ forward: 8, backward: 6 }) // logits and outputs; gradients of logits and inputs
  expect(timed).toEqual({ forward: 3 * single.forward, backward: 3 * single.backward })
})
