// Vectors at right angles, of length 1: modified Gram-Schmidt, in float64. What it makes is the Q of a QR
// decomposition whose R has a positive diagonal, so its sign needs no mending.
/** Turns `count` independent vectors, [count, length] with count ≤ length, into orthonormal ones in place. */
export function orthonormalize(vectors, count, length) {
  for (let v = 0; v < count; v++) {
    for (let u = 0; u < v; u++) {
      const shadow = product(vectors, u * length, v * length, length) // of v on u
      for (let k = 0; k < length; k++) vectors[v * length + k] -= shadow * vectors[u * length + k]
    }
    const norm = Math.sqrt(product(vectors, v * length, v * length, length))
    for (let k = 0; k < length; k++) vectors[v * length + k] /= norm
  }
}
function product(x, a, b, length) {
  let sum = 0
  for (let k = 0; k < length; k++) sum += x[a + k] * x[b + k]
  return sum
}
