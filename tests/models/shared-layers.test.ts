// A layer is its options and weights; a call is everything that belongs to one run. So layers can be looked at, run by
// themselves and shared between models, and nobody's numbers change but by the weights.

import { describe, expect, test } from '@jest/globals'
import {
  Activation,
  Adam,
  ArgumentError,
  BatchNormalization,
  BinaryAccuracy,
  type Call,
  Conv2D,
  checkGradients,
  Dense,
  Dropout,
  type EngineName,
  Flatten,
  GlobalAveragePooling2D,
  type Layer,
  LocallyConnected2D,
  Sequential,
  type SequentialOptions,
  SGD,
  StateError,
  stream,
  Tensor,
} from 'unshared'
import { Graph, Twins } from '../../lib/layers/graph.ts'
import { createEngine } from '../../lib/simd/choose-engine.ts'
import { Workspace } from '../../lib/simd/workspace.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'

const numbers = (name: string, ...shape: number[]) => {
  const size = shape.reduce((a, b) => a * b)
  return Tensor.from(randomNumbers(size, stream(name)), shape)
}
const n = 64
const x = numbers('x', n, 4)
const y = Tensor.from(
  x.data.filter((_, i) => i % 4 === 0).map(v => (v > 0 ? 1 : 0)),
  [n, 1],
)

