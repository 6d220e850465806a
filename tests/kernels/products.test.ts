// The kernels that multiply, against their definitions: written with one index for each axis, and no order of loops.

import { test } from '@jest/globals'
import fc from 'fast-check'
import { convolutionGeometry, type Geometry } from '../../lib/core/geometry.ts'
import { stream } from '../../lib/core/random.ts'
import * as transpose from '../../lib/kernels/convolution-transpose.ts'
import * as depthwise from '../../lib/kernels/depthwise2d.ts'
import type { LocalGradients } from '../../lib/kernels/local2d-loop.ts'
import * as matmul from '../../lib/kernels/matmul.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { expectClose } from '../support/gradients.ts'
import { runs } from '../support/runs.ts'

/** What a kernel should add up, and its two calls. */
interface Product {
  readonly sizes: { x: number; kernel: number; bias: number; out: number }
  /** out[o] += x[i] · kernel[k], for every triple. */
  terms(visit: (o: number, i: number, k: number) => void): void
  /** Which bias out[o] starts with. */
  biasOf(o: number): number
  forward(out: Float32Array, x: Float32Array, kernel: Float32Array, bias: Float32Array | null): void
  backward(gradients: LocalGradients, dout: Float32Array, x: Float32Array, kernel: Float32Array): void
}

/** A result that shows what is not written, and one number behind it that must stay. */
const result = (n: number) => new Float32Array(n + 1).fill(7)
/** Numbers, and one behind them that must not be read. */
const padded = (numbers: Float32Array) => Float32Array.of(...numbers, NaN)

const expectResult = (found: Float32Array, expected: Float64Array, what: string, behind = 7) =>
  expectClose(found, [...expected, behind], 1e-5, what)

function check({ sizes, terms, biasOf, forward, backward }: Product, seed: number) {
  const random = stream(seed, 'product')
  const [x, kernel, bias, dout] = [sizes.x, sizes.kernel, sizes.bias, sizes.out].map(n =>
    padded(randomNumbers(n, random)),
  )
  const linear = new Float64Array(sizes.out)
  const [dx, dkernel, dbias] = [sizes.x, sizes.kernel, sizes.bias].map(n => new Float64Array(n))
  terms((o, i, k) => {
    linear[o] += x[i] * kernel[k]
    dx[i] += dout[o] * kernel[k]
    dkernel[k] += dout[o] * x[i]
  })
  for (let o = 0; o < sizes.out; o++) dbias[biasOf(o)] += dout[o]

  const [out, withoutBias] = [result(sizes.out), result(sizes.out)]
  forward(out, x, kernel, bias)
  expectResult(
    out,
    linear.map((sum, o) => sum + bias[biasOf(o)]),
    'out',
  )
  forward(withoutBias, x, kernel, null)
  expectResult(withoutBias, linear, 'out without bias')

  const gradients = { x: result(sizes.x), kernel: result(sizes.kernel), bias: result(sizes.bias) }
  backward(gradients, dout, x, kernel)
  expectResult(gradients.x, dx, 'dx')
  expectResult(gradients.kernel, dkernel, 'dkernel', 0) // all of it is made 0 at first
  expectResult(gradients.bias, dbias, 'dbias', 0)
  const alone = result(sizes.kernel)
  backward({ x: null, kernel: alone, bias: null }, dout, x, kernel)
  expectSameBits(alone, gradients.kernel, 'dkernel alone')
}

const size = (max: number) => fc.integer({ min: 1, max })
const checked = { seed: 1, numRuns: runs(60) }

test('a matrix product', () => {
  const property = (B: number, K: number, N: number, seed: number) =>
    check(
      {
        sizes: { x: B * K, kernel: K * N, bias: N, out: B * N },
        terms(visit) {
          for (let b = 0; b < B; b++)
            for (let k = 0; k < K; k++) for (let n = 0; n < N; n++) visit(b * N + n, b * K + k, k * N + n)
        },
        biasOf: o => o % N,
        forward: (out, x, kernel, bias) => matmul.forward(out, x, kernel, bias, B, K, N),
        backward: (gradients, dout, x, kernel) =>
          matmul.backward(gradients.x, gradients.kernel, gradients.bias, dout, x, kernel, B, K, N),
      },
      seed,
    )
  fc.assert(fc.property(size(4), size(5), size(5), fc.nat(1e6), property), checked)
})

/** How a convolution's image and places hang together, for each element (kh, kw) of the window. */
interface Windows {
  readonly g: Geometry
  readonly B: number
  readonly multiplier: number
  readonly seed: number
}

