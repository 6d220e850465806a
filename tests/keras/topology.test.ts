import { describe, expect, test } from '@jest/globals'
import { rowOfLayers } from '../../lib/keras/topology.ts'

type Node = readonly [string, number, number, object]
const layer = (name: string, ...calls: readonly Node[][]) => ({
  class_name: 'Dense',
  name,
  config: { name },
  inbound_nodes: calls,
})
const from = (name: string, options = {}): Node[] => [[name, 0, 0, options]]
const input = (name: string, shape: readonly (number | null)[] = [null, 4]) => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: shape },
  inbound_nodes: [],
})
const model = (layers: readonly object[], more = {}) => {
  const config = { name: 'net', layers, input_layers: [['x', 0, 0]], output_layers: [['end', 0, 0]], ...more }
  return JSON.parse(JSON.stringify({ class_name: 'Functional', config }))
}
const namesOf = ({ layers }: ReturnType<typeof rowOfLayers>) =>
  layers.map(({ config }) => (config as { name: string }).name)

test('a chain is a row, in whatever order its layers are listed', () => {
  const layers = [layer('end', from('b')), layer('b', from('a')), input('x'), layer('a', from('x'))]
  const row = rowOfLayers(model(layers))
  expect(namesOf(row)).toEqual(['a', 'b', 'end'])
  expect(row.inputShape).toEqual([null, 4])
})

test('the layers of a Sequential, as Keras before 2.2.3 wrote them and since', () => {
  const dense = { class_name: 'Dense', config: { name: 'a', batch_input_shape: [null, 3] } }
  const old = rowOfLayers({ class_name: 'Sequential', config: [dense] })
  expect([namesOf(old), old.inputShape, old.name]).toEqual([['a'], [null, 3], null])
  const since = rowOfLayers({ class_name: 'Sequential', config: { name: 'net', layers: [dense] } })
  expect([namesOf(since), since.inputShape, since.name]).toEqual([['a'], [null, 3], 'net'])
})

describe('what is no chain is refused by the name of the layer', () => {
  const x = input('x')
  const a = layer('a', from('x'))
  const end = layer('end', from('a'))
  test.each([
    ['two followers', [x, a, layer('b', from('a')), end], {}, /^the layer a: .*received "b and end after it"/],
    [
      'two inputs of a layer',
      [x, a, layer('end', [...from('a'), ...from('x')])],
      {},
      /^the layer end: .*2 inputs: a, x/,
    ],
    ['a layer called twice', [x, layer('a', from('x'), from('x')), end], {}, /^the layer a: .*2 calls of it/],
    ['two inputs', [x, input('y'), a, end], {}, /^the layer y: .*2 inputs of the model/],
    [
      'two outputs',
      [x, a, end],
      {
        output_layers: [
          ['end', 0, 0],
          ['a', 0, 0],
        ],
      },
      /^the layer a: .*2 outputs/,
    ],
    ['an output on the way', [x, a, end], { output_layers: [['a', 0, 0]] }, /^the layer a: .*output, and end after it/],
    [
      'a call in training mode',
      [x, layer('a', from('x', { training: true })), end],
      {},
      /^the layer a: .*training: true/,
    ],
    ['an input that is not there', [x, layer('a', from('y')), end], {}, /^the layer a: .*an input from y/],
    ['a circle', [x, layer('a', from('end')), end], {}, /^the layer a: .*no path from the input/],
  ])('%s', (_, layers, more, message) => {
    expect(() => rowOfLayers(model(layers, more))).toThrow(message)
  })

  test('a class that is no such model', () => {
    expect(() => rowOfLayers({ class_name: 'MyModel', config: { layers: [] } })).toThrow(
      /^class_name: expected "Sequential", or "Functional".*received "MyModel".*loadWeights\(model, source\)/,
    )
  })
})
