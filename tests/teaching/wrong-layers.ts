// Locally connected layers as students write them: each has the fault that `faults` names.

import type { Tensor } from '../../lib/core/tensor.ts'
import type { CheckOptions, LayerSizes } from '../../lib/teaching/index.ts'
import type { Written } from './right-layers.ts'

type Row = number[]
type Image = Row[][]
type Batch = Image[]
type Kernel = number[][][]

interface Wrong extends Written {
  /** The names of all faults that the check must find, and no others. */
  readonly faults: readonly string[]
}

const simple: CheckOptions = { paddings: ['valid'], dataFormats: ['channels_last'] }

/** A right forward pass on flat arrays, for those whose fault is in backward. */
function flatForward(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
  const { B, H, W, C, KH, KW, SH, SW, F } = s
  const OH = Math.floor((H - KH) / SH) + 1
  const OW = Math.floor((W - KW) / SW) + 1
  const y = new Float32Array(B * OH * OW * F)
  for (let b = 0, n = 0; b < B; b++)
    for (let oh = 0; oh < OH; oh++)
      for (let ow = 0; ow < OW; ow++)
        for (let f = 0; f < F; f++, n++) {
          y[n] = bias[(oh * OW + ow) * F + f]
          for (let kh = 0; kh < KH; kh++)
            for (let kw = 0; kw < KW; kw++)
              for (let c = 0; c < C; c++)
                y[n] +=
                  x[((b * H + oh * SH + kh) * W + ow * SW + kw) * C + c] *
                  kernel[((((oh * OW + ow) * KH + kh) * KW + kw) * C + c) * F + f]
        }
  return y
}

/** A backward pass on flat arrays, with holes for faults. */
function flatBackward(
  visit: (
    add: { dx: Float32Array; dkernel: Float32Array; dbias: Float32Array },
    at: { i: number; w: number; o: number; y: number; first: boolean },
    values: { dy: number; x: number; kernel: number },
    sizes: LayerSizes & { OH: number; OW: number },
  ) => void,
  finish: (
    gradients: { dx: Float32Array; dkernel: Float32Array; dbias: Float32Array },
    sizes: LayerSizes & { OH: number; OW: number },
  ) => void = () => {},
) {
  return (dy: Float32Array, x: Float32Array, kernel: Float32Array, s: LayerSizes) => {
    const { B, H, W, C, KH, KW, SH, SW, F } = s
    const OH = Math.floor((H - KH) / SH) + 1
    const OW = Math.floor((W - KW) / SW) + 1
    const add = {
      dx: new Float32Array(x.length),
      dkernel: new Float32Array(kernel.length),
      dbias: new Float32Array(OH * OW * F),
    }
    for (let b = 0; b < B; b++)
      for (let oh = 0; oh < OH; oh++)
        for (let ow = 0; ow < OW; ow++)
          for (let f = 0; f < F; f++)
            for (let k = 0; k < KH * KW * C; k++) {
              const h = oh * SH + Math.floor(k / (KW * C))
              const i = ((b * H + h) * W + ow * SW) * C + (k % (KW * C))
              const o = (oh * OW + ow) * F + f
              const w = ((oh * OW + ow) * KH * KW * C + k) * F + f
              const n = b * OH * OW * F + o
              const at = { i, w, o, y: n, first: k === 0 }
              visit(add, at, { dy: dy[n], x: x[i], kernel: kernel[w] }, { ...s, OH, OW })
            }
    finish(add, { ...s, OH, OW })
    return add
  }
}

const flat: CheckOptions = { ...simple, arrays: 'flat' }

