// The matrix product of Dense on the WebAssembly module.

import type { matmul } from '../kernels/matmul.ts'
import type { SimdContext } from './context.ts'

type Matmul = typeof matmul

export function simdMatmul(context: SimdContext, slow: Matmul): Matmul {
  const { memory, runner, kernel } = context
  const forwards = context.count('matmul.forward')
  const backwards = context.count('matmul.backward')
  const [forward, weightGradients, inputGradients] = (
    ['matmulForward', 'matmulWeightGradients', 'matmulInputGradients'] as const
  ).map(kernel)
  return {
    name: slow.name,
    forward(out, x, weights, bias, M, K, N) {
      const here = memory.holds(out) && memory.holds(x) && memory.holds(weights) && (!bias || memory.holds(bias))
      if (!here) {
        slow.forward(out, x, weights, bias, M, K, N)
        return
      }
      forwards.simd++
      memory.setArray(0, out)
      memory.setArray(1, x)
      memory.setArray(2, weights)
      memory.setArray(3, bias)
      memory.setInteger(4, M)
      memory.setInteger(5, K)
      memory.setInteger(6, N)
      runner.run(forward, Math.ceil(N / 32), 32 * M * K)
    },
    backward(dx, dkernel, dbias, dout, x, weights, M, K, N) {
      const here =
        memory.holds(dkernel) &&
        memory.holds(dout) &&
        memory.holds(x) &&
        memory.holds(weights) &&
        (!dx || memory.holds(dx)) &&
        (!dbias || memory.holds(dbias))
      if (!here) {
        slow.backward(dx, dkernel, dbias, dout, x, weights, M, K, N)
        return
      }
      backwards.simd++
      memory.setArray(0, dkernel)
      memory.setArray(1, dbias)
      memory.setArray(2, dout)
      memory.setArray(3, x)
      memory.setInteger(4, M)
      memory.setInteger(5, K)
      memory.setInteger(6, N)
      runner.run(weightGradients, Math.ceil(K / 4), 4 * M * N)
      if (!dx) return
      memory.setArray(0, dx)
      memory.setArray(1, dout)
      memory.setArray(2, weights)
      memory.setInteger(3, M)
      memory.setInteger(4, K)
      memory.setInteger(5, N)
      runner.run(inputGradients, Math.ceil(K / 8), 8 * M * N)
    },
  }
}
