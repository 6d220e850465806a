// Converts kernels between the layouts of implementations 1, 2 and 3. Connected weights are copied exactly; masked
// entries (2) and entries outside the image (1 with 'same') become 0.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import type { Implementation } from './local2d.ts'

/** The offset of a connected weight in each layout; `shared`: in the kernel `[KH, KW, C, F]` of a convolution. */
type Offsets = Record<Implementation | 'shared', number>

/** Calls `visit` with the offsets of every connected weight, in the order of implementation 3. */
export function eachConnection(g: Geometry, visit: (offsets: Offsets) => void): void {
  const { P, K, F, C, KH, KW, OW, outputSize, outputPlace, outputFilter, channelsFirst } = g
  const window = KH * KW
  let entry = 0
  for (let o = 0; o < outputSize; o++) {
    const p = channelsFirst ? o % P : Math.floor(o / F)
    const f = channelsFirst ? Math.floor(o / P) : o % F
    for (let k = 0; k < K; k++) {
      const i = inputIndex(g, Math.floor(p / OW), p % OW, k)
      if (i < 0) continue
      const kLast = channelsFirst ? (k % window) * C + Math.floor(k / window) : k // as (kh, kw, c)
      visit({
        1: (p * K + k) * F + f,
        2: i * outputSize + p * outputPlace + f * outputFilter,
        3: entry++,
        shared: kLast * F + f,
      })
    }
  }
}

/** Copies every connected weight of `source`, stored as implementation `from`, to `target`, stored as `to`. */
export function convertLocalKernel(
  target: Float32Array, // the shape of implementation `to`   written
  to: Implementation,
  source: Float32Array, // the shape of implementation `from`
  from: Implementation,
  g: Geometry,
): void {
  target.fill(0)
  eachConnection(g, offsets => {
    target[offsets[to]] = source[offsets[from]]
  })
}
