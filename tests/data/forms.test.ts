// Every function takes plain arrays, lists and clones of tensors as it takes tensors, and refuses the rest by name.

import { describe, expect, test } from '@jest/globals'
import { ArgumentError, Tensor, type TensorLike } from 'unshared'
import { batches, oneHot, shuffle, split, take } from 'unshared/data'
import {
  crop,
  fromNdarray,
  pad,
  randomShift,
  resize,
  shift,
  shiftEach,
  standardize,
  toNdarray,
  transpose,
} from 'unshared/ndarray'

const images = Tensor.from(Float32Array.from({ length: 72 }, (_, i) => i - 9)).reshape([2, 3, 4, 3])
const labels = Tensor.from([1, 0])
const noFrame = [
  [0, 0],
  [0, 0],
] as const

/** Each function with its first argument open, and that argument as a tensor or a list of tensors. */
const functions: Record<string, [(given: never, ...wrong: never[]) => unknown, Tensor | Tensor[]]> = {
  take: [(x: TensorLike, rows = [1, 0] as never) => take(x, rows), images],
  shuffle: [(x: TensorLike[], options = { seed: 1 } as never) => shuffle(x, options), [images, labels]],
  split: [
    (x: TensorLike[], sizes = [0.5] as never, options = { seed: 1 } as never) => split(x, sizes, options),
    [images, labels],
  ],
  batches: [
    (x: TensorLike[], size = 2 as never, options = {} as never) => [...batches(x, size, options)],
    [images, labels],
  ],
  oneHot: [(x: TensorLike, classes = 2 as never) => oneHot(x, classes), labels],
  standardize: [(x: TensorLike, options = {} as never) => standardize(x, options), images],
  crop: [
    (
      x: TensorLike,
      frame = [
        [1, 0],
        [0, 2],
      ] as never,
      options = {} as never,
    ) => crop(x, frame, options),
    images,
  ],
  pad: [(x: TensorLike, frame = noFrame as never, options = {} as never) => pad(x, frame, options), images],
  shift: [(x: TensorLike, by = [1, 0] as never, options = {} as never) => shift(x, by, options), images],
  shiftEach: [
    (
      x: TensorLike,
      by = [
        [1, 0],
        [0, 1],
      ] as never,
      options = {} as never,
    ) => shiftEach(x, by, options),
    images,
  ],
  randomShift: [
    (x: TensorLike, most = 1 as never, seed = 2 as never, options = {} as never) => randomShift(x, most, seed, options),
    images,
  ],
  resize: [(x: TensorLike, size = [2, 2] as never, options = {} as never) => resize(x, size, options), images],
  transpose: [(x: TensorLike, axes = [0, 3, 1, 2] as never) => transpose(x, axes), images],
  toNdarray: [(x: TensorLike) => fromNdarray(toNdarray(x)), images],
  fromNdarray: [(x: TensorLike) => fromNdarray(x), images],
}

const forms: Record<string, (tensor: Tensor) => unknown> = {
  'plain arrays': tensor => tensor.toArray(),
  'a clone': tensor => structuredClone(tensor),
  'a list of rows': tensor =>
    Array.from({ length: tensor.shape[0] }, (_, i) => tensor.slice(i, i + 1).reshape(tensor.shape.slice(1))),
}

describe.each(Object.entries(functions))('%s', (_name, [run, given]) => {
  test.each(Object.entries(forms))('takes %s', (_form, formOf) => {
    const form = Array.isArray(given) ? given.map(formOf) : formOf(given)
    expect(run(form as never)).toEqual(run(given as never))
  })

  const wrong = [
    undefined,
    null,
    'text',
    3,
    -1,
    1e12,
    Number.NaN,
    {},
    [],
    [['a']],
    () => 1,
    new Map(),
    { length: 2 },
    [1e9, 1e9],
  ]
  test('refuses anything else by name, in each argument', () => {
    for (const value of wrong) {
      const calls = [() => run(value as never)]
      for (let i = 1; i < 4; i++)
        calls.push(() => run(given as never, ...(new Array(i - 1).fill(undefined) as never[]), value as never))
      for (const call of calls) {
        try {
          call()
        } catch (error) {
          expect(error).toBeInstanceOf(ArgumentError)
        }
      }
    }
  })
})

test.each<[string, () => unknown, RegExp]>([
  [
    'split without sizes',
    () => split([images, labels], undefined as never),
    /^sizes: expected a list of numbers of rows/,
  ],
  ['shuffle without options', () => shuffle([images, labels], undefined as never), /^shuffle: expected an object with/],
  [
    'shuffle without a seed',
    () => shuffle([images, labels], {} as never),
    /^seed: expected a finite number or a string/,
  ],
  ['take without rows', () => take(images, undefined as never), /^rows: expected a list of row numbers/],
  ['transpose without axes', () => transpose(images, undefined as never), /^axes: expected a permutation of 0 … 3/],
  [
    'an option that is misspelt',
    () => batches([images], 1, { sead: 1 } as never),
    /^batches, option: .*received "sead"/,
  ],
  ['batches, before the first is asked for', () => batches([images], 0), /^batchSize: expected a positive integer/],
  ['oneHot of 1e9 classes', () => oneHot([0, 1], 1e9), /^classes: expected a shape of at most 536870912 numbers/],
  ['resize to more than memory holds', () => resize(images, [1e9, 1e9]), /^size: expected a shape of at most/],
  [
    'a resize whose first step would be too large',
    () => resize(images, [1e9, 1]),
    /^size: expected a shape of at most/,
  ],
  [
    'pad beyond memory',
    () =>
      pad(images, [
        [1e9, 0],
        [1e9, 0],
      ]),
    /^frame: expected a shape of at most/,
  ],
  [
    'take of too many rows',
    () => take(Tensor.zeros([1, 2 ** 20]), new Int32Array(1000)),
    /^rows: expected a shape of at/,
  ],
  [
    'standardize with half of the statistics',
    () => standardize(images, { mean: [0] }),
    /^std: expected both mean and std/,
  ],
])('%s is refused', (_what, call, message) => {
  expect(call).toThrow(message)
  expect(call).toThrow(ArgumentError)
})
