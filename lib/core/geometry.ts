// Which inputs feed which output. Computes, from options and an input shape, all sizes that the kernels need, and
// checks them once. Output lengths, padding and receptive fields are computed nowhere else.
//
// Names used throughout the project: B batch size; H W C rows, columns, channels of the input; KH KW window;
// SH SW strides; OH OW F rows, columns, filters of the output; p = oh·OW + ow an output place;
// k an element of the patch that a place reads, in the input's memory order.

import { type BatchShape, boundedSize, inputBatch } from './check.ts'
import { ArgumentError } from './errors.ts'

/** 'valid': windows stay inside the image; 'same': ⌈size / stride⌉ places along each axis. */
export type Padding = 'valid' | 'same'
/** Whether the channel axis of an image comes after rows and columns, or before. */
export type DataFormat = 'channels_last' | 'channels_first'

export interface WindowOptions {
  readonly filters: number
  readonly kernelSize: readonly [number, number]
  readonly strides: readonly [number, number]
  readonly padding: Padding
  readonly dataFormat: DataFormat
}

export interface ConvolutionOptions extends Omit<WindowOptions, 'padding'> {
  /** 'causal': for sequences; each window ends at its own place. */
  readonly padding: Padding | 'causal'
  readonly dilationRate: readonly [number, number]
}

/** All sizes of one layer. Offsets and strides count elements of one sample. */
export interface Geometry {
  /** Rows of the input. */
  readonly H: number
  /** Columns of the input. */
  readonly W: number
  /** Channels of the input. */
  readonly C: number
  /** Rows of the window. */
  readonly KH: number
  /** Columns of the window. */
  readonly KW: number
  /** Rows from one window to the next. */
  readonly SH: number
  /** Columns from one window to the next. */
  readonly SW: number
  /** Rows of output places. */
  readonly OH: number
  /** Columns of output places. */
  readonly OW: number
  /** Filters: the channels of the output. */
  readonly F: number
  /** Number of output places, OH·OW. */
  readonly P: number
  /** Size of a patch, KH·KW·C. */
  readonly K: number
  /** How many rows above the image the first window starts. */
  readonly top: number
  /** How many columns left of the image the first window starts. */
  readonly left: number
  /** Size of an input sample, H·W·C. */
  readonly inputSize: number
  /** Size of an output sample, P·F. */
  readonly outputSize: number
  /** Whether the data format is 'channels_first'. */
  readonly channelsFirst: boolean
  /** The distance between neighbours in the window, by rows and by columns. */
  readonly dilation: readonly [number, number]
  /** Whether patches are in the order (c, kh, kw) instead of (kh, kw, c). */
  readonly patchChannelsFirst: boolean
  /** Memory stride of the input's rows. */
  readonly inputRow: number
  /** Memory stride of the input's columns. */
  readonly inputCol: number
  /** Memory stride of the input's channels. */
  readonly inputChannel: number
  /** Memory stride of the output's places. */
  readonly outputPlace: number
  /** Memory stride of the output's filters. */
  readonly outputFilter: number
  /** Memory stride of the kernel's places; 0 where places share weights. */
  readonly kernelPlace: number
  /** Memory stride of the bias's places; 0 where places share weights. */
  readonly biasPlace: number
  /** Memory stride of the bias's filters. */
  readonly biasFilter: number
  /** The row of each patch element, relative to the window's start. */
  readonly patchRow: Int32Array
  /** The column of each patch element, relative to the window's start. */
  readonly patchCol: Int32Array
  /** The memory offset of each patch element from the window's start. */
  readonly patchOffset: Int32Array
}

/**
 * The geometry of a locally connected layer. Padding 'same' follows Keras' locally connected layers: the window of
 * output i starts at `i·stride − floor(k/2)` and has k elements, unlike the centred windows of convolutions. Each place
 * has its own weights; patches are in the input's memory order.
 *
 * @param inputShape `[batch, rows, columns, channels]`, or `[batch, channels, rows, columns]` for channels_first
 * @throws ArgumentError when a size is open or the window is larger than the image
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
  return geometry(image, { ...options, dilationRate: [1, 1] }, along(0), along(1), true)
}

/**
 * The geometry of a convolution or pooling layer, with windows centred as in TensorFlow: padding 'same' adds the
 * minimum needed, and any odd row or column at the end. All places share one kernel `[KH, KW, C, F]` and one bias
 * `[F]`.
 *
 * @param windowName the layer's name for its window, for error messages
 * @throws ArgumentError when a size is open or the window is larger than the image
 */
export function convolutionGeometry(
  inputShape: BatchShape,
  options: ConvolutionOptions,
  windowName = 'kernelSize',
): Geometry {
  const { strides, padding, dataFormat } = options
  const image = imageOf(inputShape, dataFormat)
  const reach = reachOf(options)
  const along = (axis: 0 | 1): Axis => {
    const [size, s] = [image[axis], strides[axis]]
    if (padding === 'valid') return [Math.floor((size - reach[axis]) / s) + 1, 0]
    const places = Math.ceil(size / s)
    if (padding === 'causal') return [places, reach[axis] - 1]
    return [places, Math.floor(Math.max((places - 1) * s + reach[axis] - size, 0) / 2)]
  }
  if (padding === 'valid') assertFits(reach, image, windowName)
  return geometry(image, options, along(0), along(1), false, windowName)
}

