// Locally connected layers as students write them: these are right. Each in a style of its own.

import { Tensor } from '../../lib/core/tensor.ts'
import type { CheckOptions, LayerSizes } from '../../lib/teaching/index.ts'

export interface Written {
  readonly name: string
  /** What the task asked for, where it was not everything. */
  readonly options?: CheckOptions
  readonly candidate: object
}

type Row = number[]
type Image = Row[][]
type Batch = Image[]

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const simple = { paddings: ['valid'], dataFormats: ['channels_last'] } as const

function* connectionsOf({ B, H, W, C, KH, KW, SH, SW, F, padding }: LayerSizes) {
  const [OH, top] = padding === 'same' ? [Math.ceil(H / SH), Math.floor(KH / 2)] : [Math.floor((H - KH + SH) / SH), 0]
  const [OW, left] = padding === 'same' ? [Math.ceil(W / SW), Math.floor(KW / 2)] : [Math.floor((W - KW + SW) / SW), 0]
  for (const [b, oh, ow, kh, kw, c, f] of product(B, OH, OW, KH, KW, C, F)) {
    const [h, w] = [oh * SH + kh - top, ow * SW + kw - left]
    if (h >= 0 && h < H && w >= 0 && w < W) yield { b, oh, ow, kh, kw, c, f, h, w }
  }
}

/** All indices below these sizes. */
const product = (...sizes: number[]) =>
  sizes.reduce<number[][]>((lists, size) => lists.flatMap(list => range(size).map(i => [...list, i])), [[]])