const windows: fc.Arbitrary<Windows> = fc
  .record({
    rows: size(4),
    cols: size(5),
    channels: size(3),
    filters: size(3),
    multiplier: size(3),
    batch: size(3),
    kernel: fc.tuple(size(3), size(2)),
    strides: fc.tuple(size(2), size(3)),
    dilation: fc.tuple(size(2), size(2)),
    padding: fc.constantFrom('valid' as const, 'same' as const),
    channelsFirst: fc.boolean(),
    depthwise: fc.boolean(),
    seed: fc.nat(1e6),
  })
  .filter(
    ({ rows, cols, kernel, dilation, padding }) =>
      padding === 'same' || ((kernel[0] - 1) * dilation[0] < rows && (kernel[1] - 1) * dilation[1] < cols),
  )
  .map(({ rows, cols, channels, filters, kernel, strides, dilation, padding, channelsFirst, ...c }) => {
    const g = convolutionGeometry(channelsFirst ? [null, channels, rows, cols] : [null, rows, cols, channels], {
      filters: c.depthwise ? channels * c.multiplier : filters,
      kernelSize: kernel,
      strides,
      padding,
      dilationRate: dilation,
      dataFormat: channelsFirst ? 'channels_first' : 'channels_last',
    })
    return { g, B: c.batch, multiplier: c.depthwise ? c.multiplier : 0, seed: c.seed }
  })

/** Every connection of the image's (b, h, w) with the place (b, oh, ow), by the element (kh, kw) of its window. */
function eachConnection(
  { g, B }: Windows,
  visit: (image: (c: number) => number, place: (f: number) => number, element: number) => void,
) {
  const { H, W, C, KH, KW, SH, SW, OH, OW, F, top, left, dilation, channelsFirst } = g
  for (let b = 0; b < B; b++)
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++)
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            const [h, w] = [oh * SH - top + kh * dilation[0], ow * SW - left + kw * dilation[1]]
            if (h < 0 || h >= H || w < 0 || w >= W) continue
            visit(
              c => (channelsFirst ? ((b * C + c) * H + h) * W + w : ((b * H + h) * W + w) * C + c),
              f => (channelsFirst ? ((b * F + f) * OH + oh) * OW + ow : ((b * OH + oh) * OW + ow) * F + f),
              kh * KW + kw,
            )
          }
}

/** The channel of number i, of `channels` in images of `pixels`. */
const channelOf = (i: number, channels: number, pixels: number, { channelsFirst }: Geometry) =>
  channelsFirst ? Math.floor(i / pixels) % channels : i % channels

test('a convolution of each channel by itself', () => {
  const property = (c: Windows) => {
    const { g, B, multiplier: M } = c
    check(
      {
        sizes: { x: B * g.inputSize, kernel: g.KH * g.KW * g.F, bias: g.F, out: B * g.outputSize },
        terms(visit) {
          eachConnection(c, (image, place, element) => {
            for (let ch = 0; ch < g.C; ch++)
              for (let m = 0; m < M; m++) visit(place(ch * M + m), image(ch), (element * g.C + ch) * M + m)
          })
        },
        biasOf: o => channelOf(o, g.F, g.P, g),
        forward: (out, x, kernel, bias) => depthwise.forward(out, x, kernel, bias, B, g),
        backward: (gradients, dout, x, kernel) => depthwise.backward(gradients, dout, x, kernel, B, g),
      },
      c.seed,
    )
  }
  fc.assert(
    fc.property(
      windows.filter(c => c.multiplier > 0),
      property,
    ),
    checked,
  )
})

test('a transposed convolution, from the places to the image', () => {
  const property = (c: Windows) => {
    const { g, B } = c
    check(
      {
        sizes: { x: B * g.outputSize, kernel: g.K * g.F, bias: g.C, out: B * g.inputSize },
        terms(visit) {
          eachConnection(c, (image, place, element) => {
            for (let ch = 0; ch < g.C; ch++)
              for (let f = 0; f < g.F; f++) visit(image(ch), place(f), (element * g.C + ch) * g.F + f)
          })
        },
        biasOf: o => channelOf(o, g.C, g.H * g.W, g),
        forward: (out, x, kernel, bias) => transpose.forward(out, x, kernel, bias, B, g),
        backward: (gradients, dout, x, kernel) => transpose.backward(gradients, dout, x, kernel, B, g),
      },
      c.seed,
    )
  }
  fc.assert(
    fc.property(
      windows.filter(c => c.multiplier === 0),
      property,
    ),
    checked,
  )
})
