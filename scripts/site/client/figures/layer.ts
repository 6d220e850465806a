// The layer that the figures show: a picture of 6 × 6 pixels, one channel, one filter. The library computes.

import { Conv2D, LocallyConnected2D, normal, type Random, stream, Tensor } from 'unshared'

export const SIZE = 6

/** A small 7. */
export const picture = Tensor.from([
  [0, 0, 0, 0, 0, 0],
  [0, 2, 2, 3, 3, 0],
  [0, 0, 0, 1, 3, 0],
  [0, 0, 0, 3, 1, 0],
  [0, 0, 2, 2, 0, 0],
  [0, 0, 3, 0, 0, 0],
])

export interface Example {
  readonly isLocal: boolean
  /** Rows, which are also columns, of places and of the window. */
  readonly places: number
  readonly window: number
  readonly stride: number
  pixel(row: number, column: number): number
  kernel(oh: number, ow: number, kh: number, kw: number): number
  bias(oh: number, ow: number): number
  output(oh: number, ow: number): number
  /** The gradient that comes from the right. */
  dout(oh: number, ow: number): number
  dx(row: number, column: number): number
}

/** Weights with one digit after the point, so that the sums can be followed. */
const draw = (random: Random, n: number) => new Float32Array(n).map(() => Math.round(normal(random) * 7) / 10)

export function example(isLocal: boolean, window: number, stride: number): Example {
  const options = { filters: 1, kernelSize: window, strides: stride }
  const layer = isLocal ? new LocallyConnected2D(options) : new Conv2D(options)
  layer.build([null, SIZE, SIZE, 1])
  const random = stream(`figure ${window} ${stride}`)
  layer.setWeights(layer.parameters.map(({ shape, value }) => new Tensor(shape, draw(random, value.length))))
  const [places] = layer.outputShape as number[]
  const out = layer.forward(picture.reshape([1, SIZE, SIZE, 1])).data
  const dout = draw(random, places * places)
  const dx = layer.backward(new Tensor([1, places, places, 1], dout)).data
  const [kernel, bias] = layer.parameters.map(({ value }) => Float32Array.from(value))
  const patch = window * window
  return {
    isLocal,
    places,
    window,
    stride,
    pixel: (row, column) => picture.data[row * SIZE + column],
    kernel: (oh, ow, kh, kw) => kernel[(isLocal ? (oh * places + ow) * patch : 0) + kh * window + kw],
    bias: (oh, ow) => bias[isLocal ? oh * places + ow : 0],
    output: (oh, ow) => out[oh * places + ow],
    dout: (oh, ow) => dout[oh * places + ow],
    dx: (row, column) => dx[row * SIZE + column],
  }
}
