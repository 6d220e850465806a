import { expect, test } from '@jest/globals'
import { type EngineName, GlobalMaxPooling1D, GlobalMaxPooling2D, MaxPooling2D, Sequential } from 'unshared'

test('equal maxima share the gradient of global max pooling, and the first has that of max pooling', () => {
  const x = [
    [
      [[1], [3]],
      [[3], [3]],
    ],
  ]
  const gradient = (layer: GlobalMaxPooling2D | MaxPooling2D, dy: never) => {
    layer.forward(x)
    return [...layer.backward(dy).data]
  }
  const third = Math.fround(1 / 3) // as tf.GradientTape has it
  expect(gradient(new GlobalMaxPooling2D(), [[1]] as never)).toEqual([0, third, third, third])
  expect(gradient(new MaxPooling2D(), [[[[1]]]] as never)).toEqual([0, 1, 0, 0])
})

test.each<EngineName>(['reference', 'simd'])('for each channel by itself, in both formats, engine %s', engine => {
  const run = (layer: GlobalMaxPooling1D | GlobalMaxPooling2D, x: never) => {
    const model = new Sequential([layer], { engine, seed: 1 })
    model.forward(x)
    return [...model.backward([[2, 6]]).data]
  }
  expect(
    run(new GlobalMaxPooling1D(), [
      [
        [5, 1],
        [5, 2],
        [4, 0],
      ],
    ] as never),
  ).toEqual([1, 0, 1, 6, 0, 0])
  const first = new GlobalMaxPooling2D({ dataFormat: 'channels_first' })
  expect(run(first, [[[[5, 5, 4]], [[1, 2, 2]]]] as never)).toEqual([1, 1, 0, 0, 3, 3])
})
