// Trained nets as files that other programs read: safetensors, and the two files of a TensorFlow.js model. The library's
// own writers make them, taken from their modules: 'unshared/keras' would bring HDF5 into the page, too.

import type { Sequential } from 'unshared'
import { plainModel } from '../../../lib/keras/plain-model.ts'
import { fromSafetensors } from '../../../lib/keras/safetensors.ts'
import { safetensorsWeights, tfjsModel } from '../../../lib/keras/write-others.ts'

export interface NamedFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const plain = (net: Sequential, forKeras: boolean) =>
  plainModel(net, { implementation: undefined, includeOptimizer: false, forKeras })

/** All weights by their layers' names: what `saveWeights(net, { format: 'safetensors' })` gives. */
export const safetensorsFile = (net: Sequential): NamedFile => ({
  name: `${net.name}.safetensors`,
  bytes: safetensorsWeights(plain(net, false)),
})

/** Layers and weights: what `saveModel(net, { format: 'tfjs' })` gives. */
export function tfjsFiles(net: Sequential): NamedFile[] {
  const weightsFile = `${net.name}.weights.bin`
  const { modelJson, weights } = tfjsModel(plain(net, true), weightsFile)
  return [
    { name: `${net.name}.json`, bytes: new TextEncoder().encode(JSON.stringify(modelJson)) },
    { name: weightsFile, bytes: weights },
  ]
}

/** An array of a file. */
interface Found {
  readonly name: string
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/**
 * The weights in files of a net, in the net's order.
 * @param files one of safetensors, or the two of TensorFlow.js
 * @throws Error for other files, and for those of a net with other layers
 */
export function weightsIn(files: readonly NamedFile[], net: Sequential): Float32Array[] {
  const found = new Map(arraysIn(files).map(array => [array.name, array]))
  return net.layers.flatMap(layer =>
    layer.parameters.map(({ name, shape }) => {
      const full = `${net.nameOf(layer)}/${name}`
      const array = found.get(full)
      if (!array) throw new Error(`no ${full} in ${files.map(file => file.name).join(', ')}`)
      if (`${array.shape}` !== `${shape}`) throw new Error(`${full} is of shape [${array.shape}], not [${shape}]`)
      return array.data
    }),
  )
}

function arraysIn(files: readonly NamedFile[]): Found[] {
  const json = files.find(({ name }) => /\.json$/i.test(name))
  if (!json) {
    const [first] = files
    return Object.entries(fromSafetensors(first.bytes)).map(([name, { shape, data }]) => ({ name, shape, data }))
  }
  const bin = files.find(({ name }) => /\.bin$/i.test(name))
  if (!bin) throw new Error(`${json.name} has its weights in another file: choose the .bin file too`)
  const { weightsManifest } = JSON.parse(new TextDecoder().decode(json.bytes))
  const view = new DataView(bin.bytes.buffer, bin.bytes.byteOffset, bin.bytes.byteLength)
  let at = 0
  return weightsManifest.flatMap(({ weights }: { weights: { name: string; shape: number[]; dtype: string }[] }) =>
    weights.map(({ name, shape, dtype }) => {
      const size = shape.reduce((product, n) => product * n, 1)
      if (dtype !== 'float32' || at + 4 * size > bin.bytes.length) throw new Error(`${name} is not in ${bin.name}`)
      const data = Float32Array.from({ length: size }, (_, i) => view.getFloat32(at + 4 * i, true))
      at += 4 * size
      return { name, shape, data }
    }),
  )
}