/** The rows and columns of the image that a window extends over. */
const reachOf = ({ kernelSize, dilationRate }: ConvolutionOptions) =>
  kernelSize.map((k, axis) => (k - 1) * dilationRate[axis] + 1)

/** Along one axis: the number of places, and how far before the image the first window starts. */
type Axis = readonly [places: number, before: number]

/** Rows, columns and channels of an image batch. @throws ArgumentError when one of them is open */
export function imageOf(inputShape: BatchShape, dataFormat: DataFormat): [number, number, number] {
  const isFirst = dataFormat === 'channels_first'
  const [, ...sample] = inputBatch(inputShape)
  if (sample.length !== 3 || !sample.every(n => n !== null && n > 0)) {
    const axes = isFirst ? 'channels, rows, columns' : 'rows, columns, channels'
    throw new ArgumentError('inputShape', inputShape, `[batch, ${axes}], all but the batch known and positive`)
  }
  const [a, b, c] = sample as number[]
  return isFirst ? [b, c, a] : [a, b, c]
}

function assertFits(window: readonly number[], [H, W]: readonly number[], name = 'kernelSize'): void {
  if (window[0] <= H && window[1] <= W) return
  throw new ArgumentError(name, window, `at most the input's ${H} x ${W} with padding 'valid'`)
}

/** @param isLocal whether each place has its own weights, with patches in the input's memory order */
function geometry(
  [H, W, C]: readonly number[],
  options: ConvolutionOptions,
  [OH, top]: Axis,
  [OW, left]: Axis,
  isLocal: boolean,
  windowName = 'kernelSize',
): Geometry {
  const { filters: F, kernelSize, strides, dilationRate, dataFormat } = options
  const [KH, KW] = kernelSize
  const [SH, SW] = strides
  const channelsFirst = dataFormat === 'channels_first'
  const patchChannelsFirst = isLocal && channelsFirst
  const P = OH * OW
  const K = KH * KW * C
  const [inputRow, inputCol, inputChannel] = channelsFirst ? [W, 1, H * W] : [W * C, C, 1]
  const [outputPlace, outputFilter] = channelsFirst ? [1, P] : [F, 1]
  const reach = reachOf(options)
  for (const shape of [
    [KH, KW, C],
    [reach[0], W, C],
    [reach[1], C],
  ])
    boundedSize(windowName, shape) // for 32 bits too
  const patchRow = new Int32Array(K)
  const patchCol = new Int32Array(K)
  const patchOffset = new Int32Array(K)
  for (let kh = 0; kh < KH; kh++)
    for (let kw = 0; kw < KW; kw++)
      for (let c = 0; c < C; c++) {
        const k = patchChannelsFirst ? (c * KH + kh) * KW + kw : (kh * KW + kw) * C + c
        patchRow[k] = kh * dilationRate[0]
        patchCol[k] = kw * dilationRate[1]
        patchOffset[k] = patchRow[k] * inputRow + patchCol[k] * inputCol + c * inputChannel
      }
  return {
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
    inputSize: H * W * C,
    outputSize: P * F,
    outputPlace,
    outputFilter,
    dilation: dilationRate,
    patchChannelsFirst,
    kernelPlace: isLocal ? K * F : 0,
    biasPlace: isLocal ? outputPlace : 0,
    biasFilter: isLocal ? outputFilter : 1,
    patchRow,
    patchCol,
    patchOffset,
  }
}

/** The offset, within a sample, of patch element k at place (oh, ow); −1 outside the image. */
export function inputIndex(g: Geometry, oh: number, ow: number, k: number): number {
  const row = oh * g.SH - g.top
  const col = ow * g.SW - g.left
  const h = row + g.patchRow[k]
  const w = col + g.patchCol[k]
  if (h < 0 || h >= g.H || w < 0 || w >= g.W) return -1
  return row * g.inputRow + col * g.inputCol + g.patchOffset[k]
}

/** The input and output shapes of one sample, in the order of the data format. */
export const inputShapeOf = ({ H, W, C, channelsFirst }: Geometry) => (channelsFirst ? [C, H, W] : [H, W, C])
export const outputShapeOf = ({ OH, OW, F, channelsFirst }: Geometry) => (channelsFirst ? [F, OH, OW] : [OH, OW, F])

/** The number of connected (input, place) pairs: P·K minus those outside the image. */
export function connections({ H, W, C, KH, KW, SH, SW, OH, OW, top, left, dilation }: Geometry): number {
  const [rowRate, colRate] = dilation
  return inside(OH, SH, top, KH, rowRate, H) * inside(OW, SW, left, KW, colRate, W) * C
}

/** Along one axis: the number of (window, element) pairs inside the image. */
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

/** The kernel shape that an implementation stores, as in Keras. */
export function localKernelShape(g: Geometry, implementation: 1 | 2 | 3): number[] {
  if (implementation === 1) return [g.P, g.K, g.F]
  if (implementation === 2) return [...inputShapeOf(g), ...outputShapeOf(g)]
  return [connections(g) * g.F]
}
