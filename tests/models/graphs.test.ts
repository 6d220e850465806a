import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Activation,
  Add,
  BatchNormalization,
  Concatenate,
  type Config,
  checkGradients,
  Dense,
  Dropout,
  type EngineName,
  Flatten,
  InputLayer,
  input,
  type Layer,
  LocallyConnected2D,
  Maximum,
  Model,
  Multiply,
  Sequential,
  SGD,
  type SymbolicTensor,
  Tensor,
  TimeDistributed,
} from 'unshared'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'

/** Two inputs, two outputs, a shared layer, a nested model, a branch over another. */
function network(options: { engine?: EngineName; threads?: number } = {}) {
  const picture = input({ shape: [6, 6, 1], name: 'picture' })
  const age = input({ shape: [3], name: 'age' })
  const shared = new Dense({ units: 3, activation: 'tanh', kernelRegularizer: 'l2', name: 'shared' })
  const base = new Sequential(
    [
      new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
      new Flatten(),
      new Dense({ units: 3 }),
    ],
    { seed: 5, name: 'base' },
  )
  const seen = base.apply(picture)
  const both = new Add().apply([shared.apply(seen), shared.apply(age), seen])
  const dropped = new Dropout({ rate: 0.3 }).apply(new BatchNormalization().apply(both))
  const risk = new Dense({ units: 1, name: 'risk' }).apply(new Concatenate().apply([dropped, age]))
  const kind = new Dense({ units: 2, activation: 'softmax', name: 'kind' }).apply(dropped)
  return new Model({ inputs: [picture, age], outputs: [risk, kind], seed: 7, ...options })
}
const n = 8
const x = { picture: randomTensor('picture', n, 6, 6, 1), age: randomTensor('age', n, 3) }
const y = { risk: randomTensor('risk', n, 1), kind: Array.from({ length: n }, (_, i) => i % 2) }
const compile = (model: Model<readonly SymbolicTensor[]>) =>
  model.compile({
    optimizer: 'adam',
    loss: { risk: 'mse', kind: 'sparse_categorical_crossentropy' },
    lossWeights: { risk: 0.5 },
    metrics: { kind: ['accuracy'] },
  })

