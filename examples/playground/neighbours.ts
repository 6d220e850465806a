// How much the kernels of neighbouring places have in common, over all filters of the local net.

const [side, window, filters] = [6, 9, 8]

export interface Comparison {
  /** The mean Euclidean distance; 0 for a convolution. */
  readonly distance: number
  /** The mean cosine of the angle between them; 1 for a convolution, near 0 for noise. */
  readonly likeness: number
}

/** @param kernel [36, 9, 8] */
export function compareNeighbours(kernel: Float32Array): Comparison {
  const vectorAt = (place: number, f: number) =>
    Array.from({ length: window }, (_, k) => kernel[(place * window + k) * filters + f])
  let [distance, likeness, count] = [0, 0, 0]
  for (let p = 0; p < side * side; p++) {
    const right = p % side < side - 1 ? [p + 1] : []
    const below = p < side * (side - 1) ? [p + side] : []
    for (const q of [...right, ...below])
      for (let f = 0; f < filters; f++, count++) {
        const [a, b] = [vectorAt(p, f), vectorAt(q, f)]
        distance += Math.hypot(...a.map((x, k) => x - b[k]))
        likeness += dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
      }
  }
  return { distance: distance / count, likeness: likeness / count }
}

const dot = (a: number[], b: number[]) => a.reduce((sum, x, k) => sum + x * b[k], 0)
