// Random geometries of locally connected layers, small enough to run many, odd enough to find edges.

import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { type Geometry, localGeometry, localKernelShape, type WindowOptions } from '../../lib/core/geometry.ts'
import { type Random, stream } from '../../lib/core/random.ts'
import { Tensor } from '../../lib/core/tensor.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'

export interface LocalCase {
  readonly options: WindowOptions
  readonly inputShape: readonly number[]
  readonly batch: number
  readonly useBias: boolean
  readonly seed: number
}

const size = (max: number) => fc.integer({ min: 1, max })

const cases = (filters: number, batch: number) =>
  fc.record({
    rows: size(7),
    cols: size(7),
    channels: size(4),
    filters: size(filters),
    kernel: fc.tuple(size(5), size(5)),
    strides: fc.tuple(size(3), size(3)),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    dataFormat: fc.constantFrom('channels_last' as const, 'channels_first' as const),
    batch: size(batch),
    useBias: fc.boolean(),
    seed: fc.nat(1e6),
  })

export const localCases: fc.Arbitrary<LocalCase> = layersOf(cases(5, 4))

/** With enough filters and samples for every kind of tile. */
export const largerLocalCases: fc.Arbitrary<LocalCase> = layersOf(cases(70, 9))

function layersOf(arbitrary: ReturnType<typeof cases>): fc.Arbitrary<LocalCase> {
  return arbitrary.map(
    ({ rows, cols, channels, filters, kernel, strides, padding, dataFormat, batch, useBias, seed }) => {
      const fits = ([kh, kw]: [number, number]): [number, number] => [Math.min(kh, rows), Math.min(kw, cols)]
      return {
        options: { filters, kernelSize: padding === 'valid' ? fits(kernel) : kernel, strides, padding, dataFormat },
        inputShape: dataFormat === 'channels_last' ? [rows, cols, channels] : [channels, rows, cols],
        batch,
        useBias,
        seed,
      }
    },
  )
}

export const geometryOf = ({ inputShape, options }: LocalCase): Geometry =>
  localGeometry([null, ...inputShape], options)

export const randomNumbers = (n: number, random: Random) => new Float32Array(n).map(() => 2 * random() - 1)

export const randomTensor = (seed: string, ...shape: number[]) =>
  new Tensor(shape, randomNumbers(sizeOf(shape), stream(seed)))

/** Inputs for a case: one set of connected weights, stored as each implementation does. */
export function localInputs(c: LocalCase) {
  const g = geometryOf(c)
  const random = stream(c.seed, 'local inputs')
  const kernels = {} as Record<1 | 2 | 3, Float32Array>
  kernels[3] = randomNumbers(sizeOf(localKernelShape(g, 3)), random)
  for (const to of [1, 2] as const) {
    kernels[to] = new Float32Array(sizeOf(localKernelShape(g, to)))
    convertLocalKernel(kernels[to], to, kernels[3], 3, g)
  }
  return {
    g,
    kernels,
    x: randomNumbers(c.batch * g.inputSize, random),
    dout: randomNumbers(c.batch * g.outputSize, random),
    bias: c.useBias ? randomNumbers(g.outputSize, random) : null,
  }
}