export const rightLayers: Written[] = [
  {
    name: 'six loops over nested arrays, both passes',
    options: simple,
    candidate: {
      forward(x: Batch, kernel: number[][][], bias: Image, { H, W, C, KH, KW, SH, SW, F }: LayerSizes) {
        const y: Batch = []
        for (const image of x) {
          const rows: Image = []
          for (let top = 0; top + KH <= H; top += SH) {
            const row: Row[] = []
            for (let left = 0; left + KW <= W; left += SW) {
              const place = rows.length * bias[0].length + row.length
              const cell: Row = []
              for (let f = 0; f < F; f++) {
                let sum = bias[rows.length][row.length][f]
                for (let i = 0; i < KH; i++)
                  for (let j = 0; j < KW; j++)
                    for (let c = 0; c < C; c++)
                      sum += image[top + i][left + j][c] * kernel[place][(i * KW + j) * C + c][f]
                cell.push(sum)
              }
              row.push(cell)
            }
            rows.push(row)
          }
          y.push(rows)
        }
        return y
      },
      backward(dy: Batch, x: Batch, kernel: number[][][], { KW, C, SH, SW, F }: LayerSizes) {
        const dx = x.map(image => image.map(row => row.map(pixel => pixel.map(() => 0))))
        const dkernel = kernel.map(patch => patch.map(weights => weights.map(() => 0)))
        const dbias = dy[0].map(row => row.map(cell => cell.map(() => 0)))
        dy.forEach((image, b) => {
          image.forEach((row, oh) => {
            row.forEach((cell, ow) => {
              const p = oh * row.length + ow
              for (let f = 0; f < F; f++) {
                dbias[oh][ow][f] += cell[f]
                kernel[p].forEach((weights, k) => {
                  const h = oh * SH + Math.floor(k / (KW * C))
                  const w = ow * SW + (Math.floor(k / C) % KW)
                  dkernel[p][k][f] += cell[f] * x[b][h][w][k % C]
                  dx[b][h][w][k % C] += cell[f] * weights[f]
                })
              }
            })
          })
        })
        return { dx, dkernel, dbias }
      },
    },
  },
  {
    name: 'everything the task can ask for, flat, by index arithmetic',
    options: { arrays: 'flat' },
    candidate: {
      forward(x: Float32Array, kernel: Float32Array, bias: Float32Array, sizes: LayerSizes) {
        const { B, H, W, C, KH, KW, SH, SW, F, padding, dataFormat } = sizes
        const same = padding === 'same'
        const first = dataFormat === 'channels_first'
        const OH = same ? Math.ceil(H / SH) : Math.floor((H - KH) / SH) + 1
        const OW = same ? Math.ceil(W / SW) : Math.floor((W - KW) / SW) + 1
        const top = same ? KH >> 1 : 0
        const left = same ? KW >> 1 : 0
        const y = new Float32Array(B * OH * OW * F)
        for (let n = 0; n < y.length; n++) {
          let rest = n
          const take = (size: number) => {
            const i = rest % size
            rest = (rest - i) / size
            return i
          }
          let f = 0
          if (!first) f = take(F)
          const ow = take(OW)
          const oh = take(OH)
          if (first) f = take(F)
          const b = rest
          let sum = bias[n - b * OH * OW * F]
          for (let k = 0; k < KH * KW * C; k++) {
            const c = first ? Math.floor(k / (KH * KW)) : k % C
            const tap = first ? k % (KH * KW) : Math.floor(k / C)
            const h = oh * SH - top + Math.floor(tap / KW)
            const w = ow * SW - left + (tap % KW)
            if (h < 0 || w < 0 || h >= H || w >= W) continue
            const i = first ? ((b * C + c) * H + h) * W + w : ((b * H + h) * W + w) * C + c
            sum += x[i] * kernel[((oh * OW + ow) * KH * KW * C + k) * F + f]
          }
          y[n] = sum
        }
        return y
      },
    },
  },
  {
    name: 'im2col, then one small product of matrices for each place; rounds to float32 after every step',
    options: simple,
    candidate: (x: Batch, kernel: number[][][], bias: Image, { KH, KW, SH, SW }: LayerSizes) => {
      const { fround } = Math
      const patchAt = (image: Image, oh: number, ow: number) =>
        image
          .slice(oh * SH, oh * SH + KH)
          .map(row => row.slice(ow * SW, ow * SW + KW))
          .flat(2)
      return x.map(image =>
        bias.map((row, oh) =>
          row.map((start, ow) => {
            const patch = patchAt(image, oh, ow)
            const matrix = kernel[oh * row.length + ow]
            return start.map((b, f) => fround(b + patch.reduce((s, v, k) => fround(s + fround(v * matrix[k][f])), 0)))
          }),
        ),
      )
    },
  },
  {
    name: 'a kernel with six indices, as in the formula; nothing but map',
    options: { ...simple, arrays: 'windows' },
    candidate: {
      forward: (x: Batch, kernel: number[][][][][][], bias: Image, { SH, SW }: LayerSizes) =>
        x.map(image =>
          kernel.map((places, oh) =>
            places.map((window, ow) =>
              bias[oh][ow].map((b, f) =>
                window
                  .flatMap((taps, kh) =>
                    taps.flatMap((ws, kw) => ws.map((w, c) => w[f] * image[oh * SH + kh][ow * SW + kw][c])),
                  )
                  .reduce((sum, term) => sum + term, b),
              ),
            ),
          ),
        ),
      backward(dy: Batch, x: Batch, kernel: number[][][][][][], { H, W, C, SH, SW }: LayerSizes) {
        const dx = x.map(() => range(H).map(() => range(W).map(() => new Array<number>(C).fill(0))))
        const dkernel = kernel.map((places, oh) =>
          places.map((window, ow) =>
            window.map((taps, kh) =>
              taps.map((channels, kw) =>
                channels.map((weights, c) =>
                  weights.map((weight, f) => {
                    let sum = 0
                    for (let b = 0; b < x.length; b++) {
                      sum += x[b][oh * SH + kh][ow * SW + kw][c] * dy[b][oh][ow][f]
                      dx[b][oh * SH + kh][ow * SW + kw][c] += weight * dy[b][oh][ow][f]
                    }
                    return sum
                  }),
                ),
              ),
            ),
          ),
        )
        const dbias = dy.reduce((a, b) => a.map((row, i) => row.map((cell, j) => cell.map((v, f) => v + b[i][j][f]))))
        return { dx, dkernel, dbias }
      },
    },
  },
  {
    name: 'six indices, both paddings, both formats, both passes',
    options: { arrays: 'windows' },
    candidate: {
      forward(x: Batch, kernel: number[][][][][][], bias: Image, sizes: LayerSizes) {
        const isFirst = sizes.dataFormat === 'channels_first'
        const y = x.map(() => bias.map(rows => rows.map(row => [...row])))
        for (const { b, oh, ow, kh, kw, c, f, h, w } of connectionsOf(sizes)) {
          const product = (isFirst ? x[b][c][h][w] : x[b][h][w][c]) * kernel[oh][ow][kh][kw][c][f]
          if (isFirst) y[b][f][oh][ow] += product
          else y[b][oh][ow][f] += product
        }
        return y
      },
      backward(dy: Batch, x: Batch, kernel: number[][][][][][], sizes: LayerSizes) {
        const isFirst = sizes.dataFormat === 'channels_first'
        const dx: Batch = JSON.parse(JSON.stringify(x), (_, value) => (typeof value === 'number' ? 0 : value))
        const dkernel: typeof kernel = JSON.parse(JSON.stringify(kernel), (_, v) => (typeof v === 'number' ? 0 : v))
        for (const { b, oh, ow, kh, kw, c, f, h, w } of connectionsOf(sizes)) {
          const d = isFirst ? dy[b][f][oh][ow] : dy[b][oh][ow][f]
          const pixels = isFirst ? dx[b][c][h] : dx[b][h][w]
          pixels[isFirst ? w : c] += d * kernel[oh][ow][kh][kw][c][f]
          dkernel[oh][ow][kh][kw][c][f] += d * (isFirst ? x[b][c][h][w] : x[b][h][w][c])
        }
        const dbias = dy.reduce((a, b) => a.map((rows, i) => rows.map((row, j) => row.map((v, k) => v + b[i][j][k]))))
        return { dx, dkernel, dbias }
      },
    },
  },
  {
    name: 'pads the image first; in double precision',
    options: { arrays: 'flat', dtype: 'float64', dataFormats: ['channels_last'] },
    candidate: {
      forward(x: Float64Array, kernel: Float64Array, bias: Float64Array, sizes: LayerSizes) {
        const { B, H, W, C, KH, KW, SH, SW, F, padding } = sizes
        let [image, h, w, oh, ow] = [x, H, W, Math.floor((H - KH) / SH) + 1, Math.floor((W - KW) / SW) + 1]
        if (padding === 'same') {
          ;[oh, ow, h, w] = [Math.ceil(H / SH), Math.ceil(W / SW), H + 2 * KH, W + 2 * KW]
          image = new Float64Array(B * h * w * C)
          for (let b = 0; b < B; b++)
            for (let r = 0; r < H; r++) {
              const from = (b * H + r) * W * C
              image.set(x.subarray(from, from + W * C), ((b * h + r + Math.floor(KH / 2)) * w + Math.floor(KW / 2)) * C)
            }
        }
        const y = new Float64Array(B * oh * ow * F)
        let at = 0
        for (let b = 0; b < B; b++)
          for (let p = 0; p < oh * ow; p++)
            for (let f = 0; f < F; f++) {
              // backwards, for a change
              for (let k = KH * KW * C - 1; k >= 0; k--) {
                const row = Math.floor(p / ow) * SH + Math.floor(k / (KW * C))
                const start = ((b * h + row) * w + (p % ow) * SW) * C
                y[at] += image[start + (k % (KW * C))] * kernel[(p * KH * KW * C + k) * F + f]
              }
              y[at] += bias[p * F + f]
              at++
            }
        return y
      },
    },
  },
  {
    name: 'a class with tensors, which remembers nothing',
    options: { ...simple, arrays: 'tensor' },
    candidate: new (class {
      forward(x: Tensor, kernel: Tensor, bias: Tensor, { B, H, W, C, KW, SH, SW }: LayerSizes) {
        const [OH, OW, F] = bias.shape
        const y = Tensor.zeros([B, OH, OW, F])
        const K = kernel.shape[1]
        for (let b = 0; b < B; b++)
          for (let p = 0; p < OH * OW; p++)
            for (let k = 0; k < K; k++) {
              const h = Math.trunc(p / OW) * SH + Math.trunc(k / C / KW)
              const w = (p % OW) * SW + (Math.trunc(k / C) % KW)
              for (let f = 0; f < F; f++)
                y.data[(b * OH * OW + p) * F + f] +=
                  x.data[((b * H + h) * W + w) * C + (k % C)] * kernel.data[(p * K + k) * F + f]
            }
        for (let b = 0; b < B; b++) for (let i = 0; i < bias.size; i++) y.data[b * bias.size + i] += bias.data[i]
        return y
      }
    })(),
  },
]
