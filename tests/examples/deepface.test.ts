// DeepFace is the published network: its shapes and weights are counted without building it, for it takes half a
// gigabyte. The program itself is run by hand.

import { expect, test } from '@jest/globals'
import { type BatchShape, Conv2D, Dense, LocallyConnected2D, sizeOf } from 'unshared'
import { deepFaceLayers } from '../../examples/deepface/model.ts'

/** Output shape and number of weights, layer by layer. */
function plan(people: number) {
  let shape: BatchShape = [null, 152, 152, 3]
  return deepFaceLayers(people).map(layer => {
    const input = shape.slice(1) as number[]
    shape = layer.computeOutputShape(shape)
    const output = shape.slice(1) as number[]
    let weights = 0
    if (layer instanceof Conv2D) weights = sizeOf(layer.kernelSize) * input[2] * layer.filters + layer.filters
    if (layer instanceof LocallyConnected2D) weights = sizeOf(layer.kernelShape(1, input)) + sizeOf(output)
    if (layer instanceof Dense) weights = input[0] * layer.units + layer.units
    return [layer.name, output, weights]
  })
}

test('shapes and weights are those of the Keras code', () => {
  expect(plan(8631)).toEqual([
    ['C1', [142, 142, 32], 11_648],
    ['M2', [71, 71, 32], 0],
    ['C3', [63, 63, 16], 41_488],
    ['L4', [55, 55, 16], 62_774_800],
    ['L5', [25, 25, 16], 7_850_000],
    ['L6', [21, 21, 16], 2_829_456],
    ['F0', [7056], 0],
    ['F7', [4096], 28_905_472],
    ['D0', [4096], 0],
    ['F8', [8631], 35_361_207],
  ])
})

test('there are 137,774,071 in all, and 102,412,864 up to the embedding', () => {
  const sum = (people: number) => plan(people).reduce((all, [, , weights]) => all + (weights as number), 0)
  expect([sum(8631), sum(0)]).toEqual([137_774_071, 102_412_864])
})
