// Layers with one fault of the table each. A file of tests for each quantity: together they take the longest.

import { expect, test } from '@jest/globals'
import { batteryOf } from '../../lib/teaching/cases.ts'
import { type Explanation, recipeOf } from '../../lib/teaching/explain.ts'
import { type Fault, faults } from '../../lib/teaching/faults.ts'
import { checkLocallyConnected, type LayerSizes } from '../../lib/teaching/index.ts'
import { follow, rightRecipe } from '../../lib/teaching/recipe.ts'
import type { LayerCase, Quantity } from '../../lib/teaching/sizes.ts'

export const quantities = ['y', 'dx', 'dkernel', 'dbias'] as const
const paddings = ['valid', 'same'] as const
const formats = ['channels_last', 'channels_first'] as const
/** The battery in all paddings and formats. */
export const all = paddings.flatMap(padding =>
  formats.flatMap(dataFormat => batteryOf({ padding, dataFormat, strides: true, seed: 'tests', dtype: 'float32' })),
)

const habit = { outside: 'zero', computesSize: true } as const
type Flat = Float32Array
const none = new Float64Array(0)

/** A layer that follows a recipe with mistakes in one quantity, in float32. */
function layerWith(mistakes: Explanation['mistakes'], wrong: Quantity) {
  const result = (quantity: Quantity, layerCase: LayerCase) => {
    const explanation = { mistakes: quantity === wrong ? mistakes : [], habit }
    return Float32Array.from(follow(recipeOf(explanation, layerCase.sizes, 'flat'), quantity, layerCase).values)
  }
  const wide = (array: Flat) => Float64Array.from(array)
  return {
    forward: (x: Flat, kernel: Flat, bias: Flat, sizes: LayerSizes) =>
      result('y', { sizes, x: wide(x), kernel: wide(kernel), bias: wide(bias), dy: none }),
    backward(dy: Flat, x: Flat, kernel: Flat, sizes: LayerSizes) {
      const layerCase = { sizes, x: wide(x), kernel: wide(kernel), bias: none, dy: wide(dy) }
      const [dx, dkernel, dbias] = quantities.slice(1).map(quantity => result(quantity, layerCase))
      return { dx, dkernel, dbias }
    },
  }
}

/** Whether a change makes any difference to a quantity. */
export const matters = (fault: Fault, form: number, quantity: Quantity) =>
  all.some(layerCase => {
    const mistakes = [{ fault, change: fault.forms[form] }]
    const { values } = follow(recipeOf({ mistakes, habit }, layerCase.sizes, 'flat'), quantity, layerCase)
    const right = follow(rightRecipe(layerCase.sizes), quantity, layerCase).values
    return values.length !== right.length || values.some((v, i) => !(Math.abs(v - right[i]) <= 1e-6))
  })

/** Each fault, in one quantity, is found under its own name. */
export function testFaultsOf(quantity: Quantity): void {
  const possible = (faults as readonly Fault[]).filter(({ of }) => !of || of.includes(quantity))

  test.each(possible.map(fault => [fault.name, fault] as const))('%s', (name, fault) => {
    fault.forms.forEach((change, form) => {
      if (!matters(fault, form, quantity)) return
      const report = checkLocallyConnected(layerWith([{ fault, change }], quantity), { arrays: 'flat' })
      expect(report.findings.map(found => [form, found.fault, found.in])).toEqual([[form, name, [quantity]]])
      expect(report.findings[0].example).not.toBeNull()
    })
  })
}
