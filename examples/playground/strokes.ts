// From strokes to the 8 × 8 pixels that the nets know, as the digits themselves were made: the drawing is moved and
// scaled to fill 32 × 32 dots, and each pixel counts the ink of 4 × 4 dots.

export type Point = readonly [x: number, y: number]
export type Stroke = readonly Point[]

const dots = 32
const pen = 2.4 // half the width of the pen, in dots

export function toPixels(strokes: readonly Stroke[]): Float32Array {
  const pixels = new Float32Array(64)
  const points = strokes.flat()
  if (points.length === 0) return pixels
  const xs = points.map(([x]) => x)
  const ys = points.map(([, y]) => y)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const scale = (dots - 2 * pen) / Math.max(right - left, bottom - top, 1e-6)
  const centred = ([x, y]: Point): Point => [
    dots / 2 + (x - (left + right) / 2) * scale,
    dots / 2 + (y - (top + bottom) / 2) * scale,
  ]
  const lines = strokes.map(stroke => stroke.map(centred))
  for (let row = 0; row < dots; row++)
    for (let col = 0; col < dots; col++)
      if (lines.some(line => distanceTo(line, col + 0.5, row + 0.5) <= pen))
        pixels[(row >> 2) * 8 + (col >> 2)] += 1 / 16
  return pixels
}

/** How far a dot is from a line of points. */
function distanceTo(line: Stroke, x: number, y: number): number {
  let least = Infinity
  for (let i = 0; i < line.length; i++) {
    const [ax, ay] = line[Math.max(0, i - 1)]
    const [bx, by] = line[i]
    const length = (bx - ax) ** 2 + (by - ay) ** 2
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length))
    least = Math.min(least, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)))
  }
  return least
}
