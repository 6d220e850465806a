// Orthonormalization by modified Gram–Schmidt, in float64. The result is the Q of a QR decomposition whose R has a
// positive diagonal, so its signs need no correction.

/** Turns `count` independent vectors, [count, length] with count ≤ length, into orthonormal ones in place. */
export function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let v = 0; v < count; v++) {
    for (let u = 0; u < v; u++) {
      const shadow = product(vectors, u * length, v * length, length) // the projection of v onto u
      for (let k = 0; k < length; k++) vectors[v * length + k] -= shadow * vectors[u * length + k]
    }
    const norm = Math.sqrt(product(vectors, v * length, v * length, length))
    for (let k = 0; k < length; k++) vectors[v * length + k] /= norm
  }
}

function product(x: Float64Array, a: number, b: number, length: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum += x[a + k] * x[b + k]
  return sum
}
