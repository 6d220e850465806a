// Locally connected layers and convolutions on the module.

import type { Geometry } from '../geometry.ts'
import type { Implementation, Local2D } from '../kernels/local2d.ts'
import { LINE } from '../kernels/stretches.ts'
import { LEAST_LINES, type SimdContext } from './context.ts'
import type { SimdMemory } from './memory.ts'

/** As many elements of a patch, filters and samples fit into a thread's scratch (scratch.ts). */
const MOST = 32768
/** Bytes of the panel that holds the sums of a place for some samples. */
const PANEL = 2 ** 19
/** Runs that fit into the list of them. */
const MOST_RUNS = 3000

/** Whether the scratch suffices. */
function fits(g: Geometry, B: number): boolean {
  const runs = g.patchChannelsFirst ? g.C * g.KH : g.KH * g.KW
  return g.K <= MOST && g.F <= MOST && B <= MOST && runs <= MOST_RUNS && g.P * g.K * 4 < 2 ** 31
}

export function simdLocal2d(context: SimdContext, implementation: Implementation): Local2D {
  const { memory, runner, reference, kernel, setGeometry, leastFor } = context
  const forwards = context.count(`local2d.${implementation}.forward`)
  const backwards = context.count(`local2d.${implementation}.backward`)
  const slow = reference.local2d[implementation]
  const [forward, weightGradients, inputGradients] = (
    ['localForward', 'localWeightGradients', 'localInputGradients'] as const
  ).map(kernel)
  const fillZero = kernel('fillZero')
  return {
    forward(out, x, weights, bias, B, g) {
      if (!lieIn(memory, out, x, weights, bias) || !fits(g, B)) {
        slow.forward(out, x, weights, bias, B, g)
        return
      }
      forwards.simd++
      setGeometry(g, implementation)
      memory.setArray(0, out)
      memory.setArray(1, x)
      memory.setArray(2, weights)
      memory.setArray(3, bias)
      memory.setInteger(4, B)
      runner.run(forward, g.P, leastFor(B * g.K * g.F))
    },
    backward(gradients, dout, x, weights, B, g) {
      const { x: dx, kernel: dkernel, bias: dbias } = gradients
      if (!lieIn(memory, dkernel, dout, x, weights, dx, dbias) || !fits(g, B)) {
        slow.backward(gradients, dout, x, weights, B, g)
        return
      }
      backwards.simd++
      if (implementation === 2 && !gradients.unconnectedAreZero) {
        memory.setArray(0, dkernel)
        memory.setInteger(1, dkernel.length)
        runner.run(fillZero, Math.ceil(dkernel.length / LINE), LEAST_LINES)
      }
      setGeometry(g, implementation)
      memory.setArray(0, dkernel)
      memory.setArray(1, dbias)
      memory.setArray(2, dout)
      memory.setArray(3, x)
      memory.setInteger(4, B)
      runner.run(weightGradients, g.P, leastFor(B * g.K * g.F))
      if (!dx) return
      memory.setArray(0, dx)
      memory.setArray(1, dout)
      memory.setArray(2, weights)
      memory.setInteger(3, B)
      memory.setInteger(4, samplesPerPanel(g.K, B))
      // Places at the border of two chunks are looked at for both: as few chunks as there are threads.
      const chunk = Math.floor(g.H / runner.threads)
      runner.run(inputGradients, g.H, Math.max(chunk, leastFor((B * g.P * g.K * g.F) / g.H)))
    },
  }
}

/** How many samples' sums the panel has room for: a multiple of 4 where it is as many. */
function samplesPerPanel(K: number, B: number): number {
  const room = Math.floor(PANEL / (4 * K))
  return Math.min(room >= 4 ? room - (room % 4) : room, Math.max(B, 1))
}

/** Convolutions: one kernel for all places. */
export function simdConvolution(context: SimdContext): Local2D {
  const { memory, runner, reference, kernel, setGeometry, leastFor } = context
  const forwards = context.count('convolution.forward')
  const backwards = context.count('convolution.backward')
  const slow = reference.convolution
  const forward = kernel('convolutionForward')
  const weightGradients = kernel('convolutionWeightGradients')
  const inputGradients = kernel('convolutionInputGradients')
  return {
    forward(out, x, weights, bias, B, g) {
      if (!lieIn(memory, out, x, weights, bias) || !fits(g, B)) {
        slow.forward(out, x, weights, bias, B, g)
        return
      }
      forwards.simd++
      setGeometry(g, 0)
      memory.setArray(0, out)
      memory.setArray(1, x)
      memory.setArray(2, weights)
      memory.setArray(3, bias)
      runner.run(forward, B * g.OH, leastFor(g.OW * g.K * g.F))
    },
    backward(gradients, dout, x, weights, B, g) {
      const { x: dx, kernel: dkernel, bias: dbias } = gradients
      if (!lieIn(memory, dkernel, dout, x, weights, dx, dbias) || !fits(g, B)) {
        slow.backward(gradients, dout, x, weights, B, g)
        return
      }
      backwards.simd++
      setGeometry(g, 0)
      memory.setArray(0, dkernel)
      memory.setArray(1, dbias)
      memory.setArray(2, dout)
      memory.setArray(3, x)
      memory.setInteger(4, B)
      runner.run(weightGradients, g.KH * g.KW, leastFor(B * g.P * g.C * g.F))
      if (!dx) return
      memory.setArray(0, dx)
      memory.setArray(1, dout)
      memory.setArray(2, weights)
      runner.run(inputGradients, B, leastFor(g.P * g.K * g.F))
    },
  }
}

/** Whether the module can reach all of them. */
function lieIn(memory: SimdMemory, ...arrays: (Float32Array | null)[]): boolean {
  return arrays.every(array => array === null || memory.holds(array))
}