describe.each<EngineName>(['reference', 'simd'])('engine %s:', engine => {
  const make = (seed = 1) => {
    const model = new Sequential(
      [
        new Dense({ units: 8, activation: 'tanh', inputShape: [4] }),
        new Dropout({ rate: 0.3 }),
        new Dense({ units: 1, activation: 'sigmoid' }),
      ],
      { seed, engine },
    )
    model.compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] })
    return model
  }
  const learn = (model: Sequential, callbacks = [{}]) =>
    model.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0, callbacks })

  test('a layer of a model is looked at, and the model predicts as before', async () => {
    const model = make()
    const expected = await make().predict(x)
    model.layers[0].forward(x.slice(0, 1))
    expect((await model.predict(x)).equals(expected)).toBe(true)
    checkGradients(model.layers[1])
    expect((await model.predict(x)).equals(expected)).toBe(true)
  })

  test('a layer of a model is looked at, and the model learns as before', async () => {
    const { history } = await learn(make())
    const model = make()
    model.layers[0].forward(x.slice(0, 1))
    model.compile({ optimizer: 'adam', loss: 'binary_crossentropy', metrics: ['accuracy'] })
    expect((await learn(model)).history).toEqual(history)
  })

  test('callbacks look at layers, predict, evaluate and check gradients in the middle of fit', async () => {
    const quiet = make()
    const { history } = await learn(quiet)
    const model = make()
    const seen: unknown[] = []
    const look = async () => {
      const [dense, dropout] = model.layers
      const hidden = dense.forward(x.slice(0, 3))
      dropout.forward(hidden, { training: true })
      dense.backward(hidden)
      checkGradients(dense)
      checkGradients(model)
      seen.push(
        await model.predict(x, { batchSize: 50 }),
        await model.evaluate(x, y, { batchSize: 64, verbose: 0 }),
        model.testOnBatch(x.slice(0, 5), y.slice(0, 5)),
      )
    }
    expect(
      (await learn(model, [{ onTrainBatchBegin: look, onTrainBatchEnd: look, onEpochEnd: look }])).history,
    ).toEqual(history)
    expect(model.getWeights()).toEqual(quiet.getWeights())
    expect(seen).toHaveLength(3 * (3 * 8 + 3))
    expect(await model.evaluate(x, y, { verbose: 0 })).toEqual(await quiet.evaluate(x, y, { verbose: 0 }))
  })

  test('one layer in two models: predictions of the first stay, and both learn the same weights', async () => {
    const first = make()
    const expected = await first.predict(x)
    const [dense] = first.layers
    const second = new Sequential([dense, new Dense({ units: 2 })], { seed: 5 })
    second.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' })
    await second.predict(numbers('other', 3, 4))
    expect((await first.predict(x)).equals(expected)).toBe(true)
    expect(second.engine.name).toBe(engine)

    second.trainOnBatch(x, numbers('targets', n, 2))
    expect((await first.predict(x)).equals(expected)).toBe(false)
    expect(first.getWeights().slice(0, 2)).toEqual(second.getWeights().slice(0, 2))
    const alone = make()
    alone.setWeights(first.getWeights())
    expect((await first.predict(x)).equals(await alone.predict(x))).toBe(true)
  })

  test('gradients are those of whoever is asked', () => {
    const model = make()
    const [dense] = model.layers
    model.trainOnBatch(x, y)
    const gradients = model.gradients()
    expect(() => dense.gradients()).toThrow(/kernel has no gradient before the first backward pass/)
    dense.forward(x.slice(0, 2))
    dense.backward(numbers('dy', 2, 8))
    expect(dense.gradients()[0].equals(gradients[0])).toBe(false)
    expect(model.gradients()).toEqual(gradients)
    const own = dense.gradients()
    model.trainOnBatch(x, y)
    expect(dense.gradients()).toEqual(own)
    checkGradients(model)
    expect(dense.gradients()).toEqual(own)
  })

  test('a backward pass goes back through its own forward, whatever ran in between', () => {
    const model = make()
    const [dense] = model.layers
    const other = new Sequential([dense, new Dense({ units: 3 })])
    const run = (between: () => void) => {
      const z = model.forward(x.slice(0, 5))
      between()
      return [model.backward(z), ...model.gradients()]
    }
    const expected = run(() => {})
    const between = () => {
      dense.forward(x.slice(3, 10))
      dense.backward(numbers('dy', 7, 8))
      other.forward(x)
      other.backward(numbers('dy', n, 3))
      new Adam().build(other.trainableParameters, other.engine) // takes memory: it may grow
      checkGradients(dense)
    }
    expect(run(between)).toEqual(expected)
  })

  test('a lone training run of Dropout moves no stream but its own', () => {
    const expected = make().trainOnBatch(x, y)
    const model = make()
    const first = model.layers[1].forward(numbers('hidden', 9, 8), { training: true })
    expect(model.layers[1].forward(numbers('hidden', 9, 8), { training: true }).equals(first)).toBe(false)
    expect(model.trainOnBatch(x, y)).toEqual(expected)
  })

  test('a Dense before BatchNormalization has right gradients, and the check moves no average', () => {
    const model = new Sequential([new Dense({ units: 3, inputShape: [4] }), new BatchNormalization()], {
      seed: 1,
      engine,
    })
    const weights = model.getWeights()
    for (const training of [true, false])
      for (let seed = 0; seed < 20; seed++) {
        const report = checkGradients(model, { training, seed, batchSize: 5 })
        if (!report.passed) throw new Error(String(report))
      }
    checkGradients(model.layers[1], { training: true })
    expect(model.getWeights()).toEqual(weights)
    model.layers[1].forward(numbers('batch', 5, 3), { training: true })
    expect(model.getWeights()[4].equals(weights[4])).toBe(false) // a lone training run does move them
  })

  test('one metric object in two models that learn at the same time measures each by itself', async () => {
    const compiled = (metric: BinaryAccuracy, seed: number) => {
      const model = make(seed)
      model.compile({ optimizer: 'adam', loss: 'mse', metrics: [metric] })
      return model
    }
    const expected = [await learn(compiled(new BinaryAccuracy(), 1)), await learn(compiled(new BinaryAccuracy(), 2))]
    const metric = new BinaryAccuracy()
    const turn = { onTrainBatchEnd: () => new Promise<void>(resolve => setTimeout(resolve)) }
    const found = await Promise.all([1, 2].map(seed => learn(compiled(metric, seed), [turn])))
    expect(found.map(({ history }) => history)).toEqual(expected.map(({ history }) => history))
    expect(found.map(({ history }) => history.binary_accuracy[2])).toContain(metric.result()) // that of the last measurement
  })

  test.each(['fit', 'evaluate', 'predict'] as const)(
    'what would change the layers is refused during %s',
    async what => {
      const model = make()
      const messages: string[] = []
      const attempts = [
        () => model.add(new Dense({ units: 1 })),
        () => model.pop(),
        () => model.build([null, 4]),
        () => model.compile({ loss: 'mse' }),
      ]
      const attempt = () => {
        for (const act of attempts)
          try {
            act()
          } catch (error) {
            if (error instanceof StateError) messages.push(error.message)
          }
      }
      const callbacks = [{ onTrainBatchEnd: attempt, onTestBatchEnd: attempt, onPredictBatchEnd: attempt }]
      const options = { batchSize: n, callbacks }
      const expected = await model.predict(x)
      if (what === 'predict') expect((await model.predict(x, options)).equals(expected)).toBe(true)
      else if (what === 'fit') await model.fit(x, y, { ...options, verbose: 0 })
      else await model.evaluate(x, y, { ...options, verbose: 0 })
      expect(messages).toEqual(
        ['add', 'pop', 'build', 'compile'].map(name => `${name}: not while ${what} is running; await its promise`),
      )
      attempts[1]() // now it may
      expect(model.layers).toHaveLength(2)
    },
  )

  test('compile fixes what trains: a critic learns alone, and not inside the model that trains the generator', () => {
    const generator = new Sequential([new Dense({ units: 2, inputShape: [4] })], { seed: 1, engine })
    const critic = new Sequential([new Dense({ units: 1, inputShape: [2] })], { seed: 2 })
    critic.compile({ optimizer: 'sgd', loss: 'mse' })
    critic.trainable = false
    const both = new Sequential([...generator.layers, ...critic.layers])
    both.compile({ optimizer: 'sgd', loss: 'mse' })
    const moved = (model: Sequential, step: () => void) => {
      const before = model.getWeights()
      step()
      return model.getWeights().map((now, i) => !now.equals(before[i]))
    }
    const samples = numbers('critic', n, 2)
    const ones = numbers('ones', n, 1)
    for (let round = 0; round < 2; round++) {
      expect(moved(both, () => critic.trainOnBatch(samples, ones))).toEqual([false, false, true, true])
      expect(moved(both, () => both.trainOnBatch(x, ones))).toEqual([true, true, false, false])
      expect([critic.trainable, critic.layers[0].trainable]).toEqual([false, false])
    }
    critic.trainable = true // has no effect on either, until the next compile
    expect(moved(both, () => both.trainOnBatch(x, ones))).toEqual([true, true, false, false])
    both.compile({ optimizer: 'sgd', loss: 'mse' })
    expect(moved(both, () => both.trainOnBatch(x, ones))).toEqual([true, true, true, true])
  })

  test('backward goes with the forward right before it', () => {
    const model = make()
    const dy = model.forward(x)
    model.backward(dy)
    for (const run of [() => model.trainOnBatch(x, y), () => model.testOnBatch(x, y)]) {
      model.forward(x)
      run()
      expect(() => model.backward(dy)).toThrow(/call forward right before backward/)
    }
    const [dense] = model.layers
    expect(() => dense.backward(numbers('dy', n, 8))).toThrow(/call forward right before backward/)
  })

  test('a check takes only samples of the model, and adds nothing to gradients that were there', () => {
    const model = make()
    model.trainOnBatch(x, y)
    const kept = model.getWeights()
    expect(() => checkGradients(model, { x: numbers('wide', 2, 5) })).toThrow(
      /x: expected samples of the model's input shape \[null, 4\]/,
    )
    expect(model.getWeights()).toEqual(kept)
    class Adds extends Dense {
      override backwardInto(dx: Float32Array, dy: Float32Array, call: Call) {
        const before = call.weights.bias.gradient.array.slice()
        super.backwardInto(dx, dy, call)
        before.forEach((g, i) => {
          call.weights.bias.grad[i] += g
        })
      }
    }
    const report = checkGradients(new Adds({ units: 3 }), { inputShape: [4] })
    expect(report.checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['x', true],
      ['kernel', true],
      ['bias', false],
    ])
  })

  test('a layer that is taken away and added again goes on with the same optimizer', () => {
    const model = make()
    const optimizer = new Adam()
    const learn = () => {
      model.compile({ optimizer, loss: 'mse' })
      model.trainOnBatch(x, numbers('head', n, Number(model.outputShape?.[1])))
    }
    learn()
    const last = model.layers[model.layers.length - 1]
    model.pop()
    model.add(last)
    learn()
    expect(optimizer.iterations).toBe(2)
  })

  test('an add that is refused changes nothing: neither names nor models', () => {
    const model = make()
    const layer = new Dense({ units: 2, inputShape: [7] })
    layer.build([null, 7])
    expect(() => model.add(layer)).toThrow()
    expect([layer.hasName, layer.name]).toEqual([false, 'dense'])
    const other = new Sequential([layer])
    expect(other.nameOf(layer)).toBe('dense')
  })

  test('a run that fails leaves the model idle', async () => {
    const model = make()
    await expect(learn(model, [{ onEpochEnd: () => Promise.reject(new Error('no')) }])).rejects.toThrow('no')
    await expect(model.predict([[1]])).rejects.toThrow(ArgumentError)
    model.pop()
    expect(model.layers).toHaveLength(2)
  })

  test('one convolution at two sizes of images', async () => {
    const conv = new Conv2D({ filters: 3, kernelSize: 3, padding: 'same', activation: 'relu' })
    const at = (size: number) =>
      new Sequential(
        [new Conv2D({ filters: 2, kernelSize: 1, inputShape: [size, size, 1] }), conv, new GlobalAveragePooling2D()],
        { seed: size, engine },
      )
    const [small, large] = [at(8), at(12)]
    expect([small.layers[1], large.layers[1]]).toEqual([conv, conv])
    expect(conv.inputShape).toEqual([8, 8, 2])
    const images = numbers('images', 5, 12, 12, 1)
    const hidden = large.layers[0].forward(images)
    const convolved = conv.forward(hidden)
    expect(convolved.shape).toEqual([5, 12, 12, 3])
    expectSameBits(large.forward(images).data, new GlobalAveragePooling2D().forward(convolved).data)
    expect(conv.forward(numbers('small', 1, 8, 8, 2)).shape).toEqual([1, 8, 8, 3])
    expect(() => conv.forward(numbers('wrong', 1, 8, 8, 3))).toThrow(
      /^x: expected samples of shape \[8, 8, 2\], which the layer conv2d_1 was built for, received \[null, 8, 8, 3\]/,
    )
    const lines: string[] = []
    large.summary({ print: line => lines.push(line) })
    expect(lines.join('\n')).toContain('(None, 12, 12, 3)')
  })

  test('a generator and a critic that were built apart learn together in a third model', () => {
    const dense = (units: number, activation: 'tanh' | 'sigmoid', inputs: number) =>
      new Dense({ units, activation, inputShape: [inputs] })
    const generator = new Sequential([dense(8, 'tanh', 3), dense(4, 'tanh', 8)], { seed: 1, engine })
    const critic = new Sequential([dense(8, 'tanh', 4), dense(1, 'sigmoid', 8)], { seed: 2 })
    for (const model of [generator, critic]) model.compile({ optimizer: 'adam', loss: 'mse' })
    critic.trainOnBatch(x, y)
    critic.layers[0].forward(x)
    const before = critic.gradients()
    const both = new Sequential([...generator.layers, ...critic.layers])
    expect(both.layers.map(layer => both.nameOf(layer))).toEqual(['dense', 'dense_1', 'dense_2', 'dense_3'])
    expect(critic.layers.map(({ name }) => name)).toEqual(['dense', 'dense_1']) // a layer keeps its first name
    expect([generator, critic, both].map(model => model.engine.name)).toEqual([engine, engine, engine])
    expect(critic.gradients()).toEqual(before)
    both.compile({ optimizer: 'adam', loss: 'mse' })
    const noise = numbers('noise', n, 3)
    both.trainOnBatch(noise, y)
    critic.trainOnBatch(x, y) // with the moments of its optimizer, which moved too
    expectSameBits(both.forward(noise).data, critic.forward(generator.forward(noise)).data)
    const inReference = Object.entries(critic.engine.report()).filter(([, { reference }]) => reference > 0)
    if (engine === 'simd')
      expect(inReference.map(([name]) => name)).toEqual(['meanSquaredError.forward', 'meanSquaredError.backward'])
  })
})

