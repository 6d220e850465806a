// Which inputs feed which output: options and an input shape become all the sizes that the kernels need,
// checked once. No other place works out an output length, a padding or a receptive field.
//
// The alphabet of the whole project: B batch; H W C rows, columns, channels of the input; KH KW window;
// SH SW strides; OH OW F rows, columns, filters of the output; p = oh·OW + ow an output place;
// k an element of the patch that a place sees, in the input's memory order.

import { type BatchShape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'

export type Padding = 'valid' | 'same'
export type DataFormat = 'channels_last' | 'channels_first'

export interface WindowOptions {
  readonly filters: number
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

/** All sizes of one layer. Offsets and strides count numbers within one sample. */
export interface Geometry {
  readonly H: number
  readonly W: number
  readonly C: number
  readonly KH: number
  readonly KW: number
  readonly SH: number
  readonly SW: number
  readonly OH: number
  readonly OW: number
  readonly F: number
  /** Output places, OH·OW. */
  readonly P: number
  /** Numbers in a patch, KH·KW·C. */
  readonly K: number
  /** Rows above and columns left of the image that the first window reaches. */
  readonly top: number
  readonly left: number
  /** Numbers in an input sample, H·W·C, and in an output sample, P·F. */
  readonly inputSize: number
  readonly outputSize: number
  readonly channelsFirst: boolean
  /** Strides of the input's rows and columns, and of the output's places and filters. */
  readonly inputRow: number
  readonly inputCol: number
  readonly outputPlace: number
  readonly outputFilter: number
  /** Of each patch element: its row and column in the window, and its offset from the window's first element. */
  readonly patchRow: Int32Array
  readonly patchCol: Int32Array
  readonly patchOffset: Int32Array
}

/**
 * The geometry of a locally connected layer. Padding 'same' is that of Keras' locally connected layers: output i
 * sees `i·stride − floor(k/2) … + k − 1`, which is not how convolutions centre their windows.
 *
 * @param inputShape `[batch, rows, columns, channels]`, or `[batch, channels, rows, columns]` for channels_first
 * @throws ArgumentError when a size is open or the window does not fit into the image
 */
export function localGeometry(inputShape: BatchShape, options: WindowOptions): Geometry {
  const { filters: F, kernelSize, strides, padding, dataFormat } = options
  const channelsFirst = dataFormat === 'channels_first'
  const axes = channelsFirst ? '[batch, channels, rows, columns]' : '[batch, rows, columns, channels]'
  if (inputShape.length !== 4) throw new ArgumentError('inputShape', inputShape, axes)
  const sample = inputShape.slice(1)
  if (!sample.every(n => n !== null && n > 0)) {
    const hint = 'Every place has weights of its own, so the size of the image must be known'
    throw new ArgumentError('inputShape', inputShape, `${axes}, all but the batch known and positive`, hint)
  }
  const [H, W, C] = (channelsFirst ? [sample[1], sample[2], sample[0]] : sample) as number[]
  const [KH, KW] = kernelSize
  const [SH, SW] = strides
  const same = padding === 'same'
  if (!same && (KH > H || KW > W))
    throw new ArgumentError('kernelSize', kernelSize, `at most the input's ${H} x ${W} with padding 'valid'`)

  const OH = same ? Math.ceil(H / SH) : Math.floor((H - KH) / SH) + 1
  const OW = same ? Math.ceil(W / SW) : Math.floor((W - KW) / SW) + 1
  const P = OH * OW
  const [inputRow, inputCol, inputChannel] = channelsFirst ? [W, 1, H * W] : [W * C, C, 1]
  return {
    ...{ H, W, C, KH, KW, SH, SW, OH, OW, F, P, K: KH * KW * C, channelsFirst, inputRow, inputCol },
    top: same ? Math.floor(KH / 2) : 0,
    left: same ? Math.floor(KW / 2) : 0,
    inputSize: H * W * C,
    outputSize: P * F,
    outputPlace: channelsFirst ? 1 : F,
    outputFilter: channelsFirst ? P : 1,
    ...patchTable(KH, KW, C, channelsFirst, [inputRow, inputCol, inputChannel]),
  }
}

/** A patch in memory order: (kh, kw, c) where channels are last, (c, kh, kw) where they are first. */
function patchTable(KH: number, KW: number, C: number, channelsFirst: boolean, stride: readonly number[]) {
  const patchRow = new Int32Array(KH * KW * C)
  const patchCol = new Int32Array(KH * KW * C)
  const patchOffset = new Int32Array(KH * KW * C)
  for (let kh = 0; kh < KH; kh++)
    for (let kw = 0; kw < KW; kw++)
      for (let c = 0; c < C; c++) {
        const k = channelsFirst ? (c * KH + kh) * KW + kw : (kh * KW + kw) * C + c
        patchRow[k] = kh
        patchCol[k] = kw
        patchOffset[k] = kh * stride[0] + kw * stride[1] + c * stride[2]
      }
  return { patchRow, patchCol, patchOffset }
}

/** Where in a sample the place (oh, ow) finds element k of its patch; −1 outside the image. */
export function inputIndex(g: Geometry, oh: number, ow: number, k: number): number {
  const row = oh * g.SH - g.top
  const col = ow * g.SW - g.left
  const h = row + g.patchRow[k]
  const w = col + g.patchCol[k]
  if (h < 0 || h >= g.H || w < 0 || w >= g.W) return -1
  return row * g.inputRow + col * g.inputCol + g.patchOffset[k]
}

/** The input and output shapes of a sample, in the data format's order. */
export const inputShapeOf = ({ H, W, C, channelsFirst }: Geometry) => (channelsFirst ? [C, H, W] : [H, W, C])
export const outputShapeOf = ({ OH, OW, F, channelsFirst }: Geometry) =>
  channelsFirst ? [F, OH, OW] : [OH, OW, F]

/** How many (input, place) pairs are connected: P·K, less what falls outside the image. */
export function connections(g: Geometry): number {
  let count = 0
  for (let oh = 0; oh < g.OH; oh++)
    for (let ow = 0; ow < g.OW; ow++) for (let k = 0; k < g.K; k++) if (inputIndex(g, oh, ow, k) >= 0) count++
  return count
}

/** The shape of the kernel that each implementation stores, as in Keras. */
export function localKernelShape(g: Geometry, implementation: 1 | 2 | 3): number[] {
  if (implementation === 1) return [g.P, g.K, g.F]
  if (implementation === 2) return [...inputShapeOf(g), ...outputShapeOf(g)]
  return [connections(g) * g.F]
}

/** Guards the sizes that kernels index with 32-bit integers. */
export function assertAddressable(shape: readonly number[]): void {
  if (sizeOf(shape) > 2 ** 31 - 1) {
    const hint = 'Use implementation 1 or 3, a smaller image, or fewer filters'
    throw new ArgumentError('kernel shape', shape, 'less than 2^31 numbers', hint)
  }
}
