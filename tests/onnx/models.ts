// The models that are compared with an ONNX runtime: layers and models of the fixtures of the real Keras, and every layer of
// the library.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  Activation,
  activations,
  type BatchShape,
  Embedding,
  input,
  type Layer,
  layers,
  Model,
  Sequential,
  Tensor,
} from 'unshared'
import { loadModel } from 'unshared/keras'
import { tensorOf } from '../golden/compare.ts'
import { type Json, ours } from '../golden/serialized.ts'
import { randomTensor } from '../support/geometries.ts'
import * as samples from '../support/layer-samples.ts'

export type AnyModel = Model<never>

export interface Example {
  readonly name: string
  /** A built model, and a batch for each of its inputs. */
  make(): Promise<{ readonly model: AnyModel; readonly xs: readonly Tensor[] }>
}

const fixtures = 'tests/golden/fixtures'
const read = (name: string): Json => JSON.parse(readFileSync(join(fixtures, name), 'utf8'))

/** A model of one layer. */
function around(layer: Layer, shapes: readonly BatchShape[]): AnyModel {
  const inputs = shapes.map(([, ...shape]) => input({ shape: shape as number[] }))
  const outputs = layer.apply(inputs.length === 1 ? inputs[0] : inputs)
  return new Model({ inputs, outputs, seed: 1 }) as unknown as AnyModel
}

/** The layers of the fixtures, with the weights and inputs that are there. */
function goldenLayers(file: string): Example[] {
  const cases: Json[] = read(file).cases.filter((c: Json) => !c.training && layers.has(c.layer.class_name))
  return cases.map(c => ({
    name: `${file} ${c.name}`,
    async make() {
      const layer = layers.get(ours(c.layer))
      const xs: Tensor[] = (c.xs ?? [c.x]).map(tensorOf)
      const model = around(
        layer,
        xs.map(({ shape }) => shape),
      )
      layer.setWeights((c.weights ?? []).map(tensorOf))
      return { model, xs }
    },
  }))
}

/** Batches of five that the model takes: numbers from −1 to 1, or ids. */
function inputsOf(model: AnyModel): Tensor[] {
  const ids = model.leaves.flatMap(leaf => (leaf instanceof Embedding ? [leaf.inputDim] : []))
  return model.inputs.map(({ shape: [, ...shape] }, i) => {
    const x = randomTensor(`input ${i}`, 5, ...(shape as number[]))
    return ids.length === 0
      ? x
      : new Tensor(
          x.shape,
          x.data.map(v => Math.floor(((v + 1) / 2) * Math.min(...ids))),
        )
  })
}

/** Not whole models; types that are refused; and a Lambda, whose function no file holds. */
const others = /weights|truncated|^refused|^(chunked|names|packed|types|bfloat16|row32_siamese)/

/** The files of the real Keras that hold whole models. */
function files(folder: string): Example[] {
  const names = readdirSync(folder).filter(name => /\.(h5|keras)$/.test(name))
  return names
    .filter(name => !others.test(name))
    .map(name => ({
      name: `${folder}/${name}`,
      async make() {
        const model = (await loadModel(join(folder, name), { dtype: 'float32' })) as unknown as AnyModel
        return { model, xs: inputsOf(model) }
      },
    }))
}

/** Every layer of the library, with the options of the library's own tests. */
const ownLayers: Example[] = samples.cases
  .filter(([, { inputShape }]) => inputShape.length > 0)
  .map(([className, sample], i) => ({
    name: `layer ${i}, ${className}`,
    async make() {
      const layer = layers.get({ className, config: sample.config ?? {} })
      const x = samples.inputOf(className, sample)
      const model = around(layer, [x.shape])
      layer.setWeights(
        layer.parameters.map(({ name, shape }) => {
          const { data } = randomTensor(name, ...shape)
          return new Tensor(shape, name.includes('variance') ? data.map(v => v + 1.5) : data)
        }),
      )
      return { model, xs: [x] }
    },
  }))

const options: Json[] = [
  ['relu', { alpha: 0.1, maxValue: 2, threshold: 0.5 }],
  ['relu', { alpha: 0.1, threshold: -0.5 }],
  ['relu', { maxValue: 1 }],
  ['gelu', { approximate: true }],
  ['softmax', { axis: 1 }],
  ['elu', { alpha: 0.5 }],
]
const functions: Example[] = [...activations.names.map(name => [name, {}]), ...options].map(([className, config]) => ({
  name: `activation ${className} ${JSON.stringify(config)}`,
  async make() {
    const model = around(new Activation({ activation: { className, config } }), [[null, 4, 7]])
    const x = randomTensor(className, 5, 4, 7)
    return {
      model,
      xs: [
        new Tensor(
          x.shape,
          x.data.map(v => 4 * v),
        ),
      ],
    }
  },
}))

/** A digit's model as in the README, larger than the fixtures: 28 × 28 × 3, windows of 5, 16 filters. */
const large: Example = {
  name: 'LocallyConnected2D, 28 x 28 x 3, windows of 5, 16 filters',
  async make() {
    const layer = { filters: 16, kernelSize: 5, biasInitializer: 'normal', activation: 'tanh' } as const
    const model = new Sequential(
      [layers.get({ className: 'LocallyConnected2D', config: { ...layer, inputShape: [28, 28, 3] } })],
      { seed: 2 },
    )
    model.build([null, 28, 28, 3])
    return { model: model as unknown as AnyModel, xs: [randomTensor('large', 5, 28, 28, 3)] }
  },
}

export const examples: readonly Example[] = [
  ...['locally_connected_1d.json', 'locally_connected_2d.json', 'layers.json'].flatMap(goldenLayers),
  ...files(`${fixtures}/saved_models`),
  ...files(`${fixtures}/graphs`),
  ...files('tests/keras/fixtures'),
  ...ownLayers,
  ...functions,
  large,
]
