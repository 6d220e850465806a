// Moves the channels of each sample from the first axis to the last, and back; Flatten does this to channels_first
// data.

/** y[b, s, c] = x[b, c, s] */
export function channelsToLast(y: Float32Array, x: Float32Array, B: number, C: number, S: number): void {
  for (let b = 0; b < B; b++)
    for (let c = 0; c < C; c++) for (let s = 0; s < S; s++) y[(b * S + s) * C + c] = x[(b * C + c) * S + s]
}

/** y[b, c, s] = x[b, s, c], the inverse of channelsToLast */
export function channelsToFirst(y: Float32Array, x: Float32Array, B: number, C: number, S: number): void {
  for (let b = 0; b < B; b++)
    for (let c = 0; c < C; c++) for (let s = 0; s < S; s++) y[(b * C + c) * S + s] = x[(b * S + s) * C + c]
}

export const permute = { name: 'permute', channelsToLast, channelsToFirst }
