// Pictures: PNG of any colour type and depth, as numbers from 0 to 255.

import { optional } from '../../core/optional.ts'
import { Tensor } from '../../core/tensor.ts'
import { Failure } from './command.ts'

interface Picture {
  readonly rows: number
  readonly cols: number
  readonly channels: number
  /** Row by row, pixel by pixel. */
  readonly numbers: Float32Array
}

const signature = [0x89, 0x50, 0x4e, 0x47]
export const isPng = (bytes: Uint8Array) => signature.every((byte, i) => bytes[i] === byte)

/**
 * A picture as a sample of this shape: `[rows, columns, channels]`, `[channels, rows, columns]` or `[rows, columns]`. Grey
 * pictures become coloured and the other way round, as in Pillow; alpha is left out, unless the shape has it.
 * @throws Failure for another size
 */
export async function readPng(bytes: Uint8Array, name: string, shape: readonly number[]): Promise<Tensor> {
  const picture = await decoded(bytes, name)
  const { rows, cols } = picture
  const size = shape.length === 2 ? [...shape, 1] : shape
  const isLast = size.length === 3 && size[0] === rows && size[1] === cols && size[2] <= 4
  const isFirst = size.length === 3 && size[1] === rows && size[2] === cols && size[0] <= 4
  if (!isLast && !isFirst)
    throw new Failure(
      `${name}: expected a picture for samples of [${shape.join(', ')}], received ${rows} x ${cols} pixels`,
    )
  const channels = isLast ? size[2] : size[0]
  const { numbers } = withChannels(picture, channels, name)
  if (isLast) return new Tensor([1, ...shape], numbers)
  const pixels = rows * cols
  return new Tensor(
    [1, ...shape],
    numbers.map((_, i) => numbers[(i % pixels) * channels + Math.floor(i / pixels)]),
  )
}

async function decoded(bytes: Uint8Array, name: string): Promise<Picture> {
  const { decode } = await optional('fast-png', '.png files', () => import('fast-png'))
  try {
    const { width: cols, height: rows, data, depth, channels, palette } = decode(bytes)
    const values = depth < 8 ? unpacked(data, depth, rows, cols) : Array.from(data)
    if (palette) {
      const numbers = Float32Array.from(values.flatMap(index => palette[index] ?? []))
      return { rows, cols, channels: palette[0].length, numbers }
    }
    const scale = depth === 16 ? 257 : depth === 8 ? 1 : (2 ** depth - 1) / 255
    return { rows, cols, channels, numbers: Float32Array.from(values, value => value / scale) }
  } catch (error) {
    throw new Failure(`${name}: expected a PNG picture: ${(error as Error).message}`)
  }
}

/** Values of less than 8 bits, which are packed; each row starts a byte. */
function unpacked(data: ArrayLike<number>, depth: number, rows: number, cols: number): number[] {
  const perByte = 8 / depth
  const rowBytes = Math.ceil(cols / perByte)
  return Array.from({ length: rows * cols }, (_, i) => {
    const [row, col] = [Math.floor(i / cols), i % cols]
    const byte = data[row * rowBytes + Math.floor(col / perByte)]
    return (byte >> (8 - depth * ((col % perByte) + 1))) & (2 ** depth - 1)
  })
}

function withChannels({ numbers, channels, ...size }: Picture, wanted: number, name: string): Picture {
  if (channels === wanted) return { ...size, channels, numbers }
  const pixels = size.rows * size.cols
  const isGrey = channels < 3
  const result = new Float32Array(pixels * wanted)
  for (let p = 0; p < pixels; p++) {
    const from = p * channels
    const [r, g, b] = isGrey ? [numbers[from], numbers[from], numbers[from]] : numbers.subarray(from, from + 3)
    const grey = isGrey ? r : Math.round((19595 * r + 38470 * g + 7471 * b) / 65536)
    const alpha = channels % 2 === 0 ? numbers[from + channels - 1] : 255
    const pixel = [[grey], [grey, alpha], [r, g, b], [r, g, b, alpha]][wanted - 1]
    if (!pixel) throw new Failure(`${name}: expected samples of 1 to 4 channels, received ${wanted}`)
    result.set(pixel, p * wanted)
  }
  return { ...size, channels: wanted, numbers: result }
}
