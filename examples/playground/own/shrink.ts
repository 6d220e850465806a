// From a picture of any size to the 8 × 8 pixels that the nets know, as the digits themselves were made: what is drawn is
// moved and scaled until it fills the square, and each pixel counts the ink that it covers.

export interface Ink {
  readonly width: number
  readonly height: number
  /** Row after row: from 0 (paper) to 1 (ink). */
  readonly values: Float32Array
}

const side = 8
const isInk = 0.25 // from here on a dot counts for where the drawing ends

/**
 * What differs from the paper, the colour of most of the border: dark on light or light on dark.
 * @param rgba four bytes a dot
 * @returns null for a picture of one colour
 */
export function inkOf(rgba: ArrayLike<number>, width: number, height: number): Ink | null {
  const channels = [0, 1, 2].map(channel =>
    Float32Array.from({ length: width * height }, (_, i) => {
      const alpha = rgba[4 * i + 3] / 255
      return (alpha * rgba[4 * i + channel]) / 255 + 1 - alpha // what is transparent shows white paper
    }),
  )
  const isBorder = (_: number, i: number) => {
    const [row, col] = [Math.floor(i / width), i % width]
    return row === 0 || col === 0 || row === height - 1 || col === width - 1
  }
  const papers = channels.map(channel => {
    const border = channel.filter(isBorder).sort()
    return border[border.length >> 1]
  })
  const values = channels[0].map((_, i) => Math.max(...channels.map((channel, c) => Math.abs(channel[i] - papers[c]))))
  const most = values.reduce((a, b) => Math.max(a, b), 0)
  return most < 0.1 ? null : { width, height, values: values.map(value => value / most) }
}

/** @returns 64 pixels. A picture of 8 × 8 stays as it is. */
export function shrink(ink: Ink): Float32Array {
  const { width, height, values } = ink
  if (width === side && height === side) return values.slice()
  let [left, right, top, bottom] = [width, 0, height, 0]
  values.forEach((value, i) => {
    if (value < isInk) return
    const [row, col] = [Math.floor(i / width), i % width]
    ;[left, right] = [Math.min(left, col), Math.max(right, col + 1)]
    ;[top, bottom] = [Math.min(top, row), Math.max(bottom, row + 1)]
  })
  if (right <= left) return new Float32Array(side * side)
  const size = Math.max(right - left, bottom - top)
  const [x, y] = [(left + right - size) / 2, (top + bottom - size) / 2]
  const across = covered(width, x, size)
  const down = covered(height, y, size)
  const pixels = new Float32Array(side * side)
  down.forEach((rows, row) => {
    across.forEach((cols, col) => {
      let sum = 0
      for (const [r, part] of rows) for (const [c, share] of cols) sum += part * share * values[r * width + c]
      pixels[row * side + col] = Math.min(1, sum)
    })
  })
  return pixels
}

/** For each of the eight pixels: which of the picture's dots it covers, and which share of the pixel each fills. */
function covered(length: number, from: number, size: number): [number, number][][] {
  const step = size / side
  return Array.from({ length: side }, (_, i) => {
    const [start, end] = [from + i * step, from + (i + 1) * step]
    const dots: [number, number][] = []
    for (let dot = Math.max(0, Math.floor(start)); dot < Math.min(length, Math.ceil(end)); dot++)
      dots.push([dot, (Math.min(end, dot + 1) - Math.max(start, dot)) / step])
    return dots
  })
}
