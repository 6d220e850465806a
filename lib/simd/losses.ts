// Crossentropies of logits on the WebAssembly module. Elsewhere, and where classes are not on the last axis, the
// reference computes.

import { factorOf } from '../kernels/losses/crossentropy.ts'
import type { LossKernel } from '../kernels/losses/index.ts'
import type { SimdContext } from './context.ts'
import { PANEL_SIZE } from './layout.ts'
import type { KernelName } from './wasm.ts'

type Named = LossKernel & { readonly name: string }

/** The number of multiply-adds that take as long as an exponential. */
const COST_OF_EXP = 10
/** The longest row whose exponentials fit in a thread's scratch. */
const LONGEST = PANEL_SIZE / 4 - 4

/** Targets are distributions. */
export const simdCrossentropy = (context: SimdContext, slow: Named) =>
  onRows(context, slow, ['crossentropyForward', 'crossentropyBackward'], (_t, _rows, smoothing) => [smoothing])

/** Targets are classes. */
export const simdSparseCrossentropy = (context: SimdContext, slow: Named) =>
  onRows(context, slow, ['sparseCrossentropyForward', 'sparseCrossentropyBackward'], (t, rows, ignored, makesUp) => [
    factorOf(t, rows, ignored, makesUp),
    ignored,
  ])

/** @param numbersFor the last arguments of both kernels, from the targets, their number and the options */
function onRows(
  context: SimdContext,
  slow: Named,
  names: readonly [forward: KernelName, backward: KernelName],
  numbersFor: (t: Float32Array, rows: number, a: number, b: number) => readonly number[],
): Named {
  const { memory, runner, leastFor } = context
  const { name } = slow
  const [forwards, backwards] = [context.count(`${name}.forward`), context.count(`${name}.backward`)]
  const [forward, backward] = names.map(context.kernel)
  const run = (
    kernel: number,
    arrays: readonly Float32Array[],
    rows: number,
    length: number,
    numbers: readonly number[],
  ) => {
    for (let i = 0; i < arrays.length; i++) memory.setArray(i, arrays[i])
    memory.setInteger(arrays.length, length)
    for (let i = 0; i < numbers.length; i++) memory.setFloat(arrays.length + 1 + i, numbers[i])
    runner.run(kernel, rows, leastFor(COST_OF_EXP * length))
  }
  const isHere = (arrays: readonly Float32Array[], length: number, inner: number) =>
    inner === 1 && length > 0 && length <= LONGEST && arrays.every(array => memory.holds(array))
  return {
    name,
    forward(values, t, z, rows, length, inner, a, b, c, d) {
      const arrays = [values, t, z]
      if (!isHere(arrays, length, inner)) {
        slow.forward(values, t, z, rows, length, inner, a, b, c, d)
        return
      }
      forwards.simd++
      run(forward, arrays, rows, length, numbersFor(t, rows, a, b))
    },
    backward(dz, t, z, scale, rows, length, inner, a, b, c, d) {
      const arrays = [dz, t, z, scale]
      if (!isHere(arrays, length, inner)) {
        slow.backward(dz, t, z, scale, rows, length, inner, a, b, c, d)
        return
      }
      backwards.simd++
      run(backward, arrays, rows, length, numbersFor(t, rows, a, b))
    },
  }
}