describe('a model with branches', () => {
  test('has right gradients', () => {
    const report = checkGradients(network(), { training: true })
    if (!report.passed) throw new Error(String(report))
  })

  test('trains to the same bits on both engines, with any number of threads', async () => {
    const train = async (options: { engine?: EngineName; threads?: number }) => {
      const model = network(options)
      compile(model)
      const { history } = await model.fit(x, y, { epochs: 3, batchSize: 3, verbose: 0, validationSplit: 0.25 })
      return { history, weights: model.getWeights() }
    }
    const expected = await train({ engine: 'reference' })
    for (const options of [{ engine: 'simd', threads: 1 } as const, { engine: 'simd', threads: 2 } as const]) {
      const found = await train(options)
      expect(found.history).toEqual(expected.history)
      found.weights.forEach(({ data }, i) => {
        expectSameBits(data, expected.weights[i].data)
      })
    }
    expect(Object.keys(expected.history)).toEqual(
      ['', 'val_'].flatMap(p => ['loss', 'risk_loss', 'kind_loss', 'kind_accuracy'].map(name => p + name)),
    )
  })

  test('takes data by list or by name, from sources too', async () => {
    const predictions = [
      await network().predict(x),
      await network().predict([x.picture, x.age]),
      await network().predict([[x.picture, x.age]][Symbol.iterator]() as never),
      network().predictOnBatch(x),
    ]
    for (const found of predictions) expect(found).toEqual(predictions[0])
    expect(predictions[0].map(({ shape }) => shape)).toEqual([
      [n, 1],
      [n, 2],
    ])
  })

  test('its config makes the same model', () => {
    const model = network()
    const copy = Model.fromConfig(model.getConfig(), { seed: 7 }) as unknown as typeof model
    expect(copy.getConfig()).toEqual(model.getConfig())
    copy.setWeights(model.getWeights())
    expect(copy.forward(x)).toEqual(model.forward(x))
  })

  test('penalties of weights count once a layer, those of outputs once a call', async () => {
    const a = input({ shape: [2] })
    const layer = new Dense({ units: 2, kernelInitializer: 'ones', kernelRegularizer: 'l2', activityRegularizer: 'l1' })
    const outputs = new Add().apply([layer.apply(a), layer.apply(a), layer.apply(a)])
    const model = new Model({ inputs: a, outputs, seed: 1 })
    model.compile({ loss: 'mse' })
    const { loss } = await model.evaluate([[1, 2]], [[9, 9]], { verbose: 0 })
    expect(loss).toBeCloseTo(0.01 * 4 + 3 * 0.01 * 6, 6)
  })

  test('the same layers as Sequential and as Model give the same bits', async () => {
    const layers = () => [
      new LocallyConnected2D({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [6, 6, 1] }),
      new Dropout({ rate: 0.2 }),
      new Flatten(),
      new Dense({ units: 2, activation: 'softmax' }),
    ]
    const stack = new Sequential(layers(), { seed: 3 })
    const inputs = input({ shape: [6, 6, 1] })
    const outputs = layers().reduce<SymbolicTensor>((value, layer: Layer) => layer.apply(value), inputs)
    const graph = new Model({ inputs, outputs, seed: 3 })
    const train = async (model: Model) => {
      model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy' })
      const { history } = await model.fit(x.picture, y.kind, { epochs: 3, batchSize: 3, verbose: 0 })
      return [history.loss, ...model.getWeights()]
    }
    expect(await train(graph)).toEqual(await train(stack))
  })

  test('an output without a loss trains nothing, and needs no target', async () => {
    const model = network()
    model.compile({ optimizer: new SGD({ weightDecay: 0.1 }), loss: { kind: 'sparse_categorical_crossentropy' } })
    const before = model.getLayer('risk').getWeights()
    const logs = model.trainOnBatch(x, { kind: y.kind })
    expect(Object.keys(logs)).toEqual(['loss', 'kind_loss'])
    expect(model.getLayer('risk').getWeights()).toEqual(before)
    expect(() => model.trainOnBatch(x, { risk: y.risk })).toThrow('y, output kind: expected targets')
  })

  test('an output of a model inside that nothing reads trains nothing, but for penalties', () => {
    const a = input({ shape: [3] })
    const shared = new Dense({ units: 2, name: 'shared', activation: 'tanh' })
    const penalized = new Dense({ units: 2, name: 'penalized', kernelRegularizer: 'l2' })
    const read = shared.apply(a)
    const inner = new Model({
      inputs: a,
      outputs: [read, penalized.apply(shared.apply(new Dense({ units: 3 }).apply(a)))],
    })
    const b = input({ shape: [3] })
    const model = new Model({ inputs: b, outputs: inner.apply(b)[0], seed: 1 })
    const report = checkGradients(model)
    const unread = report.checks.slice(1).filter(({ worst }) => worst.analytic === 0 && worst.numeric === 0)
    expect([report.passed, unread.length]).toEqual([true, 4])
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const before = penalized.getWeights()
    model.trainOnBatch(x.age, randomTensor('y', n, 2))
    model.trainOnBatch(x.age, randomTensor('y', n, 2))
    const factor = (1 - 0.01 * 2 * 0.01) ** 2
    penalized.getWeights()[0].data.forEach((w, i) => {
      expect(w).toBeCloseTo(factor * before[0].data[i], 6)
    })
  })

  test('a frozen model inside keeps its weights and averages', async () => {
    const base = new Sequential([new Dense({ units: 3, inputShape: [3] }), new BatchNormalization()], { seed: 1 })
    base.trainable = false
    const a = input({ shape: [3] })
    const model = new Model({ inputs: a, outputs: new Dense({ units: 1 }).apply(base.apply(a)), seed: 2 })
    const before = base.getWeights()
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    await model.fit(x.age, y.risk, { epochs: 2, verbose: 0 })
    expect(base.getWeights()).toEqual(before)
    expect(model.trainableParameters).toHaveLength(2)
  })

  test("input and output of a model are its own, as in Keras, also inside another one; a layer's are those of its call", () => {
    const base = new Sequential([new Dense({ units: 3, inputShape: [4] }), new Dense({ units: 2 })], { seed: 1 })
    const features = new Model({ inputs: base.input, outputs: base.layers[0].output })
    const head = new Model({ inputs: base.input, outputs: new Dense({ units: 1 }).apply(base.output) })
    const b = input({ shape: [4] })
    base.apply(b)
    expect([base.input, base.output]).toEqual([base.inputs[0], base.outputs[0]])
    expect([features.outputShape, head.outputShape]).toEqual([
      [null, 3],
      [null, 1],
    ])
    expect(head.layers.map(({ className }) => className)).toEqual(['InputLayer', 'Dense', 'Dense', 'Dense'])
    const model = network()
    expect(model.input).toEqual(model.inputs)
    expect(model.output).toEqual(model.outputs)
    const add = new Add()
    expect(() => add.output).toThrow(/add has 0 symbolic outputs: call apply first/)
    add.apply([b, b])
    expect(add.input).toEqual([b, b])
    add.apply([b, b])
    expect(() => add.input).toThrow(/add has 2 symbolic inputs: read nodes\[i\]\.inputs/)
  })

  test('the calls of a shared Dropout drop other numbers, in whichever order the outputs are listed', () => {
    const [a, b] = [input({ shape: [50] }), input({ shape: [50] })]
    const drop = new Dropout({ rate: 0.5 })
    const [first, second] = [drop.apply(a), drop.apply(b)]
    const ones = Tensor.from(new Float32Array(50).fill(1), [1, 50])
    const masks = (outputs: readonly SymbolicTensor[]) =>
      new Model({ inputs: [a, b], outputs, seed: 1 }).forward([ones, ones], { training: true })
    const [one, other] = masks([first, second])
    expect(other).not.toEqual(one)
    expect(masks([second, first])).toEqual([other, one])
  })

  test('large graphs are built in a time that grows with their size; configs of more are refused at once', () => {
    const config = (calls: number) => ({
      name: 'm',
      layers: [
        {
          className: 'InputLayer',
          config: { batchInputShape: [null, 2], name: 'a' },
          name: 'a',
          inboundNodes: [] as unknown[],
        },
        {
          className: 'Activation',
          config: { activation: 'tanh', name: 'r' },
          name: 'r',
          inboundNodes: Array.from({ length: calls }, (_, i) => [i === 0 ? ['a', 0, 0] : ['r', i - 1, 0]]),
        },
      ],
      inputLayers: [['a', 0, 0]],
      outputLayers: [['r', calls - 1, 0]],
    })
    const model = Model.fromConfig(config(15_000)) as Model
    expect(model.forward([[0.5, -1]]).shape).toEqual([1, 2])
    expect(model.getConfig()).toMatchObject({ outputLayers: [['r', 14_999, 0]] })
    expect(() => Model.fromConfig(config(1e6))).toThrow(
      'config.layers: expected at most 20000, received "1000002 layers and calls"',
    )
  }, 20_000)

  test("options of a call on symbolic tensors, which would have no effect, and Keras' positional forms are refused", () => {
    const [a, b] = [input({ shape: [3] }), input({ shape: [3] })]
    const inner = new Sequential([new Dense({ units: 2, inputShape: [3] })])
    for (const module of [new Dropout({ rate: 0.5 }), inner, new Add()])
      for (const more of [{ training: true }, b])
        expect(() => (module.apply as (x: unknown, more: unknown) => unknown)(a, more)).toThrow(
          /^options: expected none on symbolic tensors, received .*apply\(\[a, b\]\)/,
        )
    expect(() => new (Model as never as new (...args: unknown[]) => Model)(a, a)).toThrow(
      /^options: expected \{ inputs, outputs \}/,
    )
    expect(() => input({ shape: 3 as never })).toThrow(/^shape: expected a list of sizes/)
  })

  test('configs of graphs and of stacks are not mistaken for each other', () => {
    const a = input({ shape: [3] })
    const graph = new Model({ inputs: a, outputs: new Dense({ units: 2 }).apply(a) })
    const stack = new Sequential([new Dense({ units: 2, inputShape: [3] })])
    expect(() => Sequential.fromConfig(graph.getConfig())).toThrow(/received "a graph"\. Use Model\.fromConfig$/)
    expect(() => Model.fromConfig(stack.getConfig())).toThrow(/received "a stack"\. Use Sequential\.fromConfig$/)
  })

  test('getLayer counts negative indices from the end, as Keras does', () => {
    const model = network()
    expect(model.getLayer(-1)).toBe(model.layers[model.layers.length - 1])
    for (const wrong of [-100, 100, 0.5]) expect(() => model.getLayer(wrong)).toThrow(/^nameOrIndex: /)
  })

  test('a flat list of metrics is for all outputs, with null in it too, as in Keras', () => {
    for (const [metrics, names] of [
      [[null, 'mse'], 'risk_mse kind_mse'],
      [['mae', null], 'risk_mae kind_mae'],
      [[['mae'], null], 'risk_mae'],
    ] as const) {
      const model = network()
      model.compile({ optimizer: 'sgd', loss: 'mse', metrics: metrics as never })
      const logs = model.testOnBatch(x, { ...y, kind: Array.from({ length: n }, () => [0, 1]) })
      expect(Object.keys(logs).slice(3).join(' ')).toBe(names)
    }
  })

  test('models that are too deep for a summary are refused', () => {
    let model: Model = new Sequential([new Dense({ units: 2, inputShape: [2] })])
    for (let i = 0; i < 26; i++) {
      const a = input({ shape: [2] })
      model = new Model({ inputs: a, outputs: model.apply(a) })
    }
    expect(() => model.summary({ expandNested: true })).toThrow(/^expandNested: expected a larger lineLength/)
  })

  test('a Sequential inside another model cannot be changed', () => {
    const base = new Sequential([new Dense({ units: 3, inputShape: [4] }), new Dense({ units: 2 })], { seed: 1 })
    const outer = new Sequential([base, new Dense({ units: 1 })])
    for (const change of [() => base.pop(), () => base.add(new Dense({ units: 2 }))])
      expect(change).toThrow(/is part of another model; make a new Sequential of its layers/)
    expect(new Sequential(base.layers.slice(0, 1)).outputShape).toEqual([null, 3])
    outer.pop()
    outer.pop()
    base.pop()
    expect(base.layers).toHaveLength(1)
  })

  test('sub-models share the layers of a model', () => {
    const model = network()
    const features = new Model({ inputs: model.inputs[0], outputs: model.getLayer('base').nodes[0].outputs[0] })
    const [risk] = model.forward(x)
    const before = features.forward(x.picture)
    model.getLayer('base').parameters[0].value.fill(0)
    expect(features.forward(x.picture)).not.toEqual(before)
    expect(model.forward(x)[0]).not.toEqual(risk)
  })
})

