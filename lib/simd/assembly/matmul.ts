// The matrix product of Dense layers, out = bias + x · kernel, and its gradients.

import { address, INITIAL, integer, WEIGHTS } from './scratch'
import { productOf, Run, tileColumns, tiles } from './tile'
import { PACKED_ROW, turn } from './transpose'

/** Terms of a sum per block: their weights stay in the cache while all rows use them. */
const DEPTH = 512

/** Computes columns 32·from … 32·to − 1. */
export function matmulForward(from: i32, to: i32, scratch: usize): void {
  const out = address(0)
  const x = address(1)
  const kernel = address(2)
  const bias = address(3)
  const M = integer(4)
  const K = integer(5)
  const N = integer(6)
  const product = productOf(scratch)
  const initial = scratch + INITIAL
  const run = changetype<Run>(product.runs)
  product.xRow = 4 * K
  product.xStep = 4
  product.wStep = 4 * N
  product.outRow = 4 * N
  const end = min(32 * to, N)
  // With few rows, short blocks keep reads of the weights close to memory order, which helps prefetching.
  const depth = M < 4 ? 16 : DEPTH
  // Pack weights that many rows use and whose own rows would evict each other from the cache, being 1 KiB apart or more.
  const packs = M >= 16 && N % 256 === 0
  if (packs) product.wStep = PACKED_ROW
  for (let k = 0; k < max(K, 1); k += depth) {
    run.length = min(depth, K - k)
    product.initialRow = k === 0 ? 0 : 4 * N
    for (let n = 32 * from; n < end; ) {
      let w = kernel + 4 * (usize(k) * usize(N) + n)
      if (packs) {
        packColumns(scratch + WEIGHTS, w, run.length, 4 * N)
        w = scratch + WEIGHTS
      }
      const columns = tileColumns(M, end - n)
      let start = out + 4 * n
      if (k === 0) {
        if (bias) memory.copy(initial, bias + 4 * n, 4 * columns)
        start = initial
      }
      tiles(product, out + 4 * n, start, x + 4 * k, w, M, columns)
      n += columns
    }
  }
}

/** Packs 8 columns of `n` rows, `row` bytes apart. */
function packColumns(to: usize, from: usize, n: i32, row: usize): void {
  for (; n > 0; n--) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    to += PACKED_ROW
    from += row
  }
}

/** Sums rows 4·from … 4·to − 1 of the kernel's gradient over the rows of x; with row 0, also the bias gradient. */
export function matmulWeightGradients(from: i32, to: i32, scratch: usize): void {
  const dkernel = address(0)
  const dbias = address(1)
  const dout = address(2)
  const x = address(3)
  const M = integer(4)
  const K = integer(5)
  const N = integer(6)
  const product = productOf(scratch)
  const initial = scratch + INITIAL
  const run = changetype<Run>(product.runs)
  product.xRow = 4 // here, rows are indexed by k, and the sum runs over m
  product.xStep = 4 * K
  product.wStep = 4 * N
  product.outRow = 4 * N
  run.length = M
  const end = min(4 * to, K)
  const rows = end - 4 * from
  for (let n = 0; n < N; ) {
    const columns = tileColumns(rows, N - n)
    tiles(
      product,
      dkernel + 4 * (usize(4 * from) * usize(N) + n),
      initial,
      x + 16 * from,
      dout + 4 * n,
      rows,
      columns,
    )
    n += columns
  }
  if (from > 0 || !dbias) return
  memory.fill(dbias, 0, 4 * N)
  for (let m = 0; m < M; m++) {
    const dy = dout + 4 * usize(m) * usize(N)
    let n = 0
    for (; n + 4 <= N; n += 4) {
      const at = dbias + 4 * n
      v128.store(at, f32x4.add(v128.load(at), v128.load(dy + 4 * n)))
    }
    for (; n < N; n++) store<f32>(dbias + 4 * n, load<f32>(dbias + 4 * n) + load<f32>(dy + 4 * n))
  }
}

/** Filters whose weights are transposed at a time. */
const WIDTH = 1024

/** Sums columns 8·from … 8·to − 1 of the gradient of x over the columns of out. */
export function matmulInputGradients(from: i32, to: i32, scratch: usize): void {
  const dx = address(0)
  const dout = address(1)
  const kernel = address(2)
  const M = integer(3)
  const K = integer(4)
  const N = integer(5)
  const product = productOf(scratch)
  const initial = scratch + INITIAL
  const run = changetype<Run>(product.runs)
  product.xRow = 4 * N
  product.xStep = 4
  product.wStep = 32
  product.outRow = 4 * K
  const turned = scratch + WEIGHTS
  const end = min(8 * to, K)
  for (let k = 8 * from; k < end; ) {
    const columns = tileColumns(4, end - k)
    const out = dx + 4 * k
    for (let n = 0; n < max(N, 1); n += WIDTH) {
      const width = min(WIDTH, N - n)
      turn(turned, kernel + 4 * (usize(k) * usize(N) + n), columns, width, 4 * N)
      run.length = width
      product.initialRow = n === 0 ? 0 : 4 * K
      tiles(product, out, n === 0 ? initial : out, dout + 4 * n, turned, M, columns)
    }
    k += columns
  }
}
