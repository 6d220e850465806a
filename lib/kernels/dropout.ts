// Dropout: multiplication by a mask of 0 and 1/(1 − rate). Dropped entries are always 0, even if the input is NaN.

/** y[i] = x[i] · mask[i]. This function is its own transpose. */
export function maskForward(y: Float32Array, x: Float32Array, mask: Float32Array, n: number): void {
  for (let i = 0; i < n; i++) y[i] = mask[i] === 0 ? 0 : x[i] * mask[i]
}

export const dropoutKernel = { name: 'dropout', maskForward }
