// The entry as a whole: names that it registers, models of its layers in files and on both engines, bundles.

import { describe, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import {
  Activation,
  activations,
  Dense,
  type EngineOptions,
  Flatten,
  Layer,
  layers,
  Reshape,
  Sequential,
  sizeOf,
  stream,
  Tensor,
} from 'unshared'
import { loadModel, loadWeights, saveModel, saveWeights } from 'unshared/keras'
import * as research from 'unshared/research'
import { hintFor } from '../../lib/keras/custom-objects.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomTensor } from '../support/geometries.ts'
import { cases, inputOf, make } from '../support/layer-samples.ts'

const {
  ConnectionTableConv2D,
  ConstantPadding2D,
  LocallyConnected3D,
  LowRankLocallyConnected2D,
  SoftThreshold,
  scaledTanh,
  TiledLocallyConnected2D,
} = research
const classes = Object.entries(research).filter(([, value]) => 'prototype' in value && value.prototype instanceof Layer)

/** Every layer of the entry, one after the other. */
function modelOfAll(options: EngineOptions = {}): Sequential {
  const list = [
    new ConstantPadding2D({ value: -1, inputShape: [7, 7, 2] }),
    new ConnectionTableConv2D({ table: [[0, 1], [1], [0]], kernelSize: 3, strides: 2, activation: scaledTanh }),
    new TiledLocallyConnected2D({ tile: 2, filters: 3, kernelSize: 2, kernelConstraint: 'max_norm' }),
    new SoftThreshold({ thresholdConstraint: 'non_neg' }),
    new LowRankLocallyConnected2D({
      ...{ spatialRank: 2, filters: 4, kernelSize: 2, activation: 'tanh' },
      ...{ combiningWeightsRegularizer: 'l2', combiningWeightsInitializer: 'normal' },
    }),
    new Reshape({ targetShape: [2, 2, 4, 1] }),
    new LocallyConnected3D({ filters: 2, kernelSize: [1, 2, 3], activation: 'relu' }),
    new Flatten(),
    new Dense({ units: 3, activation: 'softmax' }),
  ]
  const model = new Sequential(list, { seed: 1, ...options })
  model.compile({ optimizer: 'adam', loss: 'sparse_categorical_crossentropy' })
  return model
}

const x = randomTensor('x', 30, 7, 7, 2)
const y = Tensor.from(Array.from({ length: 30 }, (_, i) => i % 3))
const train = (model: Sequential) => model.fit(x, y, { epochs: 4, batchSize: 16, verbose: 0 })

describe('names', () => {
  test('importing the entry registers every layer', () => {
    expect(classes.length).toBeGreaterThan(5)
    for (const [name, Class] of classes) if (layers.has(name)) expect((Class as { name: string }).name).toBe(name)
    expect(classes.filter(([name]) => !layers.has(name)).map(([name]) => name)).toEqual([])
    expect(activations.has('scaled_tanh')).toBe(true)
  })

  test('who loads a model without the import is told of it', () => {
    for (const [name] of [...classes, ['scaled_tanh']])
      expect(hintFor(name)).toBe("import 'unshared/research' makes it known")
    expect(hintFor('Other')).toMatch(/customObjects: \{ Other/)
  })
})

describe('bundles', () => {
  /** The files of lib/ with code in a page's bundle of this program. */
  async function filesOf(contents: string): Promise<string[]> {
    const { metafile } = await build({
      stdin: { contents, resolveDir: process.cwd() },
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      alias: { '#platform': './lib/core/platform.ts' },
    })
    const [{ inputs }] = Object.values(metafile.outputs)
    return Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : []))
  }
  const own = /^lib\/(research\/|kernels\/(local-windows|low-rank|connection-table|soft-threshold))/

  test('the main entry has none of it', async () => {
    const files = await filesOf("export * from './lib/index.ts'")
    expect(files.length).toBeGreaterThan(100)
    expect(files.filter(path => own.test(path))).toEqual([])
  })

  test('a bundler keeps an import that only registers', async () => {
    expect((await filesOf("import './lib/research/index.ts'")).filter(path => own.test(path)).length).toBeGreaterThan(8)
  })
})

describe('files', () => {
  test.each(['h5', 'keras', 'tfjs'] as const)('a trained model comes back from %s', async format => {
    const model = modelOfAll()
    await train(model)
    const back = await loadModel(await saveModel(model, { format: format as 'h5' }))
    expect(back.layers.map(({ className }) => className)).toEqual(model.layers.map(({ className }) => className))
    expectSameBits((await back.predict(x)).data, (await model.predict(x)).data)
    if (format !== 'tfjs') {
      expect(back.getConfig()).toEqual(model.getConfig())
      const [again, expected] = [await back.fit(x, y, { shuffle: false, verbose: 0 }), model]
      const { history } = await expected.fit(x, y, { shuffle: false, verbose: 0 })
      expect(again.history).toEqual(history)
    }
  })

  test.each(['weights.h5', 'safetensors'] as const)('weights come back from %s', async format => {
    const model = modelOfAll()
    const other = Sequential.fromConfig(model.getConfig())
    await loadWeights(other, await saveWeights(model, { format: format as 'safetensors' }))
    other.getWeights().forEach((weight, i) => {
      expectSameBits(weight.data, model.getWeights()[i].data)
    })
  })

  test('customObjects may replace a layer of the entry', async () => {
    class Mine extends TiledLocallyConnected2D {}
    const model = modelOfAll()
    const back = await loadModel(await saveModel(model, { format: 'h5' }), {
      customObjects: { TiledLocallyConnected2D: Mine },
    })
    expect(back.layers[2]).toBeInstanceOf(Mine)
    expectSameBits((await back.predict(x)).data, (await model.predict(x)).data)
  })
})

describe('engines', () => {
  test('a training gives the same bits on any engine', async () => {
    const expected = modelOfAll({ engine: 'reference' })
    const { history } = await train(expected)
    for (const threads of [1, 3]) {
      const found = modelOfAll({ engine: 'simd', threads })
      expect((await train(found)).history).toEqual(history)
      found.getWeights().forEach((weight, i) => {
        expectSameBits(weight.data, expected.getWeights()[i].data, `weight ${i}`)
      })
      const report = found.engine.report()
      for (const fast of ['convolution.forward', 'convolution.backward', 'activations.elementwise.tanh.forward'])
        expect(report[fast]).toMatchObject({ reference: 0 })
    }
  })

  test.each(cases.filter(([className]) => className in research))('%s %j', (className, sample) => {
    const input = inputOf(className, sample, 5)
    const [found, expected] = (['simd', 'reference'] as const).map(engine => {
      const layer = make(className, sample) as Layer
      const { name, ...config } = layer.getConfig()
      const copy = layers.get({ className, config }) as Layer
      const model = new Sequential([copy, new Activation({ activation: 'tanh' })], { seed: 2, engine })
      model.build([null, ...sample.inputShape])
      model.setWeights(layer.getWeights())
      const output = model.forward(input, { training: true })
      const random = stream(3)
      const dy = new Tensor(
        output.shape,
        new Float32Array(sizeOf(output.shape)).map(() => random() - 0.5),
      )
      return [output, model.backward(dy), ...model.gradients()]
    })
    found.forEach((tensor, i) => {
      expectSameBits(tensor.data, expected[i].data, `result ${i}`)
    })
  })
})
