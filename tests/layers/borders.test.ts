// Sizes are worked out before anything is computed, and what a layer declares and writes is checked.

import { describe, expect, test } from '@jest/globals'
import {
  ArgumentError,
  type BatchShape,
  type Call,
  Dense,
  Layer,
  layers,
  Sequential,
  StateError,
  Tensor,
} from 'unshared'
import { samples } from '../support/layer-samples.ts'

const huge = [1e9, 2 ** 31, 1e12, Number.MAX_SAFE_INTEGER]

describe.each(Object.entries(samples))('%s', (className, [{ config = {}, inputShape }]) => {
  test('refuses what no memory holds, by name, and makes nothing before', () => {
    const options = Object.keys(layers.get({ className, config }).getConfig())
    let refused = 0
    for (const option of options)
      for (const n of huge)
        for (const value of [n, [n], [n, n]])
          for (const padding of [{}, { padding: 'same' }]) {
            if ('padding' in padding && !options.includes('padding')) continue
            try {
              const layer = layers.get({ className, config: { ...config, ...padding, [option]: value } })
              layer.build([null, ...inputShape])
              layer.probe()
            } catch (error) {
              if (!(error instanceof ArgumentError)) throw error
              refused++
            }
          }
    expect(refused).toBeGreaterThan(0)
    const wide = inputShape.map(() => 1e9)
    expect(() => layers.get({ className, config }).build([null, ...wide])).toThrow(ArgumentError)
  })
})

describe('a layer of your own', () => {
  /** A right layer, of which a test replaces a part. */
  class Twice extends Layer {
    readonly className = 'Twice'
    computeOutputShape = (inputShape: BatchShape): BatchShape => inputShape
    override weightsFor = () => ({ gain: { shape: [2], initializer: 'ones' as const } })

    forwardInto(y: Float32Array, x: Float32Array, { weights }: Call) {
      for (let i = 0; i < x.length; i++) y[i] = x[i] * weights.gain.value[i & 1]
    }

    backwardInto(dx: Float32Array, dy: Float32Array, { x, weights }: Call) {
      const { value, grad } = weights.gain
      grad.fill(0)
      for (let i = 0; i < dy.length; i++) {
        grad[i & 1] += dy[i] * x[i]
        dx[i] = dy[i] * value[i & 1]
      }
    }
  }

  const x = Tensor.from([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  const y = Tensor.from([[1], [2], [3]])

  const train = (layer: Layer, engine: 'reference' | 'simd') => {
    const model = new Sequential([new Dense({ units: 2, inputShape: [2] }), layer, new Dense({ units: 1 })], {
      seed: 1,
      engine,
    })
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const before = model.getWeights()
    try {
      model.trainOnBatch(x, y)
    } catch (error) {
      expect(model.getWeights()).toEqual(before)
      throw error
    }
  }

  const layerWith = (own: object) => Object.assign(new Twice(), own)
  const wrong: [string, object, RegExp][] = [
    [
      'an output shape that is none',
      { computeOutputShape: () => undefined },
      /^output shape of the layer twice: expected \[null, …\], with the batch first, received undefined/,
    ],
    [
      'an output shape without the batch',
      { computeOutputShape: () => [2] },
      /^output shape of the layer twice: .*received \[2\]/,
    ],
    [
      'an output shape with fractions',
      { computeOutputShape: () => [null, 1.5] },
      /^output shape of the layer twice: expected a list of integers.*received \[1.5\]/,
    ],
    [
      'an output shape that is open',
      { computeOutputShape: () => [null, null] },
      /^output shape of the layer twice: .*received \[null\]/,
    ],
    [
      'an output that no memory holds',
      { computeOutputShape: () => [null, 1e12] },
      /^output shape of the layer twice: expected a shape of at most/,
    ],
    [
      'a weight without a shape',
      { weightsFor: () => ({ gain: { initializer: 'ones' } }) },
      /^gain of the layer twice: expected a list of integers.*received undefined/,
    ],
    [
      'a weight that no memory holds',
      { weightsFor: () => ({ gain: { shape: [1e6, 1e6], initializer: 'ones' } }) },
      /^gain of the layer twice: expected a shape of at most/,
    ],
    ['a weight without an initializer', { weightsFor: () => ({ gain: { shape: [2] } }) }, /^initializer: /],
    [
      'more outputs than it passes through',
      { computeOutputShape: () => [null, 3], passesThrough: () => true },
      /^output of the layer twice: expected 2 numbers, as it passes through, received \[3\]/,
    ],
    ['a buffer of no size', { prepare: (call: Call) => call.buffer(Number.NaN) }, /^itemSize: /],
    [
      'an output larger than what it writes',
      { computeOutputShape: () => [null, 5] },
      /^the layer twice, y in forwardInto: expected all 15 numbers written, received 6/,
    ],
    [
      'an output that it returns instead',
      { forwardInto: (_y: Float32Array, x: Float32Array) => x.slice() },
      /^the layer twice, y in forwardInto: expected all 6 numbers written, received 0/,
    ],
    [
      'an output that it writes later',
      {
        forwardInto: async (y: Float32Array) => {
          await null
          y.fill(1)
        },
      },
      /^the layer twice, y in forwardInto: /,
    ],
    [
      'an output only for prediction',
      {
        forwardInto: (y: Float32Array, _x: Float32Array, { training }: Call) => {
          if (!training) y.fill(1)
        },
      },
      /^the layer twice, y in forwardInto: /,
    ],
    [
      'a part of dx',
      {
        backwardInto: (dx: Float32Array, _dy: Float32Array, { weights }: Call) => {
          dx.fill(0, 1)
          weights.gain.grad.fill(0)
        },
      },
      /^the layer twice, dx in backwardInto: expected all 6 numbers written, received 5/,
    ],
    [
      'no gradient of a weight',
      {
        backwardInto: (dx: Float32Array) => {
          dx.fill(0)
        },
      },
      /^the layer twice, the gradient of gain in backwardInto: expected all 2 numbers written, received 0/,
    ],
    [
      'gradients that it adds up',
      {
        backwardInto: (dx: Float32Array, dy: Float32Array, { weights }: Call) => {
          dx.set(dy)
          weights.gain.grad[0] += 1
          weights.gain.grad[1] += 1
        },
      },
      /not \+=/,
    ],
  ]

  test.each(['reference', 'simd'] as const)('runs on the engine %s', engine => {
    expect(() => train(new Twice(), engine)).not.toThrow()
  })

  test.each(wrong)('%s: a named error before a weight changes, on both engines', (_what, own, message) => {
    for (const engine of ['reference', 'simd'] as const) {
      expect(() => train(layerWith(own), engine)).toThrow(message)
      expect(() => train(layerWith(own), engine)).toThrow(ArgumentError)
    }
  })

  test('NaN that a layer computes is no fault of this kind', () => {
    const layer = layerWith({ forwardInto: (y: Float32Array) => y.fill(Number.NaN) })
    expect(layer.forward([[1, 2]]).toArray()).toEqual([[Number.NaN, Number.NaN]])
    expect(() => layer.backward([[1, 1]])).not.toThrow(StateError)
  })
})
