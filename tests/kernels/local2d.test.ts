import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { sizeOf } from '../../lib/core/check.ts'
import { localGeometry, localKernelShape } from '../../lib/core/geometry.ts'
import { stream } from '../../lib/core/random.ts'
import { type Implementation, local2d } from '../../lib/kernels/local2d.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import * as loop from '../../lib/kernels/local2d-loop.ts'
import * as matmul from '../../lib/kernels/matmul.ts'
import { dot } from '../../lib/kernels/sums.ts'
import { expectSameBits, sameBits } from '../support/bits.ts'
import { type LocalCase, localCases, localInputs, randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const implementations: readonly Implementation[] = [1, 2, 3]
const checked = { numRuns: runs(300), seed: 20260101 }

/** Forward and backward of one implementation; the kernel's gradient as implementation 3 stores it. */
function run(implementation: Implementation, c: LocalCase, kernelsOf = local2d) {
  const { g, x, dout, bias, kernels } = localInputs(c)
  const out = new Float32Array(c.batch * g.outputSize)
  const kernel = kernels[implementation]
  const gradients = {
    x: new Float32Array(x.length),
    kernel: new Float32Array(kernel.length).fill(9),
    bias: bias && new Float32Array(bias.length),
  }
  kernelsOf[implementation].forward(out, x, kernel, bias, c.batch, g)
  kernelsOf[implementation].backward(gradients, dout, x, kernel, c.batch, g)
  const dkernel = new Float32Array(kernels[3].length)
  convertLocalKernel(dkernel, 3, gradients.kernel, implementation, g)
  return { g, x, dout, bias, kernel, out, gradients, dkernel, weights: kernels[3] }
}

describe('the three implementations', () => {
  test('give the same bits, forward and backward', () => {
    fc.assert(
      fc.property(localCases, c => {
        const [first, ...others] = implementations.map(i => run(i, c))
        for (const other of others) {
          expectSameBits(first.out, other.out, 'out')
          expectSameBits(first.gradients.x, other.gradients.x, 'dx')
          expectSameBits(first.dkernel, other.dkernel, 'dkernel')
          if (first.gradients.bias && other.gradients.bias)
            expectSameBits(first.gradients.bias, other.gradients.bias, 'dbias')
        }
      }),
      checked,
    )
  })

  test('keep NaN local: an input that is NaN spoils only the outputs that see it', () => {
    const c: LocalCase = {
      options: { filters: 2, kernelSize: [2, 2], strides: [1, 1], padding: 'valid', dataFormat: 'channels_last' },
      inputShape: [4, 4, 1],
      batch: 1,
      useBias: true,
      seed: 3,
    }
    const { g, x, kernels, bias } = localInputs(c)
    x[0] = Number.NaN // the corner: only the place (0, 0) sees it
    for (const i of implementations) {
      const out = new Float32Array(g.outputSize)
      local2d[i].forward(out, x, kernels[i], bias, 1, g)
      const reached = Array.from(out, Number.isNaN)
      expect(reached.slice(0, 2)).toEqual([true, true])
      expect(reached.slice(2)).toEqual(new Array(g.outputSize - 2).fill(false))
    }
  })

  test('give masked and outside entries of the stored kernel the gradient +0', () => {
    fc.assert(
      fc.property(localCases, c => {
        for (const i of [1, 2] as const) {
          const { g, gradients, dkernel } = run(i, c)
          const back = new Float32Array(gradients.kernel.length)
          convertLocalKernel(back, i, dkernel, 3, g)
          expectSameBits(gradients.kernel, back, `dkernel of ${i}`)
        }
      }),
      checked,
    )
  })

  test('would be told apart by a single bit: a negative control', () => {
    const c: LocalCase = {
      options: { filters: 3, kernelSize: [2, 2], strides: [1, 1], padding: 'valid', dataFormat: 'channels_last' },
      inputShape: [3, 4, 2],
      batch: 2,
      useBias: true,
      seed: 1,
    }
    const { out } = run(1, c)
    const moved = out.slice()
    new Uint32Array(moved.buffer)[5] ^= 1
    expect(sameBits(out, moved)).toBe(false)
    expect(sameBits(Float32Array.of(0), Float32Array.of(-0))).toBe(false)
    expect(sameBits(Float32Array.of(Number.NaN), Float32Array.of(Number.NaN))).toBe(true)
  })
})

describe.each(implementations)('implementation %i', implementation => {
  /** ⟨A v, u⟩ and ⟨v, Aᵀ u⟩ for v the input and v the kernel, each relative to the sizes of A v, with the bias, and u. */
  function transposeErrors(r: ReturnType<typeof run>) {
    const { out, dout, x, weights, gradients, dkernel, bias, g } = r
    const linear = out.map((value, i) => value - (bias ? bias[i % g.outputSize] : 0))
    const forward = dot(linear, dout, out.length)
    const size =
      Math.sqrt((dot(linear, linear, out.length) + dot(out, out, out.length)) * dot(dout, dout, dout.length)) || 1
    return {
      x: Math.abs(dot(x, gradients.x, x.length) - forward) / size,
      kernel: Math.abs(dot(weights, dkernel, weights.length) - forward) / size,
    }
  }

  test('has a backward that is the transpose of its forward', () => {
    fc.assert(
      fc.property(localCases, c => {
        const errors = transposeErrors(run(implementation, c))
        expect(errors.x).toBeLessThan(1e-5)
        expect(errors.kernel).toBeLessThan(1e-5)
      }),
      checked,
    )
  })

  test('has a transpose whose single wrong number is noticed: a negative control', () => {
    const c: LocalCase = {
      options: { filters: 3, kernelSize: [2, 2], strides: [1, 1], padding: 'same', dataFormat: 'channels_first' },
      inputShape: [2, 4, 4],
      batch: 2,
      useBias: true,
      seed: 2,
    }
    const wrongInput = run(implementation, c)
    wrongInput.gradients.x[3] += 0.5
    expect(transposeErrors(wrongInput).x).toBeGreaterThan(1e-5)
    const wrongKernel = run(implementation, c)
    wrongKernel.dkernel[7] *= 1.5
    expect(transposeErrors(wrongKernel).kernel).toBeGreaterThan(1e-5)
  })

  test('sums the bias gradient over the batch', () => {
    fc.assert(
      fc.property(localCases, c => {
        const { gradients, dout, g } = run(implementation, c)
        if (!gradients.bias) return
        for (let j = 0; j < g.outputSize; j++) {
          let sum = 0
          for (let b = 0; b < c.batch; b++) sum = Math.fround(sum + dout[b * g.outputSize + j])
          expect(gradients.bias[j]).toBe(sum)
        }
      }),
      { ...checked, numRuns: runs(100) },
    )
  })

  test('with a window as large as the image is Dense', () => {
    const sizes = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(4), fc.nat(1e6))
    fc.assert(
      fc.property(sizes, ([h, w, ch, f, seed]) => {
        const [H, W, C, F, B] = [h + 1, w + 1, ch + 1, f + 1, 2]
        const g = localGeometry([null, H, W, C], {
          filters: F,
          kernelSize: [H, W],
          strides: [1, 1],
          padding: 'valid',
          dataFormat: 'channels_last',
        })
        const random = stream(seed)
        const [x, kernel, bias] = [B * g.inputSize, g.K * F, F].map(n => randomNumbers(n, random))
        const stored = new Float32Array(sizeOf(localKernelShape(g, implementation)))
        convertLocalKernel(stored, implementation, kernel, 1, g)
        const [ours, dense] = [new Float32Array(B * F), new Float32Array(B * F)]
        local2d[implementation].forward(ours, x, stored, bias, B, g)
        matmul.forward(dense, x, kernel, bias, B, g.K, F)
        expectSameBits(ours, dense)
      }),
      { numRuns: runs(100), seed: 1 },
    )
  })

  test('with a 1 x 1 window is a linear map of its own for each pixel', () => {
    const [H, W, C, F] = [3, 2, 4, 5]
    const g = localGeometry([null, H, W, C], {
      filters: F,
      kernelSize: [1, 1],
      strides: [1, 1],
      padding: 'valid',
      dataFormat: 'channels_last',
    })
    const random = stream('pixels')
    const [x, kernel, bias] = [H * W * C, H * W * C * F, H * W * F].map(n => randomNumbers(n, random))
    const stored = new Float32Array(sizeOf(localKernelShape(g, implementation)))
    convertLocalKernel(stored, implementation, kernel, 1, g)
    const out = new Float32Array(H * W * F)
    local2d[implementation].forward(out, x, stored, bias, 1, g)
    for (let p = 0; p < H * W; p++) {
      const pixel = new Float32Array(F)
      const own = [
        x.slice(p * C, (p + 1) * C),
        kernel.slice(p * C * F, (p + 1) * C * F),
        bias.slice(p * F, (p + 1) * F),
      ]
      matmul.forward(pixel, own[0], own[1], own[2], 1, C, F)
      expectSameBits(out.slice(p * F, (p + 1) * F), pixel)
    }
  })
})

