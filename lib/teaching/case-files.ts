// The cases of the check as files, for layers in other languages.

import { Tensor } from '../core/tensor.ts'
import { toNpz } from '../files/npz.ts'
import { nest } from './candidate.ts'
import { batteryOf } from './cases.ts'
import { toleranceOf } from './explain.ts'
import { follow, rightRecipe } from './recipe.ts'
import { type LayerCase, shapesOf } from './sizes.ts'

const quantities = ['y', 'dx', 'dkernel', 'dbias'] as const
const float32 = 2 ** -24

/** The arrays of a case: its numbers, its results, and for each result how far one in float32 may be off. */
function arraysOf(layerCase: LayerCase): Record<string, Tensor> {
  const shapes = shapesOf(layerCase.sizes)
  const arrays: Record<string, Tensor> = {}
  for (const name of ['x', 'kernel', 'bias', 'dy'] as const)
    arrays[name] = new Tensor(shapes[name], Float32Array.from(layerCase[name]))
  for (const quantity of quantities) {
    const right = follow(rightRecipe(layerCase.sizes), quantity, layerCase)
    arrays[quantity] = new Tensor(right.shape, Float32Array.from(right.values))
    // The result itself is rounded to float32.
    const tolerance = right.values.map((v, i) => toleranceOf(right, i, 'float32') + float32 * Math.abs(v))
    arrays[`${quantity}_tolerance`] = new Tensor(right.shape, Float32Array.from(tolerance))
  }
  return arrays
}

/**
 * The cases of `checkLocallyConnected` as files, by name: an `.npz` and a `.json` for each case, with the same contents.
 * Arrays: `x`, `kernel`, `bias`, `dy`; the right results `y`, `dx`, `dkernel`, `dbias`; and for each of them, such as
 * `y_tolerance`, how far a result in float32 may be off. The JSON also has the `sizes`. Needs the package fflate.
 * @throws StateError without fflate
 */
export async function locallyConnectedCases(): Promise<Map<string, Uint8Array | string>> {
  const files = new Map<string, Uint8Array | string>()
  for (const dataFormat of ['channels_last', 'channels_first'] as const)
    for (const padding of ['valid', 'same'] as const) {
      const cases = batteryOf({ padding, dataFormat, strides: true, seed: 0, dtype: 'float32' })
      for (const [i, layerCase] of cases.entries()) {
        const name = `${dataFormat}-${padding}-${String(i + 1).padStart(2, '0')}`
        const arrays = arraysOf(layerCase)
        const nested = Object.entries(arrays).map(([key, { data, shape }]) => [key, nest(data, shape)])
        files.set(`${name}.npz`, await toNpz(arrays))
        files.set(`${name}.json`, `${JSON.stringify({ sizes: layerCase.sizes, ...Object.fromEntries(nested) })}\n`)
      }
    }
  return files
}