// ---- The contract of a call ---------------------------------------------------------------------------------------------

/** A graph that calls built layers one after the other. */
function graphOf(layers: readonly Layer[], inputShape: number[], engine: Workspace): Graph {
  const graph = new Graph([inputShape], { engine, parameterOf: new Twins().of })
  let values = graph.inputs
  layers.forEach((layer, i) => {
    values = [graph.add(layer, values, name => stream(1, i, name))]
  })
  graph.outputs = values
  return graph
}

describe.each<EngineName>(['reference', 'simd'])('engine %s:', engine => {
  const workspace = new Workspace({ engine })
  const build = <L extends Layer>(layer: L, inputShape: number[], seed = 1) => {
    const weights = workspace.region()
    layer.build([null, ...inputShape], { engine: workspace, weights, stream: name => stream(seed, name) })
    return layer
  }

  test('where several calls use a weight, sums of their own are added from right to left', () => {
    const shared = build(new Dense({ units: 4, activation: 'tanh' }), [4])
    const graph = graphOf([shared, shared, shared], [4], workspace)
    const input = numbers('input', 6, 4)
    const dy = numbers('dy', 6, 4)
    const [out] = graph.forward([input], { training: true })
    const [dx] = graph.backward([dy])
    const found = graph.trainableParameters.map(({ grad }) => grad.slice())

    const calls = [0, 1, 2].map(() => {
      const single = new Dense({ units: 4, activation: 'tanh' })
      single.build([null, 4])
      single.setWeights(shared.getWeights())
      return single
    })
    expect(calls.reduce((z, layer) => layer.forward(z), input)).toEqual(out)
    const expected = shared.parameters.map(({ size }) => new Float32Array(size))
    let gradient = dy
    for (const [step, layer] of [...calls].reverse().entries()) {
      gradient = layer.backward(gradient)
      layer.gradients().forEach(({ data }, i) => {
        if (step === 0) expected[i].set(data)
        else for (let j = 0; j < data.length; j++) expected[i][j] += data[j]
      })
    }
    expect(gradient).toEqual(dx)
    expect(found).toHaveLength(2)
    found.forEach((grad, i) => {
      expectSameBits(grad, expected[i])
    })
    const model = { ...graphTarget(graph, [shared]) }
    expect(checkGradients(model, { x: input }).passed).toBe(true)
  })

  const penalized = { activityRegularizer: 'l2', kernelRegularizer: 'l2' } as const
  const ends: [string, () => Layer, number[]][] = [
    ['a linear Dense with a penalty', () => new Dense({ units: 3, ...penalized }), [4]],
    ['a Dense with a penalty', () => new Dense({ units: 3, activation: 'tanh', ...penalized }), [4]],
    ['a softmax', () => new Activation({ activation: 'softmax' }), [4]],
    [
      'a locally connected layer',
      () => new LocallyConnected2D({ filters: 2, kernelSize: 2, activation: 'relu', ...penalized }),
      [3, 3, 1],
    ],
    ['BatchNormalization', () => new BatchNormalization(), [4]],
    ['Flatten', () => new Flatten(), [2, 2]],
    ['Dropout', () => new Dropout({ rate: 0.5 }), [4]],
  ]
  test.each(ends)('%s leaves the dy that it is given as it is', (_, make, inputShape) => {
    const graph = graphOf([build(make(), inputShape)], inputShape, workspace)
    const batch = numbers('batch', 3, ...inputShape)
    graph.reserve(3, true)
    graph.begin({ batch: 3, training: true, inputGradient: true, penalties: true, frozen: null })
    graph.inputs[0].y.set(batch.data)
    graph.propagate()
    const dy = graph.outputGradient(0)
    dy.set(numbers('dy', dy.length).data)
    const kept = dy.slice()
    graph.backpropagate()
    expectSameBits(dy, kept)
    expectSameBits(graph.steps[0].call.x, batch.data)
  })

  test('the gradients of an output and of its logits may both arrive', () => {
    const layer = build(new Dense({ units: 3, activation: 'softmax' }), [4])
    const graph = graphOf([layer], [4], workspace)
    const gradients = (dy: Float32Array | null, dLogits: Float32Array | null) => {
      const given = [dy, dLogits].filter(each => each !== null)
      graph.outputs = given.map(() => graph.steps[0].call)
      graph.reserve(2, true)
      graph.begin({ batch: 2, training: true, inputGradient: true, penalties: true, frozen: null })
      graph.inputs[0].y.set(x.data.slice(0, 8))
      graph.propagate()
      given.forEach((each, k) => {
        graph.outputGradient(k).set(each)
      })
      graph.backpropagate(given.map(each => each === dLogits))
      return [graph.inputGradient(0), ...graph.trainableParameters.map(({ grad }) => grad)].map(array => array.slice())
    }
    const [dy, dLogits] = [numbers('dy', 2, 3).data, numbers('dLogits', 2, 3).data]
    const [ofOutput, ofLogits, ofBoth] = [gradients(dy, null), gradients(null, dLogits), gradients(dy, dLogits)]
    ofBoth.forEach((both, i) => {
      both.forEach((value, j) => {
        expect(value).toBeCloseTo(ofOutput[i][j] + ofLogits[i][j], 5)
      })
    })
    expect(ofLogits[2]).not.toEqual(ofOutput[2])
  })
})