export const wrongLayers: Wrong[] = [
  {
    name: 'one kernel for all places: a convolution, with nested loops',
    faults: ['sharedWeights'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KH, KW, C, SH, SW, F }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((start, ow) => {
            const sum = [...start]
            for (let kh = 0; kh < KH; kh++)
              for (let kw = 0; kw < KW; kw++)
                for (let c = 0; c < C; c++)
                  for (let f = 0; f < F; f++)
                    sum[f] += image[oh * SH + kh][ow * SW + kw][c] * kernel[0][(kh * KW + kw) * C + c][f]
            return sum
          }),
        ),
      ),
  },
  {
    name: 'takes the patch channel by channel, in a channels-last image',
    faults: ['patchOrder'],
    options: simple,
    candidate(x: Batch, kernel: Kernel, bias: Image, { KH, KW, C, SH, SW }: LayerSizes) {
      const patch = (image: Image, top: number, left: number) => {
        const column: number[] = []
        for (let c = 0; c < C; c++)
          for (let i = 0; i < KH; i++) for (let j = 0; j < KW; j++) column.push(image[top + i][left + j][c])
        return column
      }
      return x.map(image =>
        bias.map((row, r) =>
          row.map((cell, q) => {
            const column = patch(image, r * SH, q * SW)
            return cell.map((b, f) => column.reduce((sum, v, k) => sum + v * kernel[r * row.length + q][k][f], b))
          }),
        ),
      )
    },
    // as `this` is not used, a function is a layer too
  },
  {
    name: 'takes the strides the wrong way round, and its own output size from them',
    faults: ['swappedStrides'],
    options: flat,
    candidate: {
      forward(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
        const { B, H, W, C, KH, KW, F } = s
        const [sx, sy] = [s.SH, s.SW]
        const rows = Math.floor((H - KH) / sy) + 1
        const cols = Math.floor((W - KW) / sx) + 1
        const out = new Float32Array(B * rows * cols * F)
        for (let b = 0; b < B; b++)
          for (let r = 0; r < rows; r++)
            for (let q = 0; q < cols; q++)
              for (let f = 0; f < F; f++) {
                const place = r * cols + q
                let acc = bias[place * F + f]
                for (let i = 0; i < KH; i++)
                  for (let j = 0; j < KW * C; j++)
                    acc +=
                      x[((b * H + r * sy + i) * W + q * sx) * C + j] *
                      kernel[(place * KH * KW * C + i * KW * C + j) * F + f]
                out[(b * rows * cols + place) * F + f] = acc
              }
        return out
      },
    },
  },
  {
    name: 'strides swapped where it reads only; the size is that of the bias',
    faults: ['swappedStrides'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) =>
            cell.map((b, f) =>
              kernel[oh * row.length + ow].reduce((sum, w, k) => {
                const y = oh * SW + Math.floor(k / C / KW)
                const x = ow * SH + (Math.floor(k / C) % KW)
                return sum + w[f] * image[y][x][k % C]
              }, b),
            ),
          ),
        ),
      ),
  },
  {
    name: 'a window of KW rows and KH columns',
    faults: ['swappedKernelSize'],
    options: { ...simple, arrays: 'tensor' },
    candidate: {
      forward(x: Tensor, kernel: Tensor, bias: Tensor, { B, H, W, C, KH, KW, SH, SW, F }: LayerSizes) {
        const y = bias.shape[0] * bias.shape[1] * F
        const out = new Float32Array(B * y)
        for (let b = 0; b < B; b++)
          for (let oh = 0; oh < bias.shape[0]; oh++)
            for (let ow = 0; ow < bias.shape[1]; ow++)
              for (let f = 0; f < F; f++) {
                const p = oh * bias.shape[1] + ow
                let v = bias.data[p * F + f]
                for (let kw = 0; kw < KH; kw++)
                  for (let kh = 0; kh < KW; kh++)
                    for (let c = 0; c < C; c++)
                      v +=
                        x.data[b * H * W * C + (oh * SH + kh) * W * C + (ow * SW + kw) * C + c] *
                        kernel.data[p * KH * KW * C * F + (kh * KH + kw) * C * F + c * F + f]
                out[b * y + p * F + f] = v
              }
        return out
      },
    },
  },
  {
    name: "padding 'same' centred, as TensorFlow's convolutions have it",
    faults: ['convolutionPadding'],
    options: { dataFormats: ['channels_last'] },
    candidate(x: Batch, kernel: Kernel, bias: Image, s: LayerSizes) {
      const { H, W, C, KH, KW, SH, SW, F } = s
      const [OH, OW] = [bias.length, bias[0].length]
      const before = (size: number, out: number, k: number, stride: number) =>
        s.padding === 'same' ? Math.floor(Math.max((out - 1) * stride + k - size, 0) / 2) : 0
      const top = before(H, OH, KH, SH)
      const left = before(W, OW, KW, SW)
      return x.map(image => {
        const y: Image = []
        for (let oh = 0; oh < OH; oh++) {
          y.push([])
          for (let ow = 0; ow < OW; ow++) {
            y[oh].push([])
            for (let f = 0; f < F; f++) {
              let sum = bias[oh][ow][f]
              for (let kh = 0; kh < KH; kh++)
                for (let kw = 0; kw < KW; kw++) {
                  const pixel = image[oh * SH + kh - top]?.[ow * SW + kw - left]
                  if (pixel)
                    for (let c = 0; c < C; c++) sum += pixel[c] * kernel[oh * OW + ow][(kh * KW + kw) * C + c][f]
                }
              y[oh][ow].push(sum)
            }
          }
        }
        return y
      })
    },
  },
  {
    name: 'one bias for each filter, the same everywhere',
    faults: ['sharedBias'],
    options: flat,
    candidate: {
      forward(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
        const y = flatForward(x, kernel, new Float32Array(bias.length), s)
        return y.map((v, n) => v + bias[n % s.F])
      },
    },
  },
  {
    name: 'counts the places column by column',
    faults: ['placeOrder'],
    options: simple,
    candidate(x: Batch, kernel: Kernel, bias: Image, { KH, KW, C, SH, SW, F }: LayerSizes) {
      const y: Batch = x.map(() => bias.map(row => row.map(cell => [...cell])))
      let place = 0
      for (let ow = 0; ow < bias[0].length; ow++)
        for (let oh = 0; oh < bias.length; oh++, place++)
          for (let b = 0; b < x.length; b++)
            for (let f = 0; f < F; f++)
              for (let kh = 0, k = 0; kh < KH; kh++)
                for (let kw = 0; kw < KW; kw++)
                  for (let c = 0; c < C; c++, k++)
                    y[b][oh][ow][f] += x[b][oh * SH + kh][ow * SW + kw][c] * kernel[place][k][f]
      return y
    },
  },
  {
    name: 'turns the kernel, as mathematicians convolve',
    faults: ['flippedKernel'],
    options: { ...simple, arrays: 'windows' },
    candidate: (x: Batch, kernel: number[][][][][][], bias: Image, { KH, KW, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) =>
            cell.map((b, f) => {
              let sum = b
              for (let i = 0; i < KH; i++)
                for (let j = 0; j < KW; j++)
                  image[oh * SH + i][ow * SW + j].forEach((v, c) => {
                    sum += v * kernel[oh][ow][KH - 1 - i][KW - 1 - j][c][f]
                  })
              return sum
            }),
          ),
        ),
      ),
  },
  {
    name: 'forgets the bias',
    faults: ['noBias'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) =>
      flatForward(
        x,
        kernel,
        bias.map(() => 0),
        s,
      ),
  },
  {
    name: 'rounds the number of places up',
    faults: ['outputSize'],
    options: simple,
    candidate(x: Batch, kernel: Kernel, bias: Image, { H, W, C, KH, KW, SH, SW, F }: LayerSizes) {
      const OH = Math.ceil((H - KH) / SH) + 1
      const OW = Math.ceil((W - KW) / SW) + 1
      const y: Batch = []
      for (let b = 0; b < x.length; b++) {
        y[b] = []
        for (let oh = 0; oh < OH; oh++) {
          y[b][oh] = []
          for (let ow = 0; ow < OW; ow++) {
            y[b][oh][ow] = new Array(F).fill(0)
            for (let f = 0; f < F; f++) {
              y[b][oh][ow][f] = bias[oh]?.[ow]?.[f] ?? 0
              for (let kh = 0; kh < KH; kh++)
                for (let kw = 0; kw < KW; kw++)
                  for (let c = 0; c < C; c++)
                    y[b][oh][ow][f] +=
                      (x[b][oh * SH + kh]?.[ow * SW + kw]?.[c] ?? 0) *
                      (kernel[oh * OW + ow]?.[(kh * KW + kw) * C + c]?.[f] ?? 0)
            }
          }
        }
      }
      return y
    },
  },
  {
    name: 'forgets the place at the end: no + 1',
    faults: ['outputSize'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { H, W, C, KH, KW, SH, SW, F }: LayerSizes) => {
      const [OH, OW] = [Math.floor((H - KH) / SH), Math.floor((W - KW) / SW)]
      const to = (n: number) => [...new Array(Math.max(n, 0)).keys()]
      return x.map(image =>
        to(OH).map(oh =>
          to(OW).map(ow =>
            to(F).map(f => {
              let sum = bias[oh][ow][f]
              for (const i of to(KH))
                for (const j of to(KW))
                  for (const c of to(C))
                    sum += image[oh * SH + i][ow * SW + j][c] * kernel[oh * OW + ow][(i * KW + j) * C + c][f]
              return sum
            }),
          ),
        ),
      )
    },
  },
  {
    name: 'steps by one pixel, whatever the strides',
    faults: ['ignoredStrides'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KH, KW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) => {
            const patch = image.slice(oh, oh + KH).flatMap(r => r.slice(ow, ow + KW).flat())
            return cell.map((b, f) => patch.reduce((s, v, k) => s + v * kernel[oh * row.length + ow][k][f], b))
          }),
        ),
      ),
  },
  {
    name: 'each filter looks at one channel only',
    faults: ['depthwise'],
    options: { ...simple, arrays: 'windows' },
    candidate: (x: Batch, kernel: number[][][][][][], bias: Image, { C, SH, SW }: LayerSizes) =>
      x.map(image =>
        kernel.map((places, oh) =>
          places.map((window, ow) =>
            bias[oh][ow].map((b, f) => {
              const c = f % C
              let sum = b
              window.forEach((taps, kh) => {
                taps.forEach((weights, kw) => {
                  sum += weights[c][f] * image[oh * SH + kh][ow * SW + kw][c]
                })
              })
              return sum
            }),
          ),
        ),
      ),
  },
  {
    name: 'where windows overlap, the last one wins',
    faults: ['assignsDx'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward(dy: Float32Array, x: Float32Array, kernel: Float32Array, s: LayerSizes) {
        const { B, H, W, C, KH, KW, SH, SW, F } = s
        const OH = Math.floor((H - KH) / SH) + 1
        const OW = Math.floor((W - KW) / SW) + 1
        const right = flatBackward((add, at, v) => {
          add.dkernel[at.w] += v.dy * v.x
          if (at.first) add.dbias[at.o] += v.dy
        })(dy, x, kernel, s)
        for (let b = 0; b < B; b++)
          for (let p = 0; p < OH * OW; p++)
            for (let k = 0; k < KH * KW * C; k++) {
              const h = Math.floor(p / OW) * SH + Math.floor(k / (KW * C))
              let sum = 0
              for (let f = 0; f < F; f++) sum += dy[(b * OH * OW + p) * F + f] * kernel[(p * KH * KW * C + k) * F + f]
              right.dx[((b * H + h) * W + (p % OW) * SW) * C + (k % (KW * C))] = sum
            }
        return right
      },
    },
  },
  {
    name: 'divides the gradient of the bias by the size of the batch',
    faults: ['averagedOverBatch'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v, { B }) => {
        add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] += v.dy * v.x
        if (at.first) add.dbias[at.o] += v.dy / B
      }),
    },
  },
  {
    name: 'gives all places the sum of their bias gradients',
    faults: ['sharedBias'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward(
        (add, at, v) => {
          add.dx[at.i] += v.dy * v.kernel
          add.dkernel[at.w] += v.dy * v.x
          if (at.first) add.dbias[at.o] += v.dy
        },
        ({ dbias }, { F }) => {
          const total = new Array(F).fill(0)
          dbias.forEach((v, i) => {
            total[i % F] += v
          })
          dbias.forEach((_, i) => {
            dbias[i] = total[i % F]
          })
        },
      ),
    },
  },
  {
    name: 'divides the gradient of the kernel by the size of the batch',
    faults: ['averagedOverBatch'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v, { B }) => {
        add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] += (v.dy * v.x) / B
        if (at.first) add.dbias[at.o] += v.dy
      }),
    },
  },
  {
    name: 'keeps the kernel gradient of the last sample',
    faults: ['oneSample'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v) => {
        add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] = v.dy * v.x
        if (at.first) add.dbias[at.o] += v.dy
      }),
    },
  },
  {
    name: 'multiplies by the kernel where it should by its transpose',
    faults: ['notTransposed'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward(dy: Float32Array, x: Float32Array, kernel: Float32Array, s: LayerSizes) {
        const K = s.KH * s.KW * s.C
        return flatBackward((add, at, v, { F }) => {
          const p = Math.floor(at.w / (K * F))
          const k = Math.floor(at.w / F) % K
          const f = at.w % F
          add.dx[at.i] += v.dy * kernel[(p * F + f) * K + k]
          add.dkernel[at.w] += v.dy * v.x
          if (at.first) add.dbias[at.o] += v.dy
        })(dy, x, kernel, s)
      },
    },
  },
  {
    name: 'has no place of its own for the first sum: not a number',
    faults: ['notANumber'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) => {
            const sums: number[] = []
            cell.forEach((b, f) => {
              kernel[oh * row.length + ow].forEach((w, k) => {
                sums[f] += w[f] * image[oh * SH + Math.floor(k / C / KW)][ow * SW + (Math.floor(k / C) % KW)][k % C]
              })
              sums[f] += b
            })
            return sums
          }),
        ),
      ),
  },
  {
    name: 'adds into the bias that it was given',
    faults: ['changesInput', 'batchMixed'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW, F }: LayerSizes) =>
      x.map(image => {
        const y = bias
        y.forEach((row, oh) => {
          row.forEach((cell, ow) => {
            kernel[oh * row.length + ow].forEach((w, k) => {
              const value = image[oh * SH + Math.floor(k / C / KW)][ow * SW + (Math.floor(k / C) % KW)][k % C]
              for (let f = 0; f < F; f++) cell[f] += w[f] * value
            })
          })
        })
        return JSON.parse(JSON.stringify(y))
      }),
  },
  {
    name: 'never sets its sum back to zero from one sample to the next',
    faults: ['batchMixed'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) => {
      const y = flatForward(x, kernel, bias, s)
      const size = y.length / s.B
      for (let n = size; n < y.length; n++) y[n] += y[n - size]
      return y
    },
  },
  {
    name: 'reads the first sample for the whole batch',
    faults: ['batchMixed'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KH, KW, SH, SW }: LayerSizes) =>
      x.map(() =>
        bias.map((row, oh) =>
          row.map((cell, ow) => {
            const patch = x[0].slice(oh * SH, oh * SH + KH).flatMap(r => r.slice(ow * SW, ow * SW + KW).flat())
            return cell.map((b, f) => patch.reduce((s, v, k) => s + v * kernel[oh * row.length + ow][k][f], b))
          }),
        ),
      ),
  },
  {
    name: 'knows one sample only, and returns it without a batch',
    faults: ['wrongShape'],
    options: simple,
    candidate: ([image]: Batch, kernel: Kernel, bias: Image, { KH, KW, SH, SW }: LayerSizes) =>
      bias.map((row, oh) =>
        row.map((cell, ow) => {
          const patch = image.slice(oh * SH, oh * SH + KH).flatMap(r => r.slice(ow * SW, ow * SW + KW).flat())
          return cell.map((b, f) => patch.reduce((s, v, k) => s + v * kernel[oh * row.length + ow][k][f], b))
        }),
      ),
  },
  {
    name: 'returns nothing',
    faults: ['wrongType'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) => {
      flatForward(x, kernel, bias, s)
    },
  },
  {
    name: 'throws where the strides are not equal',
    faults: ['throws'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) => {
      if (s.SH !== s.SW) throw new Error('strides must be equal')
      return flatForward(x, kernel, bias, s)
    },
  },
  {
    name: 'a valid, channels-last layer, where all was asked for',
    faults: ['ignoredPadding', 'ignoredDataFormat'],
    options: { arrays: 'flat' },
    candidate: flatForward,
  },
  {
    name: 'the same with nested arrays, which throws where it reads beside the image',
    faults: ['ignoredPadding', 'ignoredDataFormat'],
    options: {},
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) =>
            cell.map((b, f) =>
              kernel[oh * row.length + ow].reduce((sum, w, k) => {
                const [h, v] = [oh * SH + Math.floor(k / C / KW), ow * SW + (Math.floor(k / C) % KW)]
                return sum + w[f] * image[h][v][k % C]
              }, b),
            ),
          ),
        ),
      ),
  },
  {
    name: 'three faults at once: swaps its strides, shares its weights, forgets the bias',
    faults: ['swappedStrides', 'sharedWeights', 'noBias'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((cell, ow) =>
            cell.map((_, f) =>
              kernel[0].reduce((sum, w, k) => {
                const [h, v] = [oh * SW + Math.floor(k / C / KW), ow * SH + (Math.floor(k / C) % KW)]
                return sum + w[f] * (image[h]?.[v]?.[k % C] ?? 0)
              }, 0),
            ),
          ),
        ),
      ),
  },
  {
    name: 'two faults at once: shares its weights, and has one bias',
    faults: ['sharedWeights', 'sharedBias'],
    options: simple,
    candidate: (x: Batch, kernel: Kernel, bias: Image, { KH, KW, SH, SW }: LayerSizes) =>
      x.map(image =>
        bias.map((row, oh) =>
          row.map((_, ow) => {
            const patch = image.slice(oh * SH, oh * SH + KH).flatMap(r => r.slice(ow * SW, ow * SW + KW).flat())
            return bias[0][0].map((b, f) => patch.reduce((s, v, k) => s + v * kernel[0][k][f], b))
          }),
        ),
      ),
  },
  {
    name: 'two faults at once: swaps its strides, and pads as a convolution does',
    faults: ['swappedStrides', 'convolutionPadding'],
    options: { arrays: 'flat', dataFormats: ['channels_last'] },
    candidate(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
      const { B, H, W, C, KH, KW, SH, SW, F, padding } = s
      const OH = padding === 'same' ? Math.ceil(H / SH) : 1 + Math.floor((H - KH) / SH)
      const OW = padding === 'same' ? Math.ceil(W / SW) : 1 + Math.floor((W - KW) / SW)
      const pad = (size: number, n: number, k: number, stride: number) =>
        padding === 'same' ? Math.max((n - 1) * stride + k - size, 0) >> 1 : 0
      const [top, left] = [pad(H, OH, KH, SH), pad(W, OW, KW, SW)]
      const y = new Float32Array(B * OH * OW * F)
      for (let n = 0; n < y.length; n++) {
        const [f, ow, oh, b] = [n % F, Math.floor(n / F) % OW, Math.floor(n / F / OW) % OH, Math.floor(n / F / OW / OH)]
        y[n] = bias[n % (OH * OW * F)]
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            const [h, w] = [oh * SW + kh - top, ow * SH + kw - left]
            if (h < 0 || h >= H || w < 0 || w >= W) continue
            for (let c = 0; c < C; c++)
              y[n] +=
                x[((b * H + h) * W + w) * C + c] *
                kernel[((n % (OH * OW * F)) - f) * KH * KW * C + ((kh * KW + kw) * C + c) * F + f]
          }
      }
      return y
    },
  },
  {
    name: 'a fault nobody has a name for: squares one pixel in the corner',
    faults: ['other'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) => {
      const odd = x.slice()
      odd[0] *= odd[0]
      return flatForward(odd, kernel, bias, s)
    },
  },
  {
    name: 'adds to the gradients of the call before',
    faults: ['remembersCalls'],
    options: flat,
    candidate: (() => {
      const kept = new Map<number, Float32Array>()
      const backward = flatBackward((add, at, v) => {
        add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] += v.dy * v.x
        if (at.first) add.dbias[at.o] += v.dy
      })
      return {
        forward: flatForward,
        backward(dy: Float32Array, x: Float32Array, kernel: Float32Array, s: LayerSizes) {
          const { dx, dkernel, dbias } = backward(dy, x, kernel, s)
          const sum = kept.get(dkernel.length) ?? new Float32Array(dkernel.length)
          dkernel.forEach((v, i) => {
            sum[i] += v
          })
          kept.set(dkernel.length, sum)
          return { dx, dkernel: sum, dbias }
        },
      }
    })(),
  },
  {
    name: 'rounds to whole numbers',
    faults: ['inexact'],
    options: flat,
    candidate: (x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) =>
      flatForward(x, kernel, bias, s).map(v => Math.round(v * 1024) / 1024),
  },
  {
    name: 'leaves out the last row of the output, which keeps its bias',
    faults: ['missingPlaces'],
    options: simple,
    candidate(x: Batch, kernel: Kernel, bias: Image, { KW, C, SH, SW, F }: LayerSizes) {
      const y: Batch = x.map(() => JSON.parse(JSON.stringify(bias)))
      for (let b = 0; b < x.length; b++)
        for (let oh = 0; oh < bias.length - 1; oh++)
          for (let ow = 0; ow < bias[0].length; ow++)
            kernel[oh * bias[0].length + ow].forEach((w, k) => {
              const value = x[b][oh * SH + Math.floor(k / C / KW)][ow * SW + (Math.floor(k / C) % KW)][k % C]
              for (let f = 0; f < F; f++) y[b][oh][ow][f] += w[f] * value
            })
      return y
    },
  },
  {
    name: 'checks the rows of its windows only: columns go on in the next row',
    faults: ['noBoundsCheck'],
    options: { arrays: 'flat', dataFormats: ['channels_last'] },
    candidate(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
      const { B, H, W, C, KH, KW, SH, SW, F, padding } = s
      const isSame = padding === 'same'
      const OH = isSame ? Math.ceil(H / SH) : Math.floor((H - KH) / SH) + 1
      const OW = isSame ? Math.ceil(W / SW) : Math.floor((W - KW) / SW) + 1
      const [top, left] = isSame ? [KH >> 1, KW >> 1] : [0, 0]
      const y = new Float32Array(B * OH * OW * F)
      for (let n = 0; n < y.length; n++) {
        const [f, ow, oh, b] = [n % F, Math.floor(n / F) % OW, Math.floor(n / F / OW) % OH, Math.floor(n / F / OW / OH)]
        y[n] = bias[n % bias.length]
        for (let k = 0; k < KH * KW * C; k++) {
          const h = oh * SH - top + Math.floor(k / C / KW)
          if (h < 0 || h >= H) continue
          const w = ow * SW - left + (Math.floor(k / C) % KW)
          const value = x[((b * H + h) * W + w) * C + (k % C)] ?? 0
          y[n] += value * kernel[((oh * OW + ow) * KH * KW * C + k) * F + f]
        }
      }
      return y
    },
  },
  {
    name: 'keeps the last filter of each place in dx',
    faults: ['oneFilter'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v, { F }) => {
        if (at.w % F === F - 1) add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] += v.dy * v.x
        if (at.first) add.dbias[at.o] += v.dy
      }),
    },
  },
  {
    name: 'adds dx of all samples to the first',
    faults: ['batchMixed'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v, { H, W, C }) => {
        add.dx[at.i % (H * W * C)] += v.dy * v.kernel
        add.dkernel[at.w] += v.dy * v.x
        if (at.first) add.dbias[at.o] += v.dy
      }),
    },
  },
  {
    name: 'multiplies by the kernel in the gradient of the kernel',
    faults: ['ownFactor'],
    options: flat,
    candidate: {
      forward: flatForward,
      backward: flatBackward((add, at, v) => {
        add.dx[at.i] += v.dy * v.kernel
        add.dkernel[at.w] += v.dy * v.kernel
        if (at.first) add.dbias[at.o] += v.dy
      }),
    },
  },
  {
    name: 'adds the 1 of the first window before it divides by the stride',
    faults: ['outputSize'],
    options: flat,
    candidate(x: Float32Array, kernel: Float32Array, bias: Float32Array, s: LayerSizes) {
      const { B, H, W, C, KH, KW, SH, SW, F } = s
      const [OH, OW] = [Math.floor((H - KH + 1) / SH), Math.floor((W - KW + 1) / SW)]
      const y = new Float32Array(B * OH * OW * F)
      for (let n = 0; n < y.length; n++) {
        const [f, p, b] = [n % F, Math.floor(n / F) % (OH * OW), Math.floor(n / F / OW / OH)]
        y[n] = bias[p * F + f]
        for (let k = 0; k < KH * KW * C; k++) {
          const h = Math.floor(p / OW) * SH + Math.floor(k / C / KW)
          const i = ((b * H + h) * W + (p % OW) * SW) * C + (k % (KW * C))
          y[n] += x[i] * kernel[(p * KH * KW * C + k) * F + f]
        }
      }
      return y
    },
  },
]
