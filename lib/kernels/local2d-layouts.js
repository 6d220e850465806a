// The kernels that implementations 1, 2 and 3 store, turned into each other. Exact for every connected weight;
// masked entries (2) and entries outside the image (1 with 'same') are not carried: they come back as 0.
import { inputIndex } from '../geometry.ts'

/** Calls `visit` with the three offsets of every connected weight, in the order of implementation 3. */
function eachConnection(g, visit) {
  const { P, K, F, OW, outputSize, outputPlace, outputFilter, channelsFirst } = g
  let entry = 0
  for (let o = 0; o < outputSize; o++) {
    const p = channelsFirst ? o % P : Math.floor(o / F)
    const f = channelsFirst ? Math.floor(o / P) : o % F
    for (let k = 0; k < K; k++) {
      const i = inputIndex(g, Math.floor(p / OW), p % OW, k)
      if (i < 0) continue
      visit({
        1: (p * K + k) * F + f,
        2: i * outputSize + p * outputPlace + f * outputFilter,
        3: entry++,
      })
    }
  }
}
/** Copies every connected weight of `source`, stored as implementation `from`, to `target`, stored as `to`. */
export function convertLocalKernel(
  target, // the shape of implementation `to`   written
  to,
  source, // the shape of implementation `from`
  from,
  g,
) {
  target.fill(0)
  eachConnection(g, offsets => {
    target[offsets[to]] = source[offsets[from]]
  })
}
