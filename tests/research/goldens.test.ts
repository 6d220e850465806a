// The layers against goldens.json: values computed in NumPy from the papers' definitions, by make_goldens.py.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { type Config, type Layer, layers, Tensor } from 'unshared'
import 'unshared/research' // registers its layers
import { expectClose } from '../support/gradients.ts'

interface Numbers {
  readonly shape: number[]
  readonly data: number[]
}

interface Golden {
  readonly layer: string
  readonly config: Config
  readonly inputShape: number[]
  readonly weights: Record<string, Numbers>
  readonly x: Numbers
  readonly y: Numbers
  readonly dy: Numbers
  readonly dx: Numbers
  readonly gradients: Record<string, Numbers>
}

const goldens: Golden[] = JSON.parse(readFileSync('tests/research/goldens.json', 'utf8'))
const tensor = ({ shape, data }: Numbers) => Tensor.from(data, shape)

function replay(golden: Golden) {
  const layer = layers.get({ className: golden.layer, config: golden.config }) as Layer
  layer.build([null, ...golden.inputShape])
  expect(layer.parameters.map(({ name, shape }) => [name, shape])).toEqual(
    Object.entries(golden.weights).map(([name, { shape }]) => [name, shape]),
  )
  layer.setWeights(Object.values(golden.weights).map(tensor))
  const y = layer.forward(tensor(golden.x))
  expect(y.shape).toEqual(golden.y.shape)
  expectClose(y.data, golden.y.data, 2e-6, 'y')
  expectClose(layer.backward(tensor(golden.dy)).data, golden.dx.data, 5e-6, 'dx')
  layer.gradients().forEach((gradient, i) => {
    expectClose(gradient.data, Object.values(golden.gradients)[i].data, 5e-6, Object.keys(golden.gradients)[i])
  })
}

test.each(goldens)('$layer $config', golden => replay(golden))

test('every layer of the entry has goldens', () => {
  const names = new Set(goldens.map(({ layer }) => layer))
  expect([...names].sort()).toEqual([
    'Activation',
    'ConnectionTableConv2D',
    'ConstantPadding2D',
    'LocallyConnected3D',
    'LowRankLocallyConnected2D',
    'SoftThreshold',
    'TiledLocallyConnected2D',
  ])
})

test('a wrong number would be seen: a negative control', () => {
  const [golden] = goldens
  const data = golden.dx.data.map((v, i) => (i === 5 ? v + 1e-4 : v))
  expect(() => replay({ ...golden, dx: { ...golden.dx, data } })).toThrow(/dx differs at 5/)
})
