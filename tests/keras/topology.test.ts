import { describe, expect, test } from '@jest/globals'
import { Dense, Model, Sequential, input as symbol } from 'unshared'
import { loadWeights, saveModel } from 'unshared/keras'
import { modelFrom } from '../../lib/keras/topology.ts'

type Node = readonly [string, number, number, object]
const layer = (name: string, ...calls: readonly Node[][]) => ({
  class_name: 'Dense',
  name,
  config: { name, units: 2 },
  inbound_nodes: calls,
})
const add = (name: string, ...calls: readonly Node[][]) => ({
  class_name: 'Add',
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
const plain = <T>(value: T) => JSON.parse(JSON.stringify(value))
const functional = (layers: readonly object[], more = {}) => {
  const config = { name: 'net', layers, input_layers: [['x', 0, 0]], output_layers: [['end', 0, 0]], ...more }
  return plain({ class_name: 'Functional', config })
}
const namesOf = ({ layers }: Model) => layers.map(({ name }) => name)

test('the layers of a functional model, in whatever order they are listed', () => {
  const layers = [layer('end', from('b')), layer('b', from('a')), input('x'), layer('a', from('x'))]
  const model = modelFrom(functional(layers))
  expect(namesOf(model)).toEqual(['x', 'a', 'b', 'end'])
  expect([model.inputShape, model.name]).toEqual([[null, 4], 'net'])
})

test('branches, shared layers and models in models', () => {
  const inner = functional([input('x'), layer('end', from('x'))]).config
  const nested = (first: number) => ({
    class_name: 'Functional',
    name: 'inner',
    config: { ...inner, name: 'inner' },
    inbound_nodes: [from('x'), from('y')],
    ends: [
      ['inner', first, 0, {}],
      ['inner', first + 1, 0, {}],
    ] as Node[],
  })
  for (const first of [0, 1]) {
    const { ends, ...own } = nested(first)
    const config = functional([input('x'), input('y'), own, add('end', ends)], {
      input_layers: [
        ['x', 0, 0],
        ['y', 0, 0],
      ],
    })
    const model = modelFrom(config)
    expect(namesOf(model)).toEqual(['x', 'y', 'inner', 'end'])
    expect(model.countParams()).toBe(10)
    expect(model.getLayer('inner')).toBeInstanceOf(Model)
  }
})

test('the layers of a Sequential, as Keras before 2.2.3 wrote them and since', () => {
  const dense = { class_name: 'Dense', config: { name: 'a', units: 2, batch_input_shape: [null, 3] } }
  for (const config of [[dense], { name: 'net', layers: [dense] }]) {
    const model = modelFrom({ class_name: 'Sequential', config } as never)
    expect(model).toBeInstanceOf(Sequential)
    expect([namesOf(model), model.inputShape]).toEqual([['a'], [null, 3]])
  }
})

describe('what is no graph is refused, by the name of the layer', () => {
  const x = input('x')
  const a = layer('a', from('x'))
  const end = layer('end', from('a'))
  test.each<[string, object[], object, RegExp]>([
    [
      'an input that is not there',
      [x, layer('a', from('y')), end],
      {},
      /the layer a: .*an input from y, which is missing/,
    ],
    ['a circle', [x, layer('a', from('end')), end], {}, /^the layer (a|end): expected connections without a cycle/],
    [
      'an output that a layer does not have',
      [x, a, layer('end', [['a', 0, 3, {}]])],
      {},
      /^an input of end: .*an output/,
    ],
    ['a call that is not there', [x, a, layer('end', [['a', 7, 0, {}]])], {}, /^the layer end: .*an input from a/],
    ['an output of the model that is not there', [x, a, end], { output_layers: [['b', 0, 0]] }, /^outputLayers: /],
    [
      'an input that the model does not have',
      [
        x,
        input('y'),
        a,
        add('end', [
          ['a', 0, 0, {}],
          ['y', 0, 0, {}],
        ]),
      ],
      {},
      /./,
    ],
    [
      'shapes that do not merge',
      [
        x,
        a,
        add('end', [
          ['a', 0, 0, {}],
          ['x', 0, 0, {}],
        ]),
      ],
      {},
      /inputs of end: .*\[2\] and \[4\]/,
    ],
    ['a call in training mode', [x, layer('a', from('x', { training: true })), end], {}, /^a call of a: .*training/],
    ['two layers of one name', [x, a, a, end], {}, /config\.layers\[2\]\.name/],
    [
      'references that are none',
      [x, layer('a', [['x', 'zero', 0, {}] as never]), end],
      {},
      /expected \[layer, call, output\]/,
    ],
  ])('%s', (_, layers, more, message) => {
    expect(() => modelFrom(functional(layers, more))).toThrow(message)
  })

  test('a class that is no such model', () => {
    expect(() => modelFrom({ class_name: 'MyModel', config: { layers: [] } })).toThrow(
      /^class_name: expected "Sequential", or "Functional".*received "MyModel".*loadWeights\(model, source\)/,
    )
  })

  test('more layers than a model has', () => {
    const layers = Array.from({ length: 30_000 }, (_, i) => layer(`l${i}`, from(i === 0 ? 'x' : `l${i - 1}`)))
    expect(() => modelFrom(functional([x, ...layers]))).toThrow(/^config\.layers: expected at most 20000/)
  })

  test('weights that cannot be in the file, before memory is taken for them', () => {
    const large = { class_name: 'Dense', name: 'end', config: { name: 'end', units: 1e7 }, inbound_nodes: [from('x')] }
    expect(() => modelFrom(functional([x, large]), { most: 100 })).toThrow(/weights: expected at most the 100 numbers/)
  })
})

test('layers inside a model of the file are found by their names', async () => {
  const base = () => new Sequential([new Dense({ units: 2, name: 'features', inputShape: [3] })], { name: 'base' })
  const x = symbol({ shape: [3] })
  const whole = new Model({ inputs: x, outputs: new Dense({ units: 1, name: 'head' }).apply(base().apply(x)), seed: 1 })
  for (const format of ['h5', 'keras'] as const) {
    const bytes = await saveModel(whole, { format })
    const alone = base()
    expect(await loadWeights(alone, bytes, { byName: true })).toEqual({ loaded: ['features'], skipped: [] })
    expect(alone.getWeights()).toEqual(whole.getWeights().slice(0, 2))
  }
})
