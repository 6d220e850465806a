import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ArgumentError, Dense, Model, type Outputs, Sequential, input as symbol, Tensor } from 'unshared'
import { loadWeights, saveModel } from 'unshared/keras'
import { parseObject } from '../../lib/keras/h5-layout.ts'
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

  const nested = (depth: number, wrap: (inner: object) => object) => {
    let json: object = { class_name: 'Dense', config: { name: 'd', units: 2, batch_input_shape: [null, 3] } }
    for (let i = 0; i < depth; i++) json = wrap(json)
    return json as never
  }
  const inSequential = (inner: object) => ({ class_name: 'Sequential', config: { name: 's', layers: [inner] } })
  const inSteps = (layer: object) => ({ class_name: 'TimeDistributed', config: { name: 't', layer } })

  test('models and layers inside one another, deeper than anybody would', () => {
    expect(modelFrom(nested(90, inSequential)).outputShape).toEqual([null, 2])
    for (const [depth, wrap] of [
      [1000, inSequential],
      [5000, inSteps],
    ] as const)
      expect(() => modelFrom(inSequential(nested(depth, wrap)) as never)).toThrow(
        /config: expected at most 100, received "more models and layers inside one another"$/,
      )
  })

  test('a stack of 15,000 layers takes a time that grows with their number', () => {
    const layers = Array.from({ length: 15_000 }, (_, i) => ({
      class_name: 'Activation',
      config: { name: `a${i}`, activation: 'linear', ...(i === 0 ? { batch_input_shape: [null, 2] } : {}) },
    }))
    const model = modelFrom({ class_name: 'Sequential', config: { name: 'tall', layers } } as never)
    expect(model.layers).toHaveLength(15_000)
  }, 15_000)

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

describe('corrupt configs end in an ArgumentError, or in a model that predicts', () => {
  // biome-ignore lint/suspicious/noExplicitAny: a config whose types are wrong
  type Any = any
  const inner = functional([input('x'), layer('end', from('x'))], { name: 'inner' })
  const first = {
    class_name: 'Sequential',
    name: 'first',
    config: { name: 'first', layers: [input('s'), { class_name: 'Dense', config: { name: 'd', units: 4 } }] },
    inbound_nodes: [from('y')],
  }
  /** Two inputs, a shared layer, a model that is called twice, a Sequential, a merge and two outputs. */
  const honest = () =>
    functional(
      [
        input('x'),
        input('y'),
        first,
        layer('a', from('x'), [['first', 1, 0, {}]]),
        { ...inner, name: 'inner', inbound_nodes: [from('x'), from('y')] },
        add('end', [
          ['a', 0, 0, {}],
          ['a', 1, 0, {}],
          ['inner', 1, 0, {}],
          ['inner', 2, 0, {}],
        ]),
      ],
      {
        input_layers: [
          ['x', 0, 0],
          ['y', 0, 0],
        ],
        output_layers: [
          ['end', 0, 0],
          ['a', 1, 0],
        ],
      },
    )

  const outcome = (config: object): 'model' | 'error' => {
    let model: Model<Outputs>
    try {
      model = modelFrom(parseObject('model_config', JSON.stringify(config)), { most: 1000 })
    } catch (error) {
      if (error instanceof ArgumentError) return 'error'
      throw error
    }
    const inputs = (model.inputShapes ?? []).map(([, ...sample]) => Tensor.zeros([1, ...(sample as number[])]))
    const found = [model.forward(inputs.length === 1 ? inputs[0] : inputs)].flat()
    expect(found.map(({ shape }) => shape.slice(1))).toEqual(model.network.outputs.map(({ shape }) => shape.slice(1)))
    return 'model'
  }

  interface Place {
    readonly owner: Any
    readonly key: string
  }
  const placesIn = (value: Any): Place[] =>
    typeof value !== 'object' || value === null
      ? []
      : Object.keys(value).flatMap(key => [{ owner: value, key }, ...placesIn(value[key])])

  const names = ['x', 'y', 'first', 'a', 'inner', 'end', 'd', 's', 'z', '', '__proto__', 'constructor']
  const numbers = [-1, 0, 1, 2, 3, 0.5, 1e6, 2 ** 31, 1e300]
  const deep = (depth: number) => {
    let value: Any = { class_name: 'Dense', config: { units: 2 } }
    for (let i = 0; i < depth; i++)
      value = {
        class_name: i % 2 ? 'Sequential' : 'TimeDistributed',
        config: i % 2 ? { layers: [value] } : { layer: value },
      }
    return value
  }
  const values: fc.Arbitrary<Any> = fc.oneof(
    fc.constantFrom<Any>(...names, ...numbers, null, true, [], {}, [[]], [[['x', 0, 0]]], ['x', 0, 0], [null, 4]),
    fc.constantFrom('x', 'a', 'inner', 'end').chain(name => fc.nat(3).map(call => [[name, call, 0, {}]])),
    fc.constantFrom(1, 15, 300).map(deep),
    fc.jsonValue({ maxDepth: 2 }),
  )
  type Mutation = (config: Any) => void
  const at = fc.nat(1e6)
  const onPlace = (change: (place: Place, config: Any) => void) => (n: number) => (config: Any) => {
    const places = placesIn(config)
    change(places[n % places.length], config)
  }
  const mutation: fc.Arbitrary<Mutation> = fc.oneof(
    fc.tuple(at, values).map(([n, value]) => onPlace(({ owner, key }) => Object.assign(owner, { [key]: value }))(n)),
    at.map(onPlace(({ owner, key }) => (Array.isArray(owner) ? owner.splice(Number(key), 1) : delete owner[key]))),
    // References, and the number of calls and layers
    fc.tuple(at, fc.constantFrom(...names, ...numbers)).map(([n, value]) => (config: Any) => {
      const references = placesIn(config).filter(({ owner }) => typeof owner[0] === 'string' && owner.length >= 3)
      if (references.length === 0) return
      const { owner, key } = references[n % references.length]
      owner[typeof value === 'string' ? 0 : Math.max(1, Number(key))] = value
    }),
    fc.tuple(at, fc.constantFrom(1, 2, 30)).map(([n, count]) => (config: Any) => {
      const lists = placesIn(config).filter(({ owner }) => Array.isArray(owner) && owner.length > 0)
      if (lists.length === 0) return
      const { owner, key } = lists[n % lists.length]
      for (let i = 0; i < count; i++) owner.push(owner[Number(key)])
    }),
    // Any part in the place of another: layers of one name, models in themselves, cycles
    fc.tuple(at, at).map(([n, m]) => (config: Any) => {
      const places = placesIn(config)
      if (places.length === 0) return
      const [to, other] = [places[n % places.length], places[m % places.length]]
      to.owner[to.key] = structuredClone(other.owner[other.key])
    }),
  )

  test('the honest one is a model', () => {
    expect(outcome(honest())).toBe('model')
  })

  test('random mutations', () => {
    const ends = { model: 0, error: 0 }
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), mutations => {
        const config: Any = honest()
        for (const mutate of mutations) if (placesIn(config).length > 0) mutate(config)
        ends[outcome(config)]++
      }),
      { seed: 19, numRuns: 200 },
    )
    expect(Math.min(ends.model, ends.error)).toBeGreaterThan(20)
  }, 60_000)
})
