// Locally connected windows along any number of axes, all inside the input. Each place has the number of its kernel: with
// a kernel for every place, the loop of local2d-loop.ts with the same bits; places with the same number share a kernel.

import type { LocalGradients } from './local2d-loop.ts'

const { fround } = Math

/** Which inputs, weights and outputs belong together. Offsets count elements of one sample. */
export interface LocalWindows {
  /** Places, elements of a patch, filters. */
  readonly P: number
  readonly K: number
  readonly F: number
  readonly inputSize: number
  readonly outputSize: number
  /** The offset of each place's window, and of each element of a patch within its window. */
  readonly starts: Int32Array // [P]
  readonly patch: Int32Array // [K]
  /** The number of each place's kernel and bias. */
  readonly kernelOf: Int32Array // [P]
  /** Memory strides of the output's places and filters, and of the bias's kernels and filters. */
  readonly outputPlace: number
  readonly outputFilter: number
  readonly biasKernel: number
  readonly biasFilter: number
}

/** out[b, p, f] = bias[n, f] + sum over k of x[b, patch element k of p] · kernel[n, k, f], where n = kernelOf[p] */
export function forward(
  out: Float32Array, // [B, outputSize]   written
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [kernels, K, F]
  bias: Float32Array | null, // [kernels, F], in the memory order of its strides
  B: number,
  g: LocalWindows,
): void {
  const { P, K, F, starts, patch, kernelOf, outputFilter } = g
  for (let b = 0; b < B; b++)
    for (let p = 0; p < P; p++) {
      const n = kernelOf[p]
      const y = b * g.outputSize + p * g.outputPlace // out[b, p, 0]
      for (let f = 0; f < F; f++) out[y + f * outputFilter] = bias ? bias[n * g.biasKernel + f * g.biasFilter] : 0
      for (let k = 0; k < K; k++) {
        const xi = x[b * g.inputSize + starts[p] + patch[k]]
        const w = (n * K + k) * F // kernel[n, k, 0]
        for (let f = 0; f < F; f++) out[y + f * outputFilter] += fround(xi * kernel[w + f])
      }
    }
}

/** The transpose of forward. dkernel and dbias are summed over the batch, then over the places, both ascending. */
export function backward(
  { x: dx, kernel: dkernel, bias: dbias }: LocalGradients, // written
  dout: Float32Array, // [B, outputSize]
  x: Float32Array, // [B, inputSize]
  kernel: Float32Array, // [kernels, K, F]
  B: number,
  g: LocalWindows,
): void {
  const { P, K, F, starts, patch, kernelOf, outputFilter } = g
  dkernel.fill(0)
  dbias?.fill(0)
  dx?.fill(0, 0, B * g.inputSize)
  for (let b = 0; b < B; b++)
    for (let p = 0; p < P; p++) {
      const n = kernelOf[p]
      const y = b * g.outputSize + p * g.outputPlace // dout[b, p, 0]
      if (dbias) for (let f = 0; f < F; f++) dbias[n * g.biasKernel + f * g.biasFilter] += dout[y + f * outputFilter]
      for (let k = 0; k < K; k++) {
        const i = b * g.inputSize + starts[p] + patch[k]
        const w = (n * K + k) * F // kernel[n, k, 0]
        let sum = 0 // over the filters of this place
        for (let f = 0; f < F; f++) {
          // forward: out[y + f] += x[i] · kernel[w + f]
          const dy = dout[y + f * outputFilter]
          dkernel[w + f] += fround(dy * x[i])
          sum = fround(sum + fround(dy * kernel[w + f]))
        }
        if (dx) dx[i] += sum
      }
    }
}

export const localWindows = { name: 'localWindows', forward, backward }