describe('what is no model is refused, by name', () => {
  const [a, b] = ['a', 'b'].map(name => input({ shape: [2], name }))
  const join = () => new Add({ name: 'join' }).apply([a, b])
  test.each<[string, () => unknown, string]>([
    [
      'an input that is left out',
      () => new Model({ inputs: a, outputs: join() }),
      'a value that depends on b, which the layer join reads',
    ],
    ['an input twice', () => new Model({ inputs: [a, a], outputs: join() }), 'inputs: expected different tensors'],
    [
      'numbers as inputs',
      () => new Model({ inputs: [[1]] as never, outputs: join() }),
      'inputs: expected a symbolic tensor',
    ],
    [
      'a mixture of symbols and numbers',
      () => new Add().apply([a, [[1, 2]]] as never),
      'x: expected symbolic tensors, or numbers, but not both',
    ],
    [
      'two inputs of a layer with one',
      () => new Dense({ units: 1, name: 'd' }).apply([a, b]),
      'inputs of d: expected 1, received 2',
    ],
    [
      'two layers of one name',
      () => new Model({ inputs: a, outputs: new Dense({ units: 1, name: 'a' }).apply(a) }),
      'layer: expected a name unique in the model, received "a"',
    ],
    [
      'an open size',
      () => input({ batchShape: [null, null, 2] }),
      'shape: expected the shape of one sample, every size known',
    ],
    [
      'data of too few inputs',
      () => network().forward([x.picture] as never),
      'x: expected a list of 2, or an object with picture, age',
    ],
    [
      'an unknown name',
      () => network().forward({ ...x, other: x.age }),
      'x, name: expected one of picture, age, received "other"',
    ],
    [
      'different numbers of samples',
      () => network().forward({ ...x, age: randomTensor('age', 3, 3) }),
      'x, input age: expected 8 samples',
    ],
    [
      'class weights for several outputs',
      () => {
        const model = network()
        compile(model)
        return model.fit(x, y, { classWeight: { 0: 1 }, verbose: 0 })
      },
      'classWeight: expected none: the model has several outputs',
    ],
  ])('%s', async (_, run, message) => {
    await expect(async () => run()).rejects.toThrow(message)
  })
})

