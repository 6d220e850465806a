import { describe, expect, test } from '@jest/globals'
import {
  type Call,
  Conv2D,
  checkGradients,
  Dense,
  Dropout,
  Flatten,
  GlobalAveragePooling1D,
  LocallyConnected2D,
  layers,
  RepeatVector,
  Sequential,
  Tensor,
} from 'unshared'
import { createNet } from '../../examples/playground/nets.ts'

/** A dense layer whose backward is wrong in one entry of the input's gradient. */
class WrongInput extends Dense {
  override backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    super.backwardInto(dx, dy, call)
    dx[1] += 0.1
  }
}

/** One whose kernel gradient is too large by 5 %. */
class WrongKernel extends Dense {
  override backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    super.backwardInto(dx, dy, call)
    const { grad } = call.weights.kernel
    for (let i = 0; i < grad.length; i++) grad[i] *= 1.05
  }
}

describe('a right layer passes', () => {
  test('by the dot test where it is linear', () => {
    const report = checkGradients(new Dense({ units: 3 }), { inputShape: [4] })
    expect(report.passed).toBe(true)
    expect(report.checks.map(({ name, method, entries }) => [name, method, entries])).toEqual([
      ['x', 'dot test', 8],
      ['kernel', 'dot test', 12],
      ['bias', 'dot test', 3],
    ])
    expect(String(report)).toMatch(/^x: dot test passed \(8 entries, error \d\.\de[-+]\d+ of 0\.00001\)\n/)
  })

  test('by central differences elsewhere', () => {
    const report = checkGradients(new Dense({ units: 3, activation: 'sigmoid' }), { inputShape: [4] })
    expect(report.passed).toBe(true)
    expect(report.checks.every(({ method }) => method === 'central differences')).toBe(true)
  })

  test('where an entry stands right at a kink', () => {
    const x = Tensor.from([[0, 1, -1, 2, -2, 3, -3, 4, 0.5, -0.5]])
    const report = checkGradients(layers.get({ className: 'ReLU', config: {} }), { x })
    expect(report.checks[0]).toMatchObject({ passed: true, skipped: 1 })
  })

  test.each([1, 2, 5, 9, 28, 55, 67, 115, 128, 350, 479])(
    'where many entries are near kinks, also near several: the net of the playground, seed %d',
    seed => {
      const report = checkGradients(createNet('local', seed), { seed, batchSize: 4 })
      expect(report.checks.filter(({ passed }) => !passed)).toEqual([])
    },
  )

  test.each([
    ['reference', 1],
    ['simd', 1],
    ['simd', 2],
  ] as const)('on any engine, whose memory moves when it grows: %s, threads: %d', (engine, threads) => {
    const model = new Sequential(
      [
        new RepeatVector({ n: 2000, inputShape: [2] }), // much memory, few numbers to check
        new Dense({ units: 3, activation: 'tanh' }),
        new GlobalAveragePooling1D(),
      ],
      { seed: 1, engine, threads },
    )
    const { checks, passed } = checkGradients(model, { batchSize: 60 })
    expect(passed).toBe(true)
    expect(checks.map(({ entries }) => entries)).toEqual([120, 6, 3])
  })

  test.each([11, 207, 254])('where a random batch lies at kinks: another one is drawn, seed %d', seed => {
    const layer = new Conv2D({ filters: 2, kernelSize: 2, activation: 'relu' })
    expect(checkGradients(layer, { inputShape: [4, 4, 2], seed }).passed).toBe(true)
  })

  test.each([21, 144, 147, 201])('where many weights are near kinks: dense layers, seed %d', seed => {
    const relu = () => new Dense({ units: 8, activation: 'relu' })
    const model = new Sequential([relu(), relu(), new Dense({ units: 3, activation: 'softmax' })], { seed })
    expect(checkGradients(model, { inputShape: [6], seed }).passed).toBe(true)
  })

  test('in training, where the draws of Dropout repeat', () => {
    const model = new Sequential([
      new Dense({ units: 6, activation: 'tanh' }),
      new Dropout({ rate: 0.4 }),
      new Dense({ units: 2 }),
    ])
    expect(checkGradients(model, { inputShape: [5], training: true }).passed).toBe(true)
  })

  test('as a whole model', () => {
    const model = new Sequential(
      [
        new LocallyConnected2D({ filters: 2, kernelSize: 2, activation: 'tanh', inputShape: [4, 4, 1] }),
        new Flatten(),
        new Dense({ units: 3, activation: 'softmax' }),
      ],
      { seed: 2 },
    )
    const report = checkGradients(model)
    expect(report.checks.map(({ name }) => name)).toEqual(['x', 'kernel', 'bias', 'kernel', 'bias'])
    expect(report.passed).toBe(true)
  })

  test('and its weights are what they were', () => {
    const layer = new Dense({ units: 3, activation: 'tanh' })
    layer.build([null, 4])
    const before = layer.getWeights()
    checkGradients(layer)
    expect(layer.getWeights()).toEqual(before)
  })
})

describe('a wrong layer is caught', () => {
  test.each(['linear', 'tanh'] as const)('in one entry of the input gradient, with %s', activation => {
    const report = checkGradients(new WrongInput({ units: 3, activation }), { inputShape: [4] })
    expect(report.passed).toBe(false)
    const [x, kernel] = report.checks
    expect([x.passed, kernel.passed]).toEqual([false, true])
    expect(x.worst.index).toEqual([0, 1])
    expect(x.worst.analytic - x.worst.numeric).toBeCloseTo(0.1, 2)
    expect(String(report)).toMatch(/x: .* FAILED .*worst at \[0, 1\]: backward .*, forward /)
  })

  test.each(['linear', 'tanh'] as const)('in a kernel gradient that is 5 % too large, with %s', activation => {
    const report = checkGradients(new WrongKernel({ units: 3, activation }), { inputShape: [4] })
    expect(report.checks.map(({ passed }) => passed)).toEqual([true, false, true])
  })

  test.each(['linear', 'tanh'] as const)(
    'in a bias gradient that was forgotten, though the bias is 0, with %s',
    activation => {
      class Forgetful extends Dense {
        override backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
          super.backwardInto(dx, dy, call)
          call.weights.bias.grad.fill(0)
        }
      }
      const report = checkGradients(new Forgetful({ units: 3, activation }), { inputShape: [4] })
      expect(report.checks.map(({ passed }) => passed)).toEqual([true, true, false])
    },
  )

  test('in a softmax whose backward is off by a factor, which a sum of outputs would hide', () => {
    class WrongSoftmax extends Dense {
      override backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
        super.backwardInto(
          dx,
          dy.map(v => 3 * v),
          call,
        )
      }
    }
    expect(checkGradients(new WrongSoftmax({ units: 3, activation: 'softmax' }), { inputShape: [4] }).passed).toBe(
      false,
    )
  })
})

test('needs a shape for what is not built', () => {
  expect(() => checkGradients(new Dense({ units: 1 }))).toThrow(/^inputShape: expected the shape of one sample/)
  expect(checkGradients(new Dense({ units: 1 }), { x: Tensor.from([[1, 2]]) }).passed).toBe(true)
})
