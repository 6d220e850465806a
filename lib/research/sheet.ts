// The units of a locally connected layer on a sheet, and the smoothness of their weights over it: the penalty and its
// gradient.
//
// Place (oh, ow) covers a rectangle of the sheet, with a unit for each filter. Unit u, at row r and column s of the sheet,
// has the vector v_u of its K weights and its bias. With unit vectors n_u = v_u / |v_u|,
//   loss = ½ (1 − ½ (mean of n_u · n_w over neighbours in a column + mean of n_u · n_w over neighbours in a row))

import type { Geometry } from '../core/geometry.ts'

const { floor, sqrt } = Math

/** The layout of a sheet. */
export interface Sheet {
  readonly rows: number
  readonly columns: number
  /** The rows and columns of units at each place. */
  readonly unitRows: number
  readonly unitColumns: number
  /** The pairs of neighbours, two units each: in a column, and in a row. Directions without neighbours are left out. */
  readonly directions: readonly Int32Array[]
}

/**
 * Filters are laid out as √F × √F; if F is not square, in the largest number of rows below √F that divides it.
 * @param circular whether the first row follows the last, and the first column the last
 */
export function sheetOf({ OH, OW, F }: Pick<Geometry, 'OH' | 'OW' | 'F'>, circular: boolean): Sheet {
  let unitRows = floor(sqrt(F))
  while (F % unitRows !== 0) unitRows--
  const unitColumns = F / unitRows
  const [rows, columns] = [OH * unitRows, OW * unitColumns]
  const pairs = (down: number, right: number) => {
    const found: number[] = []
    for (let r = 0; r < (circular ? rows : rows - down); r++)
      for (let s = 0; s < (circular ? columns : columns - right); s++)
        found.push(r * columns + s, ((r + down) % rows) * columns + ((s + right) % columns))
    return Int32Array.from(found)
  }
  const directions = [rows > 1 ? pairs(1, 0) : null, columns > 1 ? pairs(0, 1) : null]
  return { rows, columns, unitRows, unitColumns, directions: directions.filter(each => each !== null) }
}

/** The unit on the sheet of filter f at place p. */
export function unitAt({ columns, unitRows, unitColumns }: Sheet, OW: number, p: number, f: number): number {
  const row = floor(p / OW) * unitRows + floor(f / unitColumns)
  return row * columns + (p % OW) * unitColumns + (f % unitColumns)
}

/** Smaller squares of norms are raised to this value, as in TensorFlow, to avoid division by 0. */
const LEAST_SQUARE = 1e-12

/** Divides every vector by its norm. */
export function normalize(
  vectors: Float64Array, // [units, length], written
  norms: Float64Array, // [units], written
): void {
  const length = vectors.length / norms.length
  for (let u = 0; u < norms.length; u++) {
    let square = 0
    for (let k = u * length; k < (u + 1) * length; k++) square += vectors[k] * vectors[k]
    norms[u] = sqrt(Math.max(square, LEAST_SQUARE))
    for (let k = u * length; k < (u + 1) * length; k++) vectors[k] /= norms[u]
  }
}

/** The mean of the mean cosines of all directions. */
export function meanCosine(
  unit: Float64Array, // [units, length]
  length: number,
  { directions }: Sheet,
): number {
  let total = 0
  for (const pairs of directions) {
    let sum = 0
    for (let i = 0; i < pairs.length; i += 2) sum += product(unit, length, pairs[i], pairs[i + 1])
    total += sum / (pairs.length / 2)
  }
  return total / directions.length
}

/** The gradient of the loss. That of a cosine c = n_u · n_w with respect to v_u is (n_w − c n_u) / |v_u|. */
export function sheetGradient(
  dv: Float64Array, // [units, length], written
  unit: Float64Array, // [units, length]
  norms: Float64Array, // [units]
  { directions }: Sheet,
): void {
  const length = unit.length / norms.length
  dv.fill(0)
  for (const pairs of directions) {
    const share = -1 / (2 * directions.length * (pairs.length / 2)) // of each cosine in the loss
    for (let i = 0; i < pairs.length; i += 2) {
      const cosine = product(unit, length, pairs[i], pairs[i + 1])
      for (const [u, w] of [
        [pairs[i], pairs[i + 1]],
        [pairs[i + 1], pairs[i]],
      ]) {
        const along = norms[u] * norms[u] > LEAST_SQUARE ? cosine : 0 // a raised norm is a constant
        for (let k = 0; k < length; k++)
          dv[u * length + k] += (share * (unit[w * length + k] - along * unit[u * length + k])) / norms[u]
      }
    }
  }
}

function product(unit: Float64Array, length: number, u: number, w: number): number {
  let sum = 0
  for (let k = 0; k < length; k++) sum += unit[u * length + k] * unit[w * length + k]
  return sum
}
