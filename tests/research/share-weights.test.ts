import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  Adam,
  type Callback,
  Dense,
  Flatten,
  input,
  LocallyConnected1D,
  LocallyConnected2D,
  Model,
  Sequential,
  type Tensor,
  toConv,
  toLocal,
} from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'
import { BackupAndRestore } from 'unshared/node'
import {
  Feedback,
  LocallyConnected3D,
  ShareWeights,
  SheetSmoothness,
  sharing,
  startShared,
  TiledLocallyConnected2D,
} from 'unshared/research'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'

const implementations = [1, 2, 3] as const
const x = randomTensor('x', 20, 6, 5, 2)
const y = randomTensor('y', 20, 2)
const options = { filters: 3, kernelSize: 3, padding: 'same', activation: 'tanh' } as const
const local = (more = {}) => new LocallyConnected2D({ ...options, biasInitializer: 'random_normal', ...more })
const makeModel = (first: LocallyConnected2D | Feedback | SheetSmoothness = local()) => {
  const model = new Sequential([first, new Flatten(), new Dense({ units: 2 })], { seed: 3 })
  model.build([null, 6, 5, 2])
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss: 'mse' })
  return model
}
const fitting = { epochs: 3, batchSize: 4, verbose: 0, shuffle: false } as const // 5 updates in an epoch
const localOf = (model: Model | Sequential) => model.layers[0] as LocallyConnected2D

/** The weights of the layer, and whether its places share, after every update. */
const watching = () => {
  const seen: number[] = []
  let model: Model
  const callback: Callback = {
    setModel: watched => {
      model = watched as Model
    },
    onTrainBatchEnd: () => void seen.push(sharing(localOf(model))),
  }
  return { seen, callback }
}

describe('ShareWeights', () => {
  test('after every third update, all places share; between them, they don’t', async () => {
    const { seen, callback } = watching()
    await makeModel().fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every: 3 }), callback] })
    expect(seen.map(value => value === 0)).toEqual(Array.from({ length: 15 }, (_, i) => i % 3 === 2))
  })

  test('every place gets the means that toConv takes; the rest of the model is left alone', () => {
    const model = makeModel()
    const callback = new ShareWeights({ every: 1 })
    callback.setModel(model)
    callback.onTrainBegin()
    model.trainOnBatch(x, y)
    const before = model.getWeights()
    const { layer } = toConv(localOf(model))
    const shared = toLocal(layer).getWeights()
    callback.onTrainBatchEnd()
    const after = model.getWeights()
    expect(sharing(localOf(model))).toBe(0)
    const connected = new Float32Array(after[0].size)
    convertLocalKernel(connected, 1, after[0].data, 1, localOf(model).geometry)
    expectSameBits(connected, shared[0].data)
    expect(after[1]).toEqual(shared[1])
    expect(after.slice(2)).toEqual(before.slice(2))
  })

  test('all implementations get the same bits, and masked weights stay', async () => {
    const trained = await Promise.all(
      implementations.map(async implementation => {
        const model = makeModel(local({ implementation }))
        const { geometry } = localOf(model)
        const first = makeModel().getWeights()
        const [kernel, ...others] = model.parameters.map(({ value }) => value)
        convertLocalKernel(kernel, implementation, first[0].data, 1, geometry)
        others.forEach((value, i) => {
          value.set(first[i + 1].data)
        })
        const { history } = await model.fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every: 4 })] })
        const dense = new Float32Array(first[0].size)
        convertLocalKernel(dense, 1, kernel, implementation, geometry)
        return [dense, ...others, Float32Array.from(history.loss)]
      }),
    )
    for (const other of trained.slice(1))
      other.forEach((array, i) => {
        expectSameBits(array, trained[0][i])
      })
    const model = makeModel(local({ implementation: 2 }))
    const before = model.getWeights()[0]
    const connected = new Float32Array(before.size)
    convertLocalKernel(connected, 2, before.data, 2, localOf(model).geometry)
    await model.fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every: 1 })] })
    const after = model.getWeights()[0]
    connected.forEach((w, i) => {
      if (w === 0) expect(after.data[i]).toBe(before.data[i])
    })
  })

  test('the optimizer keeps the moments of every place', async () => {
    const model = makeModel()
    await model.fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every: 1 })] })
    const moment = model.optimizer?.variables()[0]
    const layer = makeModel(local())
    layer.layers[0].parameters[0].value.set(moment?.value ?? [])
    expect(sharing(localOf(layer))).toBeGreaterThan(0.1)
  })

  test('layers by name, by object, within models and wrappers; those that do not train are left out', async () => {
    const inner = new Sequential([local({ name: 'deep' })])
    const frozen = new LocallyConnected2D({ filters: 2, kernelSize: 1, trainable: false })
    const layers = {
      deep: inner.layers[0] as LocallyConnected2D,
      wrapped: new SheetSmoothness({ layer: local(), name: 'wrapped' }),
      back: new Feedback({ layer: local(), name: 'back' }),
    }
    const start = input({ shape: [6, 5, 2] })
    const middle = frozen.apply(inner.apply(start) as typeof start)
    const end = new Dense({ units: 2 }).apply(new Flatten().apply(layers.back.apply(layers.wrapped.apply(middle))))
    const model = new Model({ inputs: start, outputs: end, seed: 1 })
    model.compile({ optimizer: 'sgd', loss: 'mse' })
    const shared = async (which?: ConstructorParameters<typeof ShareWeights>[0]['layers']) => {
      const callbacks = [new ShareWeights(which ? { every: 5, layers: which } : { every: 5 })]
      for (const each of Object.values(layers))
        each.setWeights(each.getWeights().map(({ shape }) => randomTensor('w', ...shape)))
      await model.fit(x, y, { ...fitting, epochs: 1, callbacks })
      return Object.entries(layers).flatMap(([name, layer]) => (sharing(layer as never) === 0 ? [name] : []))
    }
    const before = frozen.getWeights()
    expect(await shared(['wrapped'])).toEqual(['wrapped'])
    expect(await shared([layers.back, 'deep'])).toEqual(['deep', 'back'])
    expect(await shared()).toEqual(['deep', 'wrapped', 'back'])
    expect(frozen.getWeights()).toEqual(before)
  })

  test('refuses what it cannot share', async () => {
    expect(() => new ShareWeights({} as never)).toThrow(/^every: expected a positive integer/)
    expect(() => new ShareWeights({ every: 0.5 })).toThrow(/^every: expected a positive integer/)
    expect(() => new ShareWeights({ every: 1, layers: [] })).toThrow(/^layers: expected a list/)
    expect(() => new ShareWeights({ every: 1, layer: 'a' } as never)).toThrow(/^ShareWeights, option: expected one of/)
    const train = (layers: (string | Dense)[]) =>
      makeModel(local({ name: 'eyes' })).fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every: 1, layers })] })
    await expect(train(['dense'])).rejects.toThrow(/layers\[0\]: expected a locally connected layer of the model: eyes/)
    await expect(train(['eyes', new Dense({ units: 1 })])).rejects.toThrow(/layers\[1\]: expected/)
    const dense = new Sequential([new Dense({ units: 1, inputShape: [2] })])
    dense.compile({ loss: 'mse' })
    const callbacks = [new ShareWeights({ every: 1 })]
    await expect(dense.fit([[1, 2]], [[1]], { verbose: 0, callbacks })).rejects.toThrow(/it has none/)
  })
})

