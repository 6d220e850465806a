// Dropout as multiplication by a mask of 0 and 1/(1 − rate). A dropped entry is 0 whatever it was, NaN too.

/** y[i] = x[i] · mask[i]; its own transpose. */
export function maskForward(y: Float32Array, x: Float32Array, mask: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) y[i] = mask[i] === 0 ? 0 : x[i] * mask[i]
}

export const dropoutKernel = { name: 'dropout', maskForward }
