// The library itself, as npm would install it: from dist/.

import type { Layer, LocallyConnected2D, Model, Pass, SequentialOptions, SymbolicTensor, Tensor } from 'unshared'
import type { Implementation, LayerCase, LayerOf, ModelCase } from '../cases.ts'
import { labels, numbers, seeds } from '../data.ts'
import { type Loaded, type Prepared, serve } from './answer.ts'

type Library = typeof import('unshared')

/** From the harness: `{ engine, threads, implementation }`. */
const settings: SequentialOptions & { implementation: Implementation } = JSON.parse(process.argv[2])
const { implementation, ...modelOptions } = settings

async function load(): Promise<Loaded> {
  const library = await import('unshared')
  return {
    version: `unshared ${process.argv[3]}`,
    prepare: given => (given.kind === 'layer' ? layer(library, given) : model(library, given)),
  }
}

function layer(library: Library, given: LayerCase): Prepared {
  const { filters, kernelSize, strides, inputShape, batch, learningRate } = given
  const x = library.Tensor.from(numbers(batch * product(inputShape), seeds.x), [batch, ...inputShape])
  const start = performance.now()
  const made = new library.LocallyConnected2D({ filters, kernelSize, strides, inputShape, implementation })
  const model = new library.Sequential([made], { seed: 1, ...modelOptions })
  const pass: Pass = { batch, training: true, inputGradient: true, penalties: false, frozen: null }
  const { graph } = model
  graph.reserve(batch, true)
  graph.begin(pass)
  graph.inputs[0].y.set(x.data)
  graph.propagate()
  const firstMs = performance.now() - start

  const kernelOf = (length: number) => numbers(length, seeds.kernel, 0.125)
  model.setWeights(localWeights(library, made, kernelOf, length => numbers(length, seeds.bias, 0.125)))
  const optimizer = new library.SGD({ learningRate })
  optimizer.build(model.trainableParameters, model.engine)
  graph.outputGradient(0).set(numbers(graph.outputGradient(0).length, seeds.dy))
  const forward = () => {
    graph.propagate()
    return graph.outputs[0].y
  }
  const backward = () => {
    graph.backpropagate()
    return graph.inputGradient(0)
  }
  const step = () => {
    forward()
    backward()
    optimizer.step()
  }
  const results = () => {
    const y = forward().slice(0, batch * product(made.outputShape))
    const dx = backward().slice(0, x.size)
    optimizer.step()
    const [kernel, bias] = made.withImplementation(1).getWeights()
    return { y, dx, kernel: kernel.data, bias: bias.data }
  }
  return { firstMs, results, runs: { forward, backward, step, call: () => model.forward(x) }, ...noteOf(model) }
}

/** A layer's weights of these numbers: the kernel's are in the order of implementation 1, whichever is stored. */
function localWeights(
  { Tensor, LocallyConnected2D }: Library,
  layer: LocallyConnected2D,
  kernelOf: (length: number) => Float32Array,
  biasOf: (length: number) => Float32Array,
): Tensor[] {
  const { P, K, F, OH, OW } = layer.geometry
  const { filters, kernelSize, strides } = layer
  const first = new LocallyConnected2D({ filters, kernelSize, strides, kernelInitializer: 'zeros' })
  first.build([null, ...layer.inputShape])
  first.setWeights([Tensor.from(kernelOf(P * K * F), [P, K, F]), Tensor.from(biasOf(P * F), [OH, OW, F])])
  return (implementation === 1 ? first : first.withImplementation(implementation)).getWeights()
}

function model(library: Library, given: ModelCase): Prepared {
  const { batch, inputShape, samples, classes, epochs } = given
  const n = given.kind === 'fit' ? samples : batch
  const x = library.Tensor.from(numbers(n * product(inputShape), seeds.x), [n, ...inputShape])
  const start = performance.now()
  const model = networkOf(library, given)
  model.forward(x.slice(0, 1))
  const firstMs = performance.now() - start

  const setFormula = () => {
    let seed = seeds.weights
    const next = (length: number) => numbers(length, seed++, 0.125 / 2)
    const weightsOf = (layer: Layer) =>
      layer instanceof library.LocallyConnected2D
        ? localWeights(library, layer, next, next)
        : layer.parameters.map(({ size, shape }) => library.Tensor.from(next(size), shape))
    model.setWeights((model.layers as readonly Layer[]).flatMap(weightsOf))
  }
  if (given.kind === 'prediction') {
    const call = () => model.forward(x)
    const results = () => {
      setFormula()
      return { y: call().data }
    }
    return { firstMs, results, runs: { call }, ...noteOf(model) }
  }
  const y = library.Tensor.from(labels(samples, seeds.labels, classes), [samples, 1])
  model.compile({ optimizer: given.optimizer ?? 'adam', loss: 'sparseCategoricalCrossentropy' })
  const results = async () => {
    setFormula()
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: batch, shuffle: false, verbose: 0 })
    return { loss: Float32Array.from(history.loss) }
  }
  const fit = () => model.fit(x, y, { epochs, batchSize: batch, verbose: 0 })
  const [some, labelsOfSome, first] = [x.slice(0, batch), y.slice(0, batch), x.slice(0, 1)]
  const runs = { fit, batch: () => model.trainOnBatch(some, labelsOfSome), one: () => model.predictOnBatch(first) }
  return { firstMs, results, runs, ...noteOf(model) }
}

/** A Sequential; a Model if a layer names the values that it reads. */
function networkOf(library: Library, { layers, inputShape }: ModelCase): Model {
  const make = ([className, config]: LayerOf) =>
    library.layers.get({
      className,
      config: { ...config, ...(className === 'LocallyConnected2D' ? { implementation } : {}) },
    })
  const options = { seed: 1, ...modelOptions }
  if (layers.every(([, , reads]) => !reads)) return new library.Sequential(layers.map(make), options)
  const inputs = library.input({ shape: inputShape })
  const values: SymbolicTensor[] = [inputs]
  for (const layer of layers) {
    const read = (layer[2] ?? [values.length - 1]).map(i => values[i])
    values.push(make(layer).apply(read.length === 1 ? read[0] : read))
  }
  return new library.Model({ inputs, outputs: values[values.length - 1], ...options })
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** Which engine ran, and which kernels it left to the reference. */
const noteOf = ({ engine }: Model) => ({
  note() {
    const inReference = Object.entries(engine.report()).filter(([, { reference }]) => reference > 0)
    const names = inReference.map(([name]) => name).join(', ')
    const left = engine.name === 'simd' && names !== '' ? `, the reference for ${names}` : ''
    return `${engine.name} engine, threads: ${engine.threads}${left}`
  },
})

await serve(load)