// ---- Training that goes on ------------------------------------------------------------------------------------------

describe('training that goes on shares at the same updates', () => {
  const every = 4
  const whole = async (more = {}) => {
    const model = makeModel(local(more))
    const { history } = await model.fit(x, y, { ...fitting, callbacks: [new ShareWeights({ every })] })
    return { history, weights: model.getWeights() }
  }

  test('after a failure within an epoch', async () => {
    const backupDir = join(mkdtempSync(join(tmpdir(), 'unshared-share-')), 'backup')
    const backup = () => [new ShareWeights({ every }), new BackupAndRestore({ backupDir, saveFreq: 1 })]
    let batches = 0
    const failing: Callback = {
      onTrainBatchBegin: () => {
        if (++batches === 8) throw new Error('stopped')
      },
    }
    await expect(makeModel().fit(x, y, { ...fitting, callbacks: [...backup(), failing] })).rejects.toThrow('stopped')
    const model = makeModel()
    const { history } = await model.fit(x, y, { ...fitting, callbacks: backup() })
    const expected = await whole()
    expect(history).toEqual(expected.history)
    expect(model.getWeights()).toEqual(expected.weights)
  })

  test('after saveModel and loadModel, and from fit to fit', async () => {
    let model: Model = makeModel(local({ implementation: 3 })) // Keras' files have no padding in implementation 1
    for (let epoch = 0; epoch < 3; epoch++) {
      await model.fit(x, y, { ...fitting, epochs: 1, callbacks: [new ShareWeights({ every })] })
      if (epoch === 0) model = (await loadModel(await saveModel(model, { format: 'h5' }))) as Model
    }
    expect(model.getWeights()).toEqual((await whole({ implementation: 3 })).weights)
  })
})

// ---- The start ------------------------------------------------------------------------------------------------------