test('a graph of random layers computes what its layers compute one by one, with right gradients', () => {
  type Step = { kind: number; from: number[] }
  const steps = fc.array(fc.record({ kind: fc.nat(5), from: fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 7,
  })
  const make = (kind: number): Layer =>
    [
      () => new Dense({ units: 3, activation: 'tanh', kernelInitializer: 'randomNormal' }),
      () => new Activation({ activation: 'sigmoid' }),
      () => new Add(),
      () => new Multiply(),
      () => new Maximum(),
      () => new Dense({ units: 3 }),
    ][kind]()
  fc.assert(
    fc.property(steps, (plan: Step[]) => {
      const inputs = [input({ shape: [3] }), input({ shape: [3] })]
      const values: SymbolicTensor[] = [...inputs]
      const used: { layer: Layer; from: number[] }[] = []
      for (const { kind, from } of plan) {
        const layer = make(kind)
        const sources = from.map(k => k % values.length).slice(0, layer.inputCounts[1] > 1 ? 3 : 1)
        const given = sources.map(k => values[k])
        values.push(layer.apply(layer.inputCounts[1] > 1 ? given : given[0]))
        used.push({ layer, from: sources })
      }
      const ends = [values[values.length - 1], values[Math.floor(values.length / 2)]]
      const model = new Model({ inputs, outputs: ends, seed: 4 })
      const xs = inputs.map((_, i) => randomTensor(`x${i}`, 2, 3))
      const found = model.forward(xs)
      const results = [...xs]
      for (const { layer, from } of used) {
        const given = from.map(k => results[k])
        if (!layer.built && layer.leaves.length > 0)
          layer.build(layer.inputCounts[1] > 1 ? given.map(() => [null, 3]) : [null, 3])
        results.push(layer.forward(layer.inputCounts[1] > 1 ? given : given[0]))
      }
      expect(found[0]).toEqual(results[results.length - 1])
      expect(found[1]).toEqual(results[Math.floor(results.length / 2)])
      const report = checkGradients(model, { x: xs })
      if (!report.passed) throw new Error(String(report))
    }),
    { seed: 11, numRuns: 30 },
  )
})

test('TimeDistributed and the layer inside keep their own trainable, as in tf-keras 2.15', () => {
  const make = (inner: boolean, outer: boolean) => {
    const layer = new Dense({ units: 2, trainable: inner })
    return new Sequential([new TimeDistributed({ layer, trainable: outer, inputShape: [3, 4] })])
  }
  for (const [inner, outer] of [
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const) {
    const copy = Sequential.fromConfig(make(inner, outer).getConfig())
    for (const model of [make(inner, outer), copy]) {
      const [wrapper] = model.layers as [TimeDistributed]
      expect([wrapper.layer.trainable, wrapper.trainable]).toEqual([inner, outer])
      expect(model.trainableParameters).toHaveLength(inner && outer ? 2 : 0)
    }
  }
  const [wrapper] = make(true, true).layers as [TimeDistributed]
  wrapper.trainable = false
  expect(wrapper.layer.trainable).toBe(false)
})

test('TimeDistributed is the layer at every step', () => {
  const inner = new Dense({ units: 2, activation: 'tanh' })
  const layer = new TimeDistributed({ layer: inner })
  const steps = randomTensor('steps', 3, 4, 5)
  const result = layer.forward(steps)
  expectSameBits(result.data, inner.forward(new Tensor([12, 5], steps.data)).data)
  expect(layer.getConfig().layer).toEqual({ className: 'Dense', config: inner.getConfig() as Config })
})

test('the layers are in the order of Keras, inputs among them', () => {
  const [a, b] = ['a', 'b'].map(name => input({ shape: [3], name }))
  const d1 = new Dense({ units: 3, name: 'd1' }).apply(b)
  const d2 = new Dense({ units: 3, name: 'd2' }).apply(d1)
  const d3 = new Dense({ units: 3, name: 'd3' }).apply(a)
  const model = new Model({ inputs: [a, b], outputs: new Add({ name: 's' }).apply([d3, d2]) })
  expect(model.layers.map(({ name }) => name)).toEqual(['b', 'a', 'd1', 'd3', 'd2', 's'])
  expect(model.getLayer('a')).toBeInstanceOf(InputLayer)
  expect(model.inputNames).toEqual(['a', 'b'])
})
