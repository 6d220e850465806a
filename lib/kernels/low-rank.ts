// Weights per place as combinations of few: outputs of R shared kernels, combined at each place, and tables over the
// places that are sums of a part for each row and a part for each column.

const { fround } = Math

export interface LowRank {
  /** Rows and columns of places, combined values per place (R), filters. */
  readonly OH: number
  readonly OW: number
  readonly R: number
  readonly F: number
  readonly channelsFirst: boolean
}

/** out[b, p, f] = bias[p, f] + sum over r of w[p, r] · z[b, p, r·F + f] */
export function combine(
  out: Float32Array, // [B, P, F]   written   (channels first: [B, F, P])
  z: Float32Array, // [B, P, R·F]   (channels first: [B, R·F, P])
  w: Float32Array, // [P, R]
  bias: Float32Array, // [P, F]
  B: number,
  { OH, OW, R, F, channelsFirst }: LowRank,
): void {
  const P = OH * OW
  const [yPlace, zPlace, filter] = channelsFirst ? [1, 1, P] : [F, R * F, 1] // memory strides
  for (let b = 0; b < B; b++)
    for (let p = 0; p < P; p++) {
      const y = b * P * F + p * yPlace // out[b, p, 0]
      for (let f = 0; f < F; f++) out[y + f * filter] = bias[p * F + f]
      for (let r = 0; r < R; r++) {
        const i = b * P * R * F + p * zPlace + r * F * filter // z[b, p, r·F]
        for (let f = 0; f < F; f++) out[y + f * filter] += fround(w[p * R + r] * z[i + f * filter])
      }
    }
}

/** The transpose of combine. dw and dbias are summed over the batch, ascending. */
export function combineBackward(
  dz: Float32Array, // [B, P, R·F]   written
  dw: Float32Array, // [P, R]   written
  dbias: Float32Array, // [P, F]   written
  dout: Float32Array, // [B, P, F]
  z: Float32Array, // [B, P, R·F]
  w: Float32Array, // [P, R]
  B: number,
  { OH, OW, R, F, channelsFirst }: LowRank,
): void {
  const P = OH * OW
  const [yPlace, zPlace, filter] = channelsFirst ? [1, 1, P] : [F, R * F, 1]
  dw.fill(0)
  dbias.fill(0)
  for (let b = 0; b < B; b++)
    for (let p = 0; p < P; p++) {
      const y = b * P * F + p * yPlace // dout[b, p, 0]
      for (let f = 0; f < F; f++) dbias[p * F + f] += dout[y + f * filter]
      for (let r = 0; r < R; r++) {
        const i = b * P * R * F + p * zPlace + r * F * filter // z[b, p, r·F]
        for (let f = 0; f < F; f++) {
          // forward: out[y + f] += w[p, r] · z[i + f]
          const dy = dout[y + f * filter]
          dz[i + f * filter] = dy * w[p * R + r]
          dw[p * R + r] += fround(dy * z[i + f * filter])
        }
      }
    }
}

/** table[i, j, n] = rows[i, n] + columns[j, n]; `null`: 0 */
export function spread(
  table: Float32Array, // [OH, OW, N]   written
  rows: Float32Array | null, // [OH, N]
  columns: Float32Array | null, // [OW, N]
  OH: number,
  OW: number,
): void {
  const N = table.length / (OH * OW)
  for (let i = 0; i < OH; i++)
    for (let j = 0; j < OW; j++)
      for (let n = 0; n < N; n++)
        table[(i * OW + j) * N + n] = (rows ? rows[i * N + n] : 0) + (columns ? columns[j * N + n] : 0)
}

/** The transpose of spread: sums over the columns, and over the rows. */
export function spreadBackward(
  drows: Float32Array | null, // [OH, N]   written
  dcolumns: Float32Array | null, // [OW, N]   written
  dtable: Float32Array, // [OH, OW, N]
  OH: number,
  OW: number,
): void {
  const N = dtable.length / (OH * OW)
  drows?.fill(0)
  dcolumns?.fill(0)
  for (let i = 0; i < OH; i++)
    for (let j = 0; j < OW; j++)
      for (let n = 0; n < N; n++) {
        const d = dtable[(i * OW + j) * N + n]
        if (drows) drows[i * N + n] += d
        if (dcolumns) dcolumns[j * N + n] += d
      }
}

export const lowRank = { name: 'lowRank', combine, combineBackward, spread, spreadBackward }
