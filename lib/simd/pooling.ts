// Pooling on the WebAssembly module.

import type { Geometry } from '../core/geometry.ts'
import type { pool2d } from '../kernels/pool2d.ts'
import type { SimdContext } from './context.ts'
import { averagePoolBackward, averagePoolForward, maxPoolBackward, maxPoolForward } from './kernels.ts'

type Pooling = typeof pool2d

export function simdPooling(context: SimdContext, slow: Pooling): Pooling {
  const { memory, runner, setGeometry } = context
  const { name, max, average } = slow

  /** A function that runs the kernel if all arrays are in the memory, and returns whether it did. */
  const ready = (path: string, kernel: number) => {
    const calls = context.count(`${slow.name}.${path}`)
    return (arrays: readonly Float32Array[], g: Geometry, length: number, work: number): boolean => {
      if (!memory.holds(...arrays)) return false
      calls.simd++
      setGeometry(g, 0)
      memory.pass(arrays)
      runner.run(kernel, length, work)
      return true
    }
  }
  const maxForward = ready('max.forward', maxPoolForward)
  const maxBackward = ready('max.backward', maxPoolBackward)
  const averageForward = ready('average.forward', averagePoolForward)
  const averageBackward = ready('average.backward', averagePoolBackward)
  const rowWork = (g: Geometry) => g.OW * g.K
  const sampleWork = (g: Geometry) => g.P * g.K

  return {
    name,
    max: {
      forward(out, argmax, x, B, g) {
        if (!maxForward([out, argmax, x], g, B * g.OH, rowWork(g))) max.forward(out, argmax, x, B, g)
      },
      backward(dx, dout, argmax, B, g) {
        if (!maxBackward([dx, dout, argmax], g, B, sampleWork(g))) max.backward(dx, dout, argmax, B, g)
      },
    },
    average: {
      forward(out, x, B, g) {
        if (!averageForward([out, x], g, B * g.OH, rowWork(g))) average.forward(out, x, B, g)
      },
      backward(dx, dout, B, g) {
        if (!averageBackward([dx, dout], g, B, sampleWork(g))) average.backward(dx, dout, B, g)
      },
    },
  }
}
