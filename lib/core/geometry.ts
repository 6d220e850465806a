// Which inputs feed which output: options and an input shape become all the sizes that the kernels need,
// checked once. No other place works out an output length, a padding or a receptive field.
//
// The alphabet of the whole project: B batch; H W C rows, columns, channels of the input; KH KW window;
// SH SW strides; OH OW F rows, columns, filters of the output; p = oh·OW + ow an output place;
// k an element of the patch that a place sees, in the input's memory order.

import { type BatchShape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'

/** 'valid': windows stay inside the picture; 'same': as many places as the picture has, by stride. */
export type Padding = 'valid' | 'same'
/** Where the channels of a picture are: behind rows and columns, or in front. */
export type DataFormat = 'channels_last' | 'channels_first'

export interface WindowOptions {
  readonly filters: number
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

export interface ConvolutionOptions extends Omit<WindowOptions, 'padding'> {
  /** 'causal': of a sequence, the window ends where its place is. */
  readonly padding: Padding | 'causal'
  readonly dilationRate: readonly [number, number]
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
  /** How far apart neighbours in the window are, and whether a patch is in the order (c, kh, kw), not (kh, kw, c). */
  readonly dilation: readonly [number, number]
  readonly patchChannelsFirst: boolean
  /** Strides of the input's rows, columns and channels, and of the output's places and filters. */
  readonly inputRow: number
  readonly inputCol: number
  readonly inputChannel: number
  readonly outputPlace: number
  readonly outputFilter: number
  /** Strides of the kernel's places, and of the bias's places and filters: 0 where places share them. */
  readonly kernelPlace: number
  readonly biasPlace: number
  readonly biasFilter: number
  /** Of each patch element: its row and column from the window's first, and its offset from there. */
  readonly patchRow: Int32Array
  readonly patchCol: Int32Array
  readonly patchOffset: Int32Array
}

/**
 * The geometry of a locally connected layer. Padding 'same' is that of Keras' locally connected layers: output i
 * sees `i·stride − floor(k/2) … + k − 1`, which is not how convolutions centre their windows. Each place has weights
 * of its own, and a patch is in the input's memory order.
 *
 * @param inputShape `[batch, rows, columns, channels]`, or `[batch, channels, rows, columns]` for channels_first
 * @throws ArgumentError when a size is open or the window does not fit into the image
 */
export function localGeometry(inputShape: BatchShape, options: WindowOptions): Geometry {
  const { kernelSize, strides, padding, dataFormat } = options
  const same = padding === 'same'
  const image = imageOf(inputShape, dataFormat)
  const along = (axis: 0 | 1): Axis => {
    const [size, k, s] = [image[axis], kernelSize[axis], strides[axis]]
    return same ? [Math.ceil(size / s), Math.floor(k / 2)] : [Math.floor((size - k) / s) + 1, 0]
  }
  if (!same) assertFits(kernelSize, image)
  const patchOrder = dataFormat === 'channels_first' ? 'channels first' : 'channels last'
  const g = geometry(image, { ...options, dilationRate: [1, 1] }, along(0), along(1), patchOrder)
  return { ...g, kernelPlace: g.K * g.F, biasPlace: g.outputPlace, biasFilter: g.outputFilter }
}

/**
 * The geometry of a convolution or pooling, which centres its windows as TensorFlow does: padding 'same' adds as little
 * as is needed, the odd row or column at the end. All places share one kernel `[KH, KW, C, F]` and one bias `[F]`.
 *
 * @param windowName what the layer calls its window, for messages
 * @throws ArgumentError when a size is open or the window does not fit into the image
 */
export function convolutionGeometry(
  inputShape: BatchShape,
  options: ConvolutionOptions,
  windowName = 'kernelSize',
): Geometry {
  const { kernelSize, strides, padding, dilationRate, dataFormat } = options
  const image = imageOf(inputShape, dataFormat)
  const reach = [0, 1].map(axis => (kernelSize[axis] - 1) * dilationRate[axis] + 1)
  const along = (axis: 0 | 1): Axis => {
    const [size, s] = [image[axis], strides[axis]]
    if (padding === 'valid') return [Math.floor((size - reach[axis]) / s) + 1, 0]
    const places = Math.ceil(size / s)
    if (padding === 'causal') return [places, reach[axis] - 1]
    return [places, Math.floor(Math.max((places - 1) * s + reach[axis] - size, 0) / 2)]
  }
  if (padding === 'valid') assertFits(reach, image, windowName)
  return geometry(image, options, along(0), along(1), 'channels last')
}

/** Along one axis: how many places, and how far before the image the first window starts. */
type Axis = readonly [places: number, before: number]

/** Rows, columns and channels of images whose sizes are all known. @throws ArgumentError where one is open */
export function imageOf(inputShape: BatchShape, dataFormat: DataFormat): [number, number, number] {
  const axes =
    dataFormat === 'channels_first' ? '[batch, channels, rows, columns]' : '[batch, rows, columns, channels]'
  if (inputShape.length !== 4) throw new ArgumentError('inputShape', inputShape, axes)
  const sample = inputShape.slice(1)
  if (!sample.every(n => n !== null && n > 0)) {
    const hint = 'Weights and memory are made for one size of image'
    throw new ArgumentError('inputShape', inputShape, `${axes}, all but the batch known and positive`, hint)
  }
  const [a, b, c] = sample as number[]
  return dataFormat === 'channels_first' ? [b, c, a] : [a, b, c]
}

function assertFits(window: readonly number[], [H, W]: readonly number[], name = 'kernelSize'): void {
  if (window[0] <= H && window[1] <= W) return
  throw new ArgumentError(name, window, `at most the input's ${H} x ${W} with padding 'valid'`)
}

/** The sizes of a layer whose places share their weights. */
function geometry(
  [H, W, C]: readonly number[],
  options: ConvolutionOptions,
  [OH, top]: Axis,
  [OW, left]: Axis,
  patchOrder: 'channels first' | 'channels last',
): Geometry {
  const { filters: F, kernelSize, strides, dilationRate, dataFormat } = options
  const [KH, KW] = kernelSize
  const [SH, SW] = strides
  const channelsFirst = dataFormat === 'channels_first'
  const P = OH * OW
  const K = KH * KW * C
  const [inputRow, inputCol, inputChannel] = channelsFirst ? [W, 1, H * W] : [W * C, C, 1]
  const patchRow = new Int32Array(K)
  const patchCol = new Int32Array(K)
  const patchOffset = new Int32Array(K)
  for (let kh = 0; kh < KH; kh++)
    for (let kw = 0; kw < KW; kw++)
      for (let c = 0; c < C; c++) {
        const k = patchOrder === 'channels first' ? (c * KH + kh) * KW + kw : (kh * KW + kw) * C + c
        patchRow[k] = kh * dilationRate[0]
        patchCol[k] = kw * dilationRate[1]
        patchOffset[k] = patchRow[k] * inputRow + patchCol[k] * inputCol + c * inputChannel
      }
  return {
    ...{
      H,
      W,
      C,
      KH,
      KW,
      SH,
      SW,
      OH,
      OW,
      F,
      P,
      K,
      top,
      left,
      channelsFirst,
      inputRow,
      inputCol,
      inputChannel,
    },
    ...{
      inputSize: H * W * C,
      outputSize: P * F,
      outputPlace: channelsFirst ? 1 : F,
      outputFilter: channelsFirst ? P : 1,
    },
    dilation: [dilationRate[0], dilationRate[1]],
    patchChannelsFirst: patchOrder === 'channels first',
    ...{ kernelPlace: 0, biasPlace: 0, biasFilter: 1, patchRow, patchCol, patchOffset },
  }
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
export function connections({ H, W, C, KH, KW, SH, SW, OH, OW, top, left, dilation }: Geometry): number {
  const [rowRate, colRate] = dilation
  return inside(OH, SH, top, KH, rowRate, H) * inside(OW, SW, left, KW, colRate, W) * C
}

/** Along one axis: how many (window, element) pairs lie in the image. */
function inside(places: number, stride: number, before: number, window: number, rate: number, size: number) {
  let count = 0
  for (let place = 0; place < places; place++) {
    const start = place * stride - before
    const skipped = start < 0 ? Math.min(Math.ceil(-start / rate), window) : 0
    const reached = size > start ? Math.min(Math.ceil((size - start) / rate), window) : 0
    count += Math.max(reached - skipped, 0)
  }
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