describe('startShared', () => {
  test.each(implementations)('implementation %i: every weight as at the first place that has it', implementation => {
    const layer = local({ implementation, filters: 1, kernelSize: 2, strides: 2 })
    layer.build([null, 4, 3, 1])
    const dense = (to: 1 | 2 | 3, from: 1 | 2 | 3, { data }: Pick<Tensor, 'data'>) => {
      const sizes = { 1: 16, 2: 48, 3: layer.parameters[0].size }
      const out = new Float32Array(sizes[to])
      convertLocalKernel(out, to, data, from, layer.geometry)
      return out
    }
    // windows start a row and a column before the image: place 0 has only the last weight, place 1 the last row
    const numbered = { data: Float32Array.from({ length: 16 }, (_, i) => i + 1) }
    layer.parameters[0].value.set(dense(implementation, 1, numbered))
    const isThere = dense(1, implementation, layer.getWeights()[0]).map(w => Math.sign(w))
    startShared(layer)
    expect(sharing(layer)).toBe(0)
    const first = [13, 10, 7, 4]
    const found = dense(1, implementation, layer.getWeights()[0])
    expect([...found]).toEqual([...isThere].map((there, i) => there * first[i % 4]))
    expect(new Set(layer.getWeights()[1].data).size).toBe(1)
  })

  test('a model, whose layers then compute as convolutions', () => {
    const model = makeModel()
    expect(sharing(localOf(model))).toBeGreaterThan(0.8)
    startShared(model)
    const { layer, spread } = toConv(localOf(model))
    expect(spread.kernel.max + (spread.bias?.max ?? 0)).toBe(0)
    expectSameBits(layer.forward(x).data, localOf(model).forward(x).data)
  })

  test('without it, the first mean of P independent kernels is √P times too small; with it, the size stays', () => {
    const rms = (layer: LocallyConnected1D) => {
      const { data } = layer.getWeights()[0]
      return Math.sqrt(data.reduce((sum, w) => sum + w * w, 0) / data.length)
    }
    const make = () => {
      const layer = new LocallyConnected1D({ filters: 32, kernelSize: 4, kernelInitializer: 'random_normal' })
      const model = new Sequential([layer], { seed: 7 })
      model.build([null, 28, 4])
      model.compile({ optimizer: 'sgd', loss: 'mse' })
      return { model, layer }
    }
    for (const isShared of [false, true]) {
      const { model, layer } = make()
      if (isShared) startShared(model)
      const before = rms(layer)
      const callback = new ShareWeights({ every: 1 })
      callback.setModel(model)
      callback.onTrainBegin()
      callback.onTrainBatchEnd() // at update 0
      expect(before / rms(layer)).toBeCloseTo(isShared ? 1 : 5, 0) // 25 places
    }
  })

  test.each(['channels_last', 'channels_first'] as const)('volumes and tiles, %s', async dataFormat => {
    const common = { filters: 3, dataFormat, biasInitializer: 'random_normal' } as const
    const volumes = new LocallyConnected3D({ ...common, kernelSize: 2, inputShape: [4, 4, 4, 4] })
    const tiles = new TiledLocallyConnected2D({ ...common, kernelSize: 2, tile: 2, inputShape: [4, 4, 4] })
    for (const layer of [volumes, tiles]) {
      const model = new Sequential([layer, new Flatten(), new Dense({ units: 2 })], { seed: 2 })
      model.build([null, ...(layer.batchInputShape as number[]).slice(1)])
      expect(sharing(layer)).toBeGreaterThan(0.1)
      startShared(model)
      expect(sharing(layer)).toBe(0)
      const [kernel, bias] = layer.getWeights()
      const [perPlace, places] = [kernel.size / kernel.shape[0], kernel.shape[0]]
      for (let i = 0; i < kernel.size; i++) expect(kernel.data[i]).toBe(kernel.data[i % perPlace])
      const filterOf = (i: number) => (dataFormat === 'channels_last' ? i % 3 : Math.floor(i / places))
      const first = dataFormat === 'channels_last' ? 1 : places
      for (let i = 0; i < bias.size; i++) expect(bias.data[i]).toBe(bias.data[filterOf(i) * first])
      model.compile({ optimizer: 'sgd', loss: 'mse' })
      const inputs = randomTensor('deep', 20, ...(layer.batchInputShape as number[]).slice(1))
      const { seen, callback } = watching()
      await model.fit(inputs, y, { ...fitting, epochs: 1, callbacks: [new ShareWeights({ every: 2 }), callback] })
      expect(seen.map(value => value === 0)).toEqual([false, true, false, true, false])
    }
  })

  test('refuses what has no places', () => {
    expect(() => startShared(new Dense({ units: 1 }))).toThrow(/^target: expected a locally connected layer/)
    expect(() => startShared(3 as never)).toThrow(/^target: expected a layer or a model/)
    expect(() => startShared(local())).toThrow(/not built yet/)
  })
})
