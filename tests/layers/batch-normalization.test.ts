import { expect, test } from '@jest/globals'
import { BatchNormalization, Sequential } from 'unshared'

test("moving averages move by the float32 of 1 − momentum, as Keras', not by 1 − the float32 of momentum", () => {
  const layer = new BatchNormalization({ momentum: 0.99, inputShape: [1] })
  const model = new Sequential([layer])
  model.compile({ optimizer: 'sgd', loss: 'mean_squared_error' })
  model.trainOnBatch([[1000], [1000]], [[0], [0]])
  const [, , mean] = layer.getWeights()
  expect(mean.data[0]).toBe(Math.fround(1000 * Math.fround(1 - 0.99)))
  expect(mean.data[0]).not.toBe(Math.fround(1000 * (1 - Math.fround(0.99))))
})
