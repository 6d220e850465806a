import { describe, expect, test } from '@jest/globals'
import {
  ArgumentError,
  Conv1D,
  checkGradients,
  LocallyConnected1D,
  type LocallyConnected1DOptions,
  Sequential,
  StateError,
  Tensor,
} from 'unshared'

const layer = (options: Partial<LocallyConnected1DOptions> = {}) =>
  new LocallyConnected1D({ filters: 4, kernelSize: 3, ...options })

describe('shapes', () => {
  test.each([[[null, 7]], [[null, 7, 2, 1]], [[null, null, 2]], [[null, 7, null]], [[null, 0, 2]], [[null, 7, 0]]])(
    '%j is refused: the steps and channels must be known',
    shape => {
      expect(() => layer().computeOutputShape(shape)).toThrow(ArgumentError)
      expect(() => layer().computeOutputShape(shape)).toThrow(
        /inputShape: .*\[batch, steps, channels\].*length must be known/,
      )
    },
  )

  test.each([
    ['channels_last', [null, 3, 2], [null, 1, 4]],
    ['channels_first', [null, 2, 3], [null, 4, 1]],
  ] as const)('a kernel may be as long as the input, and no longer, %s', (dataFormat, input, output) => {
    expect(layer({ dataFormat }).computeOutputShape(input)).toEqual(output)
    const longer = () => layer({ dataFormat, kernelSize: 4 }).build(input)
    expect(longer).toThrow(ArgumentError)
    expect(longer).toThrow(/kernelSize: .*3 steps with padding 'valid'/)
    expect(layer({ dataFormat, kernelSize: 4, padding: 'same', implementation: 2 }).computeOutputShape(input)).toEqual(
      dataFormat === 'channels_last' ? [null, 3, 4] : [null, 4, 3],
    )
  })

  test.each([
    ['channels_last', [null, 7, 2], [null, 5, 4]],
    ['channels_first', [null, 2, 7], [null, 4, 5]],
    ['CHANNELS_FIRST', [null, 2, 7], [null, 4, 5]],
  ] as const)('a convolution over the same sequence has the same, %s', (dataFormat, input, output) => {
    const convolution = new Conv1D({ filters: 4, kernelSize: 3, dataFormat })
    expect(convolution.computeOutputShape(input)).toEqual(output)
    expect(layer({ dataFormat }).computeOutputShape(input)).toEqual(output)
    expect(() => convolution.build([null, 2, 7, 1])).toThrow(
      /inputShape: .*\[batch, (channels, steps|steps, channels)\]/,
    )
  })

  test('multiply-adds are those of connected pairs', () => {
    const same = layer({ padding: 'same', implementation: 3 })
    expect(() => same.geometry).toThrow(StateError)
    same.build([null, 5, 2])
    expect(same.macs).toBe((2 + 3 + 3 + 3 + 2) * 2 * 4)
  })
})

describe('in a model', () => {
  const x = new Tensor(
    [2, 5, 1],
    Float32Array.from({ length: 10 }, (_, i) => Math.sin(i)),
  )
  const y = new Tensor([2, 3, 4], new Float32Array(24).fill(-5))
  const model = (options: Partial<LocallyConnected1DOptions>) => {
    const local = layer({ kernelInitializer: 'ones', biasInitializer: 'ones', inputShape: [5, 1], ...options })
    const sequential = new Sequential([local])
    sequential.compile({ optimizer: 'sgd', loss: 'mse' })
    return { local, sequential }
  }
  const lossWith = (options: Partial<LocallyConnected1DOptions>) => model(options).sequential.testOnBatch(x, y).loss

  test('regularizers of kernel, bias and output add to the loss', () => {
    const plain = lossWith({})
    // 3 places × 3 weights × 4 filters, and 3 × 4 biases, all of them 1; 0.01 is the default
    expect(lossWith({ kernelRegularizer: 'l2' }) - plain).toBeCloseTo(0.36, 4)
    expect(lossWith({ biasRegularizer: 'l1' }) - plain).toBeCloseTo(0.12, 4)
    expect(lossWith({ activityRegularizer: 'l1' })).toBeGreaterThan(plain + 0.01)
  })

  test.each([
    ['kernel', 0],
    ['bias', 1],
  ] as const)('a constraint holds for the %s, and for nothing else', (name, index) => {
    const { local, sequential } = model({ [`${name}Constraint`]: 'nonNeg' })
    for (let step = 0; step < 300; step++) sequential.trainOnBatch(x, y)
    const lowest = local.getWeights().map(weights => Math.min(...weights.data))
    expect(lowest[index]).toBeGreaterThanOrEqual(0)
    expect(lowest[1 - index]).toBeLessThan(0)
  })

  test.each(['linear', 'relu', 'tanh'] as const)('gradients with an activity regularizer, %s', activation => {
    const local = layer({ activation, activityRegularizer: 'l2', inputShape: [5, 1] })
    expect(checkGradients(local, { x }).passed).toBe(true)
  })
})
