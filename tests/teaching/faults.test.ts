// The reference is the library's layer; its tolerances are those of the numbers; the page names every fault.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { LocallyConnected2D, Tensor } from 'unshared'
import { toleranceOf } from '../../lib/teaching/explain.ts'
import { type Fault, faults } from '../../lib/teaching/faults.ts'
import { checkLocallyConnected, type LayerSizes } from '../../lib/teaching/index.ts'
import { follow, rightRecipe } from '../../lib/teaching/recipe.ts'
import { placesOf, type Quantity, shapesOf } from '../../lib/teaching/sizes.ts'
import { all, matters, quantities } from './every-fault.ts'

test('the reference and the layer of the library agree within the bounds of rounding', () => {
  for (const layerCase of all) {
    const { sizes, x, kernel, bias, dy } = layerCase
    const { KH, KW, SH, SW, F, padding, dataFormat } = sizes
    const shapes = shapesOf(sizes)
    const tensor = (name: keyof typeof shapes, data: Float64Array) => new Tensor(shapes[name], Float32Array.from(data))
    const options = { filters: F, kernelSize: [KH, KW], strides: [SH, SW], padding, dataFormat } as const
    // Keras has padding 'same' in implementations 2 and 3 only
    const layer = new LocallyConnected2D({ ...options, implementation: 1 })
    layer.build([null, ...shapes.x.slice(1)])
    // Keras' bias has the shape [OH, OW, F] in both formats, in the order of the output
    layer.setWeights([tensor('kernel', kernel), new Tensor([...placesOf(sizes), F], Float32Array.from(bias))])
    const y = layer.forward(tensor('x', x))
    const dx = layer.backward(tensor('dy', dy))
    const [dkernel, dbias] = layer.gradients()
    const library = { y, dx, dkernel, dbias } as Record<Quantity, Tensor>
    for (const quantity of quantities) {
      const right = follow(rightRecipe(sizes), quantity, layerCase)
      expect(library[quantity].size).toBe(right.values.length)
      library[quantity].data.forEach((value, i) => {
        if (!(Math.abs(value - right.values[i]) <= toleranceOf(right, i, 'float32')))
          throw new Error(`${quantity} ${JSON.stringify(sizes)}: ${value}, ${right.values[i]}`)
      })
    }
  }
})

type Flat = Float32Array
const none = new Float64Array(0)

test('every fault is one of some quantity', () => {
  const idle = (faults as readonly Fault[]).filter(fault =>
    fault.forms.some((_, form) => !quantities.some(quantity => matters(fault, form, quantity))),
  )
  expect(idle.map(({ name }) => name)).toEqual([])
})

describe('tolerances are those of the numbers', () => {
  /** The right layer, with an error in every output of some times what is allowed. */
  const offBy =
    (times: number, dtype: 'float32' | 'float64') => (x: Flat, kernel: Flat, bias: Flat, sizes: LayerSizes) => {
      const [X, K, B] = [x, kernel, bias].map(array => Float64Array.from(array))
      const right = follow(rightRecipe(sizes), 'y', { sizes, x: X, kernel: K, bias: B, dy: none })
      return right.values.map((v, i) => v + times * toleranceOf(right, i, dtype))
    }

  test.each(['float32', 'float64'] as const)('%s: nearly all of it passes, more does not', dtype => {
    const options = { arrays: 'flat', dtype } as const
    const check = (times: number) => checkLocallyConnected(offBy(times, dtype) as never, options)
    expect(String(check(0.9))).toMatch(/^passed/)
    expect(check(1.5).findings.map(({ fault }) => fault)).toEqual(['inexact'])
  })

  test('float32 is not enough where float64 was asked for', () => {
    const options = { arrays: 'flat', dtype: 'float64' } as const
    const check = checkLocallyConnected(offBy(0.9, 'float32') as never, options)
    expect(check.findings.map(({ fault }) => fault)).toEqual(['inexact'])
  })
})

test('docs/checking-layers.md names every fault', () => {
  const page = readFileSync('docs/checking-layers.md', 'utf8')
  expect(faults.map(({ name }) => name).filter(name => !page.includes(`\`${name}\``))).toEqual([])
})
