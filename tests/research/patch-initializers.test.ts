import { describe, expect, test } from '@jest/globals'
import {
  Conv1D,
  Conv2D,
  Dense,
  GlorotUniform,
  type Initializer,
  initializers,
  type Layer,
  LocallyConnected1D,
  LocallyConnected2D,
  layers,
  type Random,
  Sequential,
  stream,
} from 'unshared'
import { loadModel, saveModel } from 'unshared/keras'
import {
  LocallyConnected3D,
  PatchGlorotNormal,
  PatchGlorotUniform,
  PatchHeNormal,
  PatchHeUniform,
  PatchLecunNormal,
  PatchLecunUniform,
  PatchVarianceScaling,
  TiledLocallyConnected2D,
} from 'unshared/research'
import { expectSameBits } from '../support/bits.ts'

/** The largest value that a uniform initializer can draw. */
function limitOf(initializer: Initializer, shape: number[], patch: number[]): number {
  const out = new Float32Array(1)
  const most = Object.assign(() => 1 - 2 ** -53, { state: () => ({}) }) as Random
  initializer.initialize(out, shape, most, patch)
  return out[0]
}

/** The shapes that a layer gives to the initializer of its kernel. */
function shapesFor(make: (kernelInitializer: Initializer) => Layer, inputShape: number[]) {
  const seen: unknown[] = []
  const spy = {
    className: 'Spy',
    getConfig: () => ({}),
    initialize: (_out, shape, _random, patch) => seen.push(shape, patch),
  } as Initializer
  make(spy).build([null, ...inputShape])
  return { shape: seen[0], patch: seen[1] }
}

describe('the limit of Glorot: what a place sees, and what Keras counts', () => {
  test.each([
    ['30 x 30 places, 3 x 3 x 3, 64 filters', [900, 27, 64], [3, 3, 3, 64], 0.0998, 0.00856],
    ['L4 of DeepFace: 55 x 55 places, 9 x 9 x 16, 16 filters', [55 * 55, 1296, 16], [9, 9, 16, 16], 0.0481, 0.00123],
    ['8 x 8 digits, 3 x 3, 8 filters', [36, 9, 8], [3, 3, 1, 8], 0.2722, 0.099],
  ])('%s', (_what, shape, patch, ours, keras) => {
    expect(Number(limitOf(new PatchGlorotUniform(), shape, patch).toPrecision(3))).toBe(Number(ours.toPrecision(3)))
    expect(limitOf(new PatchGlorotUniform(), shape, patch)).toBeCloseTo(ours, 4)
    expect(Number(limitOf(new GlorotUniform(), shape, patch).toPrecision(3))).toBe(keras)
  })
})

describe('what layers tell', () => {
  const common = { filters: 5, kernelSize: 3 } as const
  test.each([1, 2, 3] as const)('implementation %i: the shape of the kernel of a convolution', implementation => {
    for (const more of [{}, { strides: 2 }, { padding: 'same' }, { dataFormat: 'channels_first' }] as const) {
      const options = { ...common, ...more }
      const conv = shapesFor(kernelInitializer => new Conv2D({ ...options, kernelInitializer }), [7, 6, 4])
      const local = shapesFor(
        kernelInitializer => new LocallyConnected2D({ ...options, kernelInitializer, implementation }),
        [7, 6, 4],
      )
      expect(local.patch).toEqual(conv.shape)
      expect(local.shape).not.toEqual(conv.shape)
    }
    const local = shapesFor(
      kernelInitializer => new LocallyConnected1D({ ...common, kernelInitializer, implementation }),
      [7, 4],
    )
    expect(local.patch).toEqual([3, 4, 5])
  })

  test('volumes and tiles', () => {
    for (const dataFormat of ['channels_last', 'channels_first'] as const) {
      const options = { filters: 5, dataFormat }
      const volumes = shapesFor(
        kernelInitializer => new LocallyConnected3D({ ...options, kernelSize: [1, 2, 3], kernelInitializer }),
        [4, 4, 4, 4],
      )
      expect(volumes.patch).toEqual([1, 2, 3, 4, 5])
      const tiles = shapesFor(
        kernelInitializer =>
          new TiledLocallyConnected2D({ ...options, kernelSize: [2, 3], tile: 2, kernelInitializer }),
        [4, 4, 4],
      )
      expect(tiles).toEqual({ shape: [4, 24, 5], patch: [2, 3, 4, 5] })
    }
  })

  test('other layers: the shape itself', () => {
    expect(shapesFor(kernelInitializer => new Dense({ units: 3, kernelInitializer }), [4])).toEqual({
      shape: [4, 3],
      patch: [4, 3],
    })
  })
})

