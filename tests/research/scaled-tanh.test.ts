import { expect, test } from '@jest/globals'
import { Activation, activations, checkGradients, Dense, LeakyReLU, LocallyConnected2D } from 'unshared'
import { scaledTanh } from 'unshared/research'
import { expectClose, numericGradient } from '../support/gradients.ts'

test('is known by its name, in every place for an activation', () => {
  expect(activations.get('scaled_tanh')).toBe(scaledTanh)
  expect(activations.get('scaledTanh')).toBe(scaledTanh)
  const layer = new Dense({ units: 2, activation: scaledTanh })
  expect(layer.getConfig()).toMatchObject({ activation: 'scaled_tanh' })
  expect(new Dense(layer.getConfig() as never).activation).toBe(scaledTanh)
  expect(new Activation({ activation: { className: 'scaled_tanh', config: {} } }).activation).toBe(scaledTanh)
  expect(new Dense({ units: 1, activation: new LeakyReLU() }).activation).not.toBe(scaledTanh)
})

test('has its values and slopes', () => {
  const f = (x: number) => 1.7159 * Math.tanh((2 / 3) * x)
  const at = Float32Array.from({ length: 41 }, (_, i) => (i - 20) / 4)
  const layer = new Activation({ activation: scaledTanh })
  expectClose(layer.forward([at]).data, Array.from(at, f), 2e-7, 'y')
  const slopes = numericGradient(x => x.reduce((sum, v) => sum + f(v), 0), at, 2 ** -9)
  expectClose(layer.backward([new Array(41).fill(1)]).data, slopes, 1e-5, 'dx')
  expect([...layer.forward([[Infinity, -Infinity, NaN, -0]]).data]).toEqual([
    Math.fround(1.7159),
    -Math.fround(1.7159),
    NaN,
    -0,
  ])
})

test('has right gradients inside a layer', () => {
  const local = new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: scaledTanh })
  expect(checkGradients(local, { inputShape: [4, 5, 1] }).passed).toBe(true)
})