describe('the loop', () => {
  test('gives the numbers of a case worked out by hand', () => {
    // One row of three pixels, a window of two, one filter: two places, each with a kernel of its own.
    const g = localGeometry([null, 1, 3, 1], {
      filters: 1,
      kernelSize: [1, 2],
      strides: [1, 1],
      padding: 'valid',
      dataFormat: 'channels_last',
    })
    const [x, kernel, bias] = [Float32Array.of(1, 2, 3), Float32Array.of(10, 20, 30, 40), Float32Array.of(5, 6)]
    const out = new Float32Array(2)
    loop.forward(out, x, kernel, bias, 1, g)
    expect([...out]).toEqual([5 + 10 + 40, 6 + 60 + 120])
    const gradients = { x: new Float32Array(3), kernel: new Float32Array(4), bias: new Float32Array(2) }
    loop.backward(gradients, Float32Array.of(1, -1), x, kernel, 1, g)
    expect([...gradients.x]).toEqual([10, 20 - 30, -40])
    expect([...gradients.kernel]).toEqual([1, 2, -2, -3])
    expect([...gradients.bias]).toEqual([1, -1])
  })

  test('leaves the input gradient alone where nobody asks for it', () => {
    const g = localGeometry([null, 1, 3, 1], {
      filters: 1,
      kernelSize: [1, 2],
      strides: [1, 1],
      padding: 'valid',
      dataFormat: 'channels_last',
    })
    for (const i of implementations) {
      const n = [4, 6, 4][i - 1]
      const gradients = { x: null, kernel: new Float32Array(n), bias: null }
      local2d[i].backward(gradients, Float32Array.of(1, 1), Float32Array.of(1, 2, 3), new Float32Array(n), 1, g)
      const dkernel = new Float32Array(4)
      convertLocalKernel(dkernel, 1, gradients.kernel, i, g)
      expect([...dkernel]).toEqual([1, 2, 2, 3])
    }
  })

  test('rounds each product to float32 before it is added', () => {
    const g = localGeometry([null, 1, 2, 1], {
      filters: 1,
      kernelSize: [1, 2],
      strides: [1, 1],
      padding: 'valid',
      dataFormat: 'channels_last',
    })
    const a = 1 + 2 ** -12 // a² = 1 + 2⁻¹¹ + 2⁻²⁴, which float32 rounds to 1 + 2⁻¹¹
    const out = new Float32Array(1)
    loop.forward(out, Float32Array.of(a, -1), Float32Array.of(a, 1 + 2 ** -11), null, 1, g)
    expect(out[0]).toBe(0)
  })
})
