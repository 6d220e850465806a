// The formats that are tried: an honest file of each, how to spoil it, and how to load it.

import {
  Add,
  BatchNormalization,
  Dense,
  Dropout,
  Flatten,
  input,
  LocallyConnected2D,
  Model,
  Sequential,
  sizeOf,
  stream,
  Tensor,
} from 'unshared'
import { fromNpy, fromNpz, toNpy, toNpz } from 'unshared/data'
import { loadModel, loadWeights, type ModelSource, saveModel, saveWeights } from 'unshared/keras'
import type { Random } from '../../lib/core/random.ts'
import { type Mutant, mutateArchive, mutateBytes, mutateHeader, mutateJson, pick } from './mutations.ts'

export interface Format {
  readonly mutant: (random: Random) => Mutant<ModelSource>
  /** Loads, and runs what was loaded. */
  readonly load: (source: ModelSource) => Promise<void>
}

function newModel(implementation: 1 | 2 | 3 = 1): Sequential {
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 2, kernelSize: [2, 3], implementation, inputShape: [5, 6, 2] }),
      new BatchNormalization(),
      new Dropout({ rate: 0.5 }),
      new Flatten(),
      new Dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 4 },
  )
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['accuracy'] })
  return model
}

/** Two branches, one of them a model that is called twice. */
function newGraph(): Model {
  const end = input({ shape: [4] })
  const inner = new Model({ inputs: end, outputs: new Dense({ units: 4 }).apply(end), name: 'inner' })
  const x = input({ shape: [4] })
  const outputs = new Add().apply([inner.apply(inner.apply(x)), new BatchNormalization().apply(x)])
  const model = new Model({ inputs: x, outputs, seed: 4 })
  model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'] })
  return model
}

/** A model that was loaded can be used: it gives as many numbers as it says. */
function run(model: Model): void {
  const [, ...sample] = (model.inputShape ?? []) as number[]
  const { shape } = model.forward(Tensor.zeros([1, ...sample]))
  const [, ...item] = model.outputShape as number[]
  if (sizeOf(shape) !== sizeOf(item)) throw new Error('the model gives what it does not say')
  if (model.getWeights().length !== model.parameters.length) throw new Error('weights are missing')
}

async function whole(source: ModelSource): Promise<void> {
  run(await loadModel(source))
}
const weightsOnly = (model: Model) => async (source: ModelSource) => {
  const before = model.getWeights()
  try {
    await loadWeights(model, source)
    run(model)
  } catch (error) {
    const changed = model.getWeights().some(({ data }, i) => data.some((v, j) => !Object.is(v, before[i].data[j])))
    if (changed) throw new Error(`weights changed although: ${error}`)
    throw error
  }
  model.setWeights(before)
}

/** Files with weights alone, for one model. */
async function weightsOf(make: () => Model): Promise<Record<'.weights.h5' | 'safetensors', Format>> {
  const h5 = await saveWeights(make(), { format: 'weights.h5' })
  const safetensors = await saveWeights(make(), { format: 'safetensors' })
  return {
    '.weights.h5': { mutant: random => mutateBytes(h5, random), load: weightsOnly(make()) },
    safetensors: {
      mutant: random => (random() < 0.5 ? mutateBytes : mutateHeader)(safetensors, random),
      load: weightsOnly(make()),
    },
  }
}

export async function makeFormats(): Promise<Record<string, Format>> {
  const models = [newModel(), newGraph()]
  const [h5, keras, tfjs] = [
    await Promise.all([...models, newModel(3)].map(each => saveModel(each, { format: 'h5' }))),
    await Promise.all(models.map(each => saveModel(each, { format: 'keras' }))),
    await Promise.all(models.map(each => saveModel(each, { format: 'tfjs' }))),
  ]
  const ofGraph = await weightsOf(newGraph)
  const arrays = { x: Tensor.zeros([3, 4]), labels: Tensor.from([1, 2, 3]) }
  const npy = [toNpy(arrays.x), toNpy(arrays.labels, { dtype: 'int64' })]
  const npz = [await toNpz(arrays), await toNpz(arrays, { compressed: true })]
  return {
    '.h5': { mutant: random => mutateBytes(pick(h5, random), random), load: whole },
    '.keras': {
      mutant: random => (random() < 0.4 ? mutateBytes : mutateArchive)(pick(keras, random), random),
      load: whole,
    },
    'model.json': {
      mutant(random) {
        const { modelJson, weights } = pick(tfjs, random)
        const json = JSON.stringify(modelJson)
        if (random() < 0.2) {
          const { what, bytes } = mutateBytes(weights, random)
          return { what: `shard, ${what}`, bytes: { modelJson: json, weights: bytes } }
        }
        if (random() < 0.7) {
          const { what, bytes } = mutateJson(json, random)
          return { what, bytes: { modelJson: bytes, weights } }
        }
        const { what, bytes } = mutateBytes(new TextEncoder().encode(json), random)
        return { what, bytes: { modelJson: new TextDecoder().decode(bytes), weights } }
      },
      load: whole,
    },
    ...(await weightsOf(newModel)),
    '.weights.h5 of a graph': ofGraph['.weights.h5'],
    'safetensors of a graph': ofGraph.safetensors,
    '.npy': {
      mutant: random => mutateBytes(pick(npy, random), random),
      load: async source => void fromNpy(source as Uint8Array),
    },
    '.npz': {
      mutant: random => (random() < 0.4 ? mutateBytes : mutateArchive)(pick(npz, random), random),
      load: async source => void (await fromNpz(source as Uint8Array, { maxBytes: 2 ** 26 })),
    },
  }
}

/** Mutation `number` of a format: the same whenever it is asked for. */
export const streamOf = (format: string, number: number) => stream(7, `${format}/${number}`)
