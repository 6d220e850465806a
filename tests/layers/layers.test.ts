import { describe, expect, test } from '@jest/globals'
import { Activation, checkGradients, Dense, Dropout, Flatten, layers, StateError, Tensor } from 'unshared'
import { resume } from '../../lib/core/random.ts'

describe('Dense', () => {
  test('is activation(x · kernel + bias)', () => {
    const layer = new Dense({ units: 2, activation: 'relu' })
    layer.build([null, 3])
    layer.setWeights([
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      [1, -100],
    ])
    expect(layer.forward([[1, 1, 1]]).toArray()).toEqual([[10, 0]])
    expect(layer.backward([[1, 1]]).toArray()).toEqual([[1, 3, 5]])
    expect(layer.gradients().map(g => g.toArray())).toEqual([
      [
        [1, 0],
        [1, 0],
        [1, 0],
      ],
      [1, 0],
    ])
  })

  test('acts along the last axis of more than two', () => {
    const layer = new Dense({ units: 2, activation: 'softmax' })
    const x = Tensor.from([...Array(24).keys()].map(Math.sin), [2, 3, 4])
    const y = layer.forward(x)
    expect(y.shape).toEqual([2, 3, 2])
    const [a, b] = layer.forward(x.slice(1, 2)).data
    expect(a + b).toBeCloseTo(1, 6)
    expect(checkGradients(layer, { x }).passed).toBe(true)
  })

  test('needs a known number of inputs', () => {
    expect(() => new Dense({ units: 1 }).build([null, 3, 0])).toThrow(/^inputShape: expected \[batch, …, inputs\]/)
    expect(() => new Dense({ units: 1 }).build([null])).toThrow(/^inputShape: /)
  })

  test('takes memory for gradients only when it is trained', () => {
    const layer = new Dense({ units: 2 })
    layer.build([null, 3])
    expect(() => layer.parameters[0].grad).toThrow(/kernel has no gradient before the first backward pass/)
  })
})

describe('Flatten', () => {
  test('keeps the batch and the order', () => {
    const layer = new Flatten()
    expect(
      layer
        .forward([
          [
            [1, 2],
            [3, 4],
          ],
        ])
        .toArray(),
    ).toEqual([[1, 2, 3, 4]])
    expect(layer.backward([[1, 2, 3, 4]]).toArray()).toEqual([
      [
        [1, 2],
        [3, 4],
      ],
    ])
  })

  test('moves channels to the end first where they are first', () => {
    const layer = new Flatten({ dataFormat: 'channels_first' })
    const x = Tensor.from([1, 2, 3, 4, 5, 6], [1, 2, 1, 3]) // channels (1, 2, 3) and (4, 5, 6)
    const y = layer.forward(x)
    expect(y.toArray()).toEqual([[1, 4, 2, 5, 3, 6]])
    expect(layer.backward(y).toArray()).toEqual(x.toArray())
  })

  test('makes a column of a batch of single numbers', () => {
    expect(new Flatten().forward([1, 2, 3]).toArray()).toEqual([[1], [2], [3]])
  })
})

describe('Activation', () => {
  test('applies its function', () => {
    const layer = new Activation({ activation: 'hardSigmoid' })
    expect([...layer.forward([[-9, 0, 9]]).data]).toEqual([0, 0.5, 1])
    expect(layer.getConfig()).toMatchObject({ activation: 'hard_sigmoid', name: 'activation' })
  })

  test('needs one', () => {
    expect(() => new Activation({} as never)).toThrow(/^activation: expected an activation, received undefined/)
  })
})

