// Crossentropies of logits on the WebAssembly module. Where classes are not on the last axis, the reference computes.

import type { LossKernel } from '../kernels/losses/index.ts'
import { COST_OF_EXP, type SimdContext } from './context.ts'
import {
  crossentropyBackward,
  crossentropyForward,
  sparseCrossentropyBackward,
  sparseCrossentropyForward,
} from './kernels.ts'
import { PANEL_SIZE } from './layout.ts'

/** The longest row whose exponentials fit in a thread's scratch. */
const LONGEST = PANEL_SIZE / 4 - 4

/** Targets are distributions. */
export const simdCrossentropy = (context: SimdContext, slow: LossKernel) =>
  onRows(context, slow, crossentropyForward, crossentropyBackward)

/** Targets are classes. */
export const simdSparseCrossentropy = (context: SimdContext, slow: LossKernel) =>
  onRows(context, slow, sparseCrossentropyForward, sparseCrossentropyBackward)

function onRows(context: SimdContext, slow: LossKernel, forward: number, backward: number): LossKernel {
  const { memory, runner } = context
  const { name } = slow
  const [forwards, backwards] = [context.count(`${name}.forward`), context.count(`${name}.backward`)]
  const isHere = (arrays: readonly Float32Array[], length: number, inner: number) =>
    inner === 1 && length > 0 && length <= LONGEST && memory.holds(...arrays)
  const run = (kernel: number, arrays: readonly Float32Array[], rows: number, length: number, a: number, b: number) => {
    memory.pass([...arrays, length, rows])
    memory.setFloat(arrays.length + 2, a)
    memory.setFloat(arrays.length + 3, b)
    runner.run(kernel, rows, COST_OF_EXP * length)
  }
  return {
    name,
    forward(values, t, z, rows, length, inner, a, b, c, d) {
      const arrays = [values, t, z]
      if (!isHere(arrays, length, inner)) {
        slow.forward(values, t, z, rows, length, inner, a, b, c, d)
        return
      }
      forwards.simd++
      run(forward, arrays, rows, length, a, b)
    },
    backward(dz, t, z, scale, rows, length, inner, a, b, c, d) {
      const arrays = [dz, t, z, scale]
      if (!isHere(arrays, length, inner)) {
        slow.backward(dz, t, z, scale, rows, length, inner, a, b, c, d)
        return
      }
      backwards.simd++
      run(backward, arrays, rows, length, a, b)
    },
  }
}