const all = {
  PatchGlorotNormal,
  PatchGlorotUniform,
  PatchHeNormal,
  PatchHeUniform,
  PatchLecunNormal,
  PatchLecunUniform,
}

describe.each(Object.entries(all))('%s', (name, Class) => {
  const namesake = initializers.get(name.replace('Patch', ''))

  test('draws for every place what its namesake draws for a convolution', () => {
    const size = 3 * 2 * 4 * 6
    const [own, conv] = [new Float32Array(2 * size), new Float32Array(2 * size)]
    new Class().initialize(own, [2, 24, 6], stream('a'), [3, 2, 4, 6])
    const random = stream('a')
    namesake.initialize(conv.subarray(0, size), [3, 2, 4, 6], random)
    namesake.initialize(conv.subarray(size), [3, 2, 4, 6], random)
    expectSameBits(own, conv)
  })

  test.each([1, 2, 3] as const)('has its variance in implementation %i', implementation => {
    const options = { filters: 16, kernelSize: 5, kernelInitializer: new Class({ seed: 3 }) }
    const [local, conv] = [new LocallyConnected2D({ ...options, implementation }), new Conv2D(options)]
    for (const layer of [local, conv]) layer.build([null, 12, 12, 4])
    const { scale, mode } = namesake as PatchVarianceScaling
    const variance = scale / (mode === 'fan_in' ? 100 : (100 + 400) / 2)
    for (const layer of [local, conv]) {
      const { data } = layer.getWeights()[0]
      const found = data.reduce((sum, w) => sum + w * w, 0) / data.length
      expect(Math.abs(found / variance - 1)).toBeLessThan(0.05)
    }
  })

  test('is its namesake in a Dense and in a Conv1D', () => {
    const both = [
      new Class({ seed: 5 }),
      initializers.get({ className: name.replace('Patch', ''), config: { seed: 5 } }),
    ]
    const [dense, other] = both.map(kernelInitializer => {
      const layers = [
        new Dense({ units: 7, kernelInitializer }),
        new Conv1D({ filters: 4, kernelSize: 3, kernelInitializer }),
      ]
      return layers.map(layer => {
        layer.build([null, 9, 5])
        return layer.getWeights()[0]
      })
    })
    expect(dense).toEqual(other)
  })

  test('is found by its names, and makes itself again from its config', () => {
    const snake = name.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase()
    const camel = name.replace('P', 'p')
    for (const known of [name, snake, camel]) expect(initializers.get(known)).toBeInstanceOf(Class)
    const config = { className: name, config: { seed: 4 } }
    expect(initializers.serialize(new Class({ seed: 4 }))).toEqual(config)
    expect(initializers.serialize(initializers.get(config))).toEqual(config)
    expect(() => new Class({ scale: 2 } as never)).toThrow(new RegExp(`^${name}, option: expected one of seed`))
  })
})

test('PatchVarianceScaling: any scale, mode and distribution', () => {
  const own = new PatchVarianceScaling({ scale: 6, mode: 'fan_out', distribution: 'uniform' })
  expect(limitOf(own, [10, 12, 5], [3, 2, 2, 5])).toBeCloseTo(Math.sqrt((3 * 6) / 30), 6)
  expect(initializers.serialize(own)).toEqual({
    className: 'PatchVarianceScaling',
    config: { scale: 6, mode: 'fan_out', distribution: 'uniform', seed: null },
  })
  expect(() => new PatchVarianceScaling({ mode: 'fans' as never })).toThrow(/^mode: expected one of/)
})

test('a layer with one goes through a config and through a file', async () => {
  const layer = new LocallyConnected2D({ filters: 2, kernelSize: 2, kernelInitializer: new PatchHeNormal({ seed: 2 }) })
  const copy = layers.get({ className: layer.className, config: layer.getConfig() })
  expect(copy.getConfig()).toEqual(layer.getConfig())
  const model = new Sequential([layer])
  model.build([null, 4, 4, 1])
  for (const format of ['h5', 'keras'] as const) {
    const loaded = await loadModel(await saveModel(model, { format }))
    expect((loaded.layers[0] as LocallyConnected2D).kernelInitializer).toBeInstanceOf(PatchHeNormal)
    expect(loaded.layers[0].getConfig()).toMatchObject({
      kernelInitializer: { className: 'PatchHeNormal', config: { seed: 2 } },
    })
  }
})