describe('Dropout', () => {
  const ones = new Tensor([100, 100], new Float32Array(10_000).fill(1))

  test('drops a share of the numbers in training, and keeps the mean', () => {
    const { data } = new Dropout({ rate: 0.3, seed: 1 }).forward(ones, { training: true })
    const kept = data.filter(v => v !== 0)
    expect(kept.length / data.length).toBeCloseTo(0.7, 1)
    expect(kept.every(v => v === Math.fround(1 / 0.7))).toBe(true)
  })

  test('changes nothing in prediction', () => {
    expect(new Dropout({ rate: 0.9 }).forward(ones).equals(ones)).toBe(true)
  })

  test('drops the same numbers with the same seed, others in the next batch', () => {
    const run = () => new Dropout({ rate: 0.5, seed: 3 }).forward(ones, { training: true })
    expect(run().equals(run())).toBe(true)
    const layer = new Dropout({ rate: 0.5, seed: 3 })
    const first = layer.forward(ones, { training: true })
    const [draws] = layer.randomStreams
    const state = draws.random.state()
    const second = layer.forward(ones, { training: true })
    expect(second.equals(first)).toBe(false)
    draws.random = resume(state)
    expect(layer.forward(ones, { training: true }).equals(second)).toBe(true)
  })

  test('lets the gradient pass where the number passed', () => {
    const layer = new Dropout({ rate: 0.5, seed: 3 })
    const y = layer.forward(ones, { training: true })
    expect(layer.backward(ones).equals(y)).toBe(true)
  })

  test('drops NaN too', () => {
    const nan = new Tensor([50, 1], new Float32Array(50).fill(Number.NaN))
    const { data } = new Dropout({ rate: 0.5, seed: 1 }).forward(nan, { training: true })
    expect(data.filter(v => v === 0).length).toBeGreaterThan(10)
  })

  test('shares its mask along the axes where noiseShape has 1', () => {
    const layer = new Dropout({ rate: 0.5, noiseShape: [null, 1], seed: 2 })
    const rows = layer.forward(ones, { training: true }).toArray() as number[][]
    expect(rows.every(row => new Set(row).size === 1)).toBe(true)
    expect(new Set(rows.map(row => row[0])).size).toBe(2)
  })

  test.each([[-0.1], [1], [1.5], [Number.NaN]])('refuses the rate %p', rate => {
    expect(() => new Dropout({ rate })).toThrow(/^rate: expected /)
  })

  test('refuses a noiseShape that does not fit', () => {
    expect(() => new Dropout({ rate: 0.5, noiseShape: [null, 3] }).forward(ones)).toThrow(/^noiseShape: /)
  })
})

describe('the table of layers', () => {
  test.each(['LocallyConnected2D', 'Dense', 'Flatten', 'Activation', 'Dropout'])(
    'makes %s from its config',
    className => {
      const options = {
        LocallyConnected2D: { filters: 1, kernelSize: 2 },
        Dense: { units: 3 },
        Activation: { activation: 'relu' },
        Dropout: { rate: 0.5 },
      }
      const config = { name: 'mine', ...options[className as keyof typeof options] }
      const layer = layers.get({ className, config })
      expect(layer.className).toBe(className)
      expect(layers.get(layers.serialize(layer)).getConfig()).toEqual(layer.getConfig())
    },
  )

  test('refuses what it does not know', () => {
    expect(() => layers.get({ className: 'Foo', config: {} })).toThrow(
      /^layer: expected one of Activation, .*Dense.*received "Foo"/,
    )
  })
})

describe('weights', () => {
  const built = () => {
    const layer = new Dense({ units: 2 })
    layer.build([null, 3])
    return layer
  }

  test('that do not fit are refused by name, and nothing is changed', () => {
    const layer = built()
    const before = layer.getWeights()
    expect(() => layer.setWeights([Tensor.zeros([3, 2])])).toThrow(
      /^weights: expected a list of the 2 weights of the layer dense \(kernel, bias\), received \[/,
    )
    expect(() => layer.setWeights([Tensor.zeros([3, 2]), Tensor.zeros([3])])).toThrow(
      /^weights\[1\]: expected the shape \[2\] of bias of the layer dense/,
    )
    expect(layer.getWeights()).toEqual(before)
    expect(() => new Dense({ units: 1 }).setWeights([Tensor.zeros([1])])).toThrow(StateError)
  })

  test('that are given out are copies', () => {
    const layer = built()
    layer.getWeights()[0].data.fill(7)
    expect(layer.getWeights()[0].data).not.toContain(7)
  })
})
