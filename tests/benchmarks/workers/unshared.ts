// The library itself, as npm would install it: from dist/.

import type { LocallyConnected2D, Pass, Sequential, SequentialOptions } from 'unshared'
import type { Implementation, LayerCase, ModelCase } from '../cases.ts'
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
  const pass: Pass = { batch, training: true, inputGradient: true, penalties: false }
  model.input(batch, true).set(x.data)
  model.propagate(pass)
  const firstMs = performance.now() - start

  setWeights(library, model, made)
  const optimizer = new library.SGD({ learningRate })
  optimizer.build(model.trainableParameters, model.engine)
  model.outputGradient.set(numbers(model.outputGradient.length, seeds.dy))
  const forward = () => model.propagate(pass)
  const backward = () => model.backpropagate(model.outputGradient, pass)
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
  return {
    firstMs,
    results,
    runs: { forward, backward, step, call: () => model.forward(x) },
    ...noteOf(model),
  }
}

function setWeights(library: Library, model: Sequential, layer: LocallyConnected2D): void {
  const { Tensor, LocallyConnected2D } = library
  const { P, K, F, OH, OW } = layer.geometry
  const { name: _, ...config } = layer.getConfig()
  const plain = { ...config, implementation: 1, kernelInitializer: 'zeros' }
  const first = new LocallyConnected2D(
    plain as unknown as ConstructorParameters<typeof LocallyConnected2D>[0],
  )
  first.build([null, ...layer.inputShape])
  first.setWeights([
    Tensor.from(numbers(P * K * F, seeds.kernel, 0.125), [P, K, F]),
    Tensor.from(numbers(P * F, seeds.bias, 0.125), [OH, OW, F]),
  ])
  model.setWeights(first.withImplementation(implementation).getWeights())
}

function model(library: Library, given: ModelCase): Prepared {
  const { batch, inputShape, samples, classes, epochs } = given
  const layers = given.layers.map(([className, config]) =>
    library.layers.get({
      className,
      config: { ...config, ...(className === 'LocallyConnected2D' ? { implementation } : {}) },
    }),
  )
  const n = given.kind === 'fit' ? samples : batch
  const x = library.Tensor.from(numbers(n * product(inputShape), seeds.x), [n, ...inputShape])
  const start = performance.now()
  const model = new library.Sequential(layers, { seed: 1, ...modelOptions })
  model.forward(x.slice(0, 1))
  const firstMs = performance.now() - start

  const setFormula = () =>
    model.setWeights(
      model.getWeights().map(({ size, shape }, i) => {
        return library.Tensor.from(numbers(size, seeds.weights + i, 0.125 / 2), shape)
      }),
    )
  if (given.kind === 'prediction') {
    const call = () => model.forward(x)
    const results = () => {
      setFormula()
      return { y: call().data }
    }
    return { firstMs, results, runs: { call }, ...noteOf(model) }
  }
  const y = library.Tensor.from(labels(samples, seeds.labels, classes), [samples, 1])
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' })
  const results = async () => {
    setFormula()
    const { history } = await model.fit(x, y, { epochs: 2, batchSize: batch, shuffle: false, verbose: 0 })
    return { loss: Float32Array.from(history.loss) }
  }
  const fit = () => model.fit(x, y, { epochs, batchSize: batch, verbose: 0 })
  return { firstMs, results, runs: { fit }, ...noteOf(model) }
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1)

/** Which engine ran, and which kernels it left to the reference. */
const noteOf = ({ engine }: Sequential) => ({
  note() {
    const inReference = Object.entries(engine.report()).filter(([, { reference }]) => reference > 0)
    const names = inReference.map(([name]) => name).join(', ')
    const left = engine.name === 'simd' && names !== '' ? `, the reference for ${names}` : ''
    return `${engine.name} engine, threads: ${engine.threads}${left}`
  },
})

await serve(load)
