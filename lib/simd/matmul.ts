// The matrix product of Dense on the WebAssembly module.

import type { matmul } from '../kernels/matmul.ts'
import type { SimdContext } from './context.ts'
import { matmulForward, matmulInputGradients, matmulWeightGradients } from './kernels.ts'

type Matmul = typeof matmul

export function simdMatmul(context: SimdContext, slow: Matmul): Matmul {
  const { memory, runner } = context
  const forwards = context.count('matmul.forward')
  const backwards = context.count('matmul.backward')
  return {
    name: slow.name,
    forward(out, x, weights, bias, M, K, N) {
      if (!memory.holds(out, x, weights, bias)) {
        slow.forward(out, x, weights, bias, M, K, N)
        return
      }
      forwards.simd++
      memory.pass([out, x, weights, bias, M, K, N])
      runner.run(matmulForward, Math.ceil(N / 32), 32 * M * K)
    },
    backward(dx, dkernel, dbias, dout, x, weights, M, K, N) {
      if (!memory.holds(dx, dkernel, dbias, dout, x, weights)) {
        slow.backward(dx, dkernel, dbias, dout, x, weights, M, K, N)
        return
      }
      backwards.simd++
      memory.pass([dkernel, dbias, dout, x, M, K, N])
      runner.run(matmulWeightGradients, Math.ceil(K / 4), 4 * M * N)
      if (!dx) return
      memory.pass([dx, dout, weights, M, K, N])
      runner.run(matmulInputGradients, Math.ceil(K / 8), 8 * M * N)
    },
  }
}