/** What checkGradients needs of a graph. */
function graphTarget(graph: Graph, layers: readonly Layer[]) {
  return {
    name: 'a graph',
    built: true,
    isLinear: false,
    hasInputGradient: true,
    inputCounts: [1, 1] as const,
    inputShapes: graph.inputs.map(({ shape }) => [null, ...shape]),
    parameters: layers.flatMap(({ parameters }) => parameters),
    build() {},
    probe: () => graph,
  }
}

// ---- Memory ---------------------------------------------------------------------------------------------------------------

describe('engines of models that share a layer', () => {
  const shared = (a: object, b: object) => {
    const first = new Sequential([new Dense({ units: 2, inputShape: [2] })], { seed: 1, ...a })
    const second = new Sequential([], { seed: 2, ...b })
    second.add(first.layers[0])
    return [first, second]
  }
  test.each([
    [{ engine: 'reference' }, {}, 'reference', 1],
    [{}, { engine: 'reference' }, 'reference', 1],
    [{ engine: 'simd', threads: 1 }, {}, 'simd', 1],
    [{}, { threads: 3 }, 'simd', 3],
    [{ engine: 'simd' }, { threads: 2 }, 'simd', 2],
    [{ engine: 'reference', threads: 2 }, { engine: 'reference', threads: 3 }, 'reference', 1],
  ])('%j and %j have %s with %d threads', (a, b, name, threads) => {
    const models = shared(a, b)
    for (const { engine } of models) expect([engine.name, engine.threads]).toEqual([name, threads])
    const [first, second] = models.map(model => model.forward(numbers('pairs', 3, 2)))
    expect(first).toEqual(second)
  })

  const conflicts: [SequentialOptions, SequentialOptions, RegExp][] = [
    [
      { engine: 'reference' },
      { engine: 'simd' },
      /^engine: expected "reference", as in another model, received "simd"/,
    ],
    [
      { threads: 1 },
      { threads: 2 },
      /^threads: expected .*, as in another model, received .*\. Models that share a layer/,
    ],
  ]
  test.each(conflicts)('%j and %j are refused, and nothing has moved', (a, b, message) => {
    const layer = new Dense({ units: 2, inputShape: [2] })
    const first = new Sequential([layer], { seed: 1, ...a })
    const expected = first.forward([[1, 2]])
    const second = new Sequential([], b)
    expect(() => second.add(layer)).toThrow(message)
    expect(second.layers).toHaveLength(0)
    expect(first.forward([[1, 2]])).toEqual(expected)
    second.add(new Dense({ units: 2, inputShape: [2] }))
    expect(second.forward([[1, 2]]).shape).toEqual([1, 2])
  })

  test('a layer that was built by itself runs at full speed in a model', () => {
    const layer = new LocallyConnected2D({ filters: 2, kernelSize: 2 })
    const images = numbers('images', 2, 4, 4, 1)
    const expected = layer.forward(images)
    const model = new Sequential([layer.withImplementation(1), layer.withImplementation(3)].slice(0, 1), {
      engine: 'simd',
    })
    expectSameBits(model.forward(images).data, expected.data)
    for (const { reference } of Object.values(model.engine.report())) expect(reference).toBe(0)
  })

  test('blocks move with their numbers, and regions that are given back are used again', () => {
    const [a, b] = [new Workspace({ engine: 'simd', threads: 1 }), new Workspace()]
    const [one, two] = [a.region(), b.region()]
    const [first, second] = [one.alloc(10), two.alloc(2000)]
    first.array.fill(1)
    second.array.fill(2)
    a.join(b)
    expect([...first.array, ...second.array.slice(0, 2)]).toEqual([...Array(10).fill(1), 2, 2])
    expect(first.array.buffer).toBe(second.array.buffer)
    const { byteOffset } = second.array
    two.release()
    expect(b.region().alloc(2000).array.byteOffset).toBe(byteOffset)
    b.join(a) // again
    expect([...first.array]).toEqual(Array(10).fill(1))
  })

  test('a chain of joins ends in one memory', () => {
    const all = [0, 1, 2, 3].map(() => new Workspace())
    const blocks = all.map((workspace, i) => {
      const block = workspace.region().alloc(3)
      block.array.fill(i)
      return block
    })
    all[0].join(all[1])
    all[2].join(all[3])
    all[1].join(all[3])
    expect(blocks.map(({ array }) => array[2])).toEqual([0, 1, 2, 3])
    expect(new Set(blocks.map(({ array }) => array.buffer)).size).toBe(createEngine().name === 'simd' ? 1 : 4)
    all[3].region().alloc(2 ** 20) // grows
    expect(blocks.map(({ array }) => array[0])).toEqual([0, 1, 2, 3])
  })
})
