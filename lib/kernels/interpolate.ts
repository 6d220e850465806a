// Bilinear interpolation between four inputs. For each output of a sample, `index` holds the four (above left, above
// right, below left, below right), and `lerp` its position between them, down and to the right, from 0 to 1.

const { fround } = Math

const mix = (a: number, b: number, share: number) => fround(a + fround(fround(b - a) * share))

export function forward(
  y: Float32Array, // [B, n]   written
  x: Float32Array, // [B, inputSize]
  index: Int32Array, // [n, 4]
  lerp: Float32Array, // [n, 2]
  B: number,
  inputSize: number,
): void {
  const n = lerp.length / 2
  for (let b = 0; b < B; b++)
    for (let o = 0; o < n; o++) {
      const at = (corner: number) => x[b * inputSize + index[4 * o + corner]]
      const [down, right] = [lerp[2 * o], lerp[2 * o + 1]]
      y[b * n + o] = mix(mix(at(0), at(1), right), mix(at(2), at(3), right), down)
    }
}

/** The transpose of forward. */
export function backward(
  dx: Float32Array, // [B, inputSize]   written
  dy: Float32Array, // [B, n]
  index: Int32Array, // [n, 4]
  lerp: Float32Array, // [n, 2]
  B: number,
  inputSize: number,
): void {
  const n = lerp.length / 2
  dx.fill(0, 0, B * inputSize)
  for (let b = 0; b < B; b++)
    for (let o = 0; o < n; o++) {
      const [down, right] = [lerp[2 * o], lerp[2 * o + 1]]
      const below = fround(dy[b * n + o] * down)
      const above = fround(dy[b * n + o] * fround(1 - down))
      const i = 4 * o
      dx[b * inputSize + index[i]] += fround(above * fround(1 - right))
      dx[b * inputSize + index[i + 1]] += fround(above * right)
      dx[b * inputSize + index[i + 2]] += fround(below * fround(1 - right))
      dx[b * inputSize + index[i + 3]] += fround(below * right)
    }
}

export const interpolate = { name: 'interpolate', forward, backward }
