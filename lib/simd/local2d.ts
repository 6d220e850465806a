// Locally connected layers and convolutions on the WebAssembly module.

import type { Geometry } from '../core/geometry.ts'
import type { Implementation, Local2D } from '../kernels/local2d.ts'
import { COST_OF_LINE, type SimdContext } from './context.ts'
import {
  convolutionForward,
  convolutionInputGradients,
  convolutionWeightGradients,
  fillZero,
  localForward,
  localInputGradients,
  localWeightGradients,
} from './kernels.ts'
import { LINE } from './layout.ts'

/** The maximum number of patch elements, filters and samples that fit in a thread's scratch (scratch.ts). */
const MOST = 32768
/** The maximum number of runs in the scratch's list. */
const MOST_RUNS = 3000

/** Whether the scratch is large enough. */
function fits(g: Geometry, B: number): boolean {
  const runs = g.patchChannelsFirst ? g.C * g.KH : g.KH * g.KW
  return g.K <= MOST && g.F <= MOST && B <= MOST && runs <= MOST_RUNS && g.P * g.K * 4 < 2 ** 31
}

/** How the work of a layer is divided: for each kernel, the index length and the multiply-adds per step. */
interface Jobs {
  readonly kernels: readonly [forward: number, weightGradients: number, inputGradients: number]
  forward(g: Geometry, B: number): [length: number, cost: number]
  weightGradients(g: Geometry, B: number): [length: number, cost: number]
  inputGradients(g: Geometry, B: number): [length: number, cost: number]
}

const local: Jobs = {
  kernels: [localForward, localWeightGradients, localInputGradients],
  forward: (g, B) => [g.P, B * g.K * g.F],
  weightGradients: (g, B) => [g.P, B * g.K * g.F],
  inputGradients: (g, B) => [g.H, (B * g.P * g.K * g.F) / g.H],
}

const convolution: Jobs = {
  kernels: [convolutionForward, convolutionWeightGradients, convolutionInputGradients],
  forward: (g, B) => [B * g.OH, g.OW * g.K * g.F],
  weightGradients: (g, B) => [g.KH * g.KW, B * g.P * g.C * g.F],
  inputGradients: (g, B) => [B, g.P * g.K * g.F],
}

export const simdLocal2d = (implementation: Implementation) => (context: SimdContext, slow: Local2D) =>
  onWindows(context, slow, local, implementation)

/** Convolutions: one kernel for all places. */
export const simdConvolution = (context: SimdContext, slow: Local2D) => onWindows(context, slow, convolution, 0)

/** @param layout the implementation whose kernel layout is used; 0: one kernel for all places */
function onWindows(context: SimdContext, slow: Local2D, jobs: Jobs, layout: 0 | Implementation): Local2D {
  const { memory, runner, setGeometry } = context
  const { name } = slow
  const forwards = context.count(`${name}.forward`)
  const backwards = context.count(`${name}.backward`)
  const [forward, weightGradients, inputGradients] = jobs.kernels
  return {
    name,
    forward(out, x, weights, bias, B, g) {
      if (!memory.holds(out, x, weights, bias) || !fits(g, B)) {
        slow.forward(out, x, weights, bias, B, g)
        return
      }
      forwards.simd++
      setGeometry(g, layout)
      memory.pass([out, x, weights, bias, B])
      const [length, cost] = jobs.forward(g, B)
      runner.run(forward, length, cost)
    },
    backward(gradients, dout, x, weights, B, g) {
      const { x: dx, kernel: dkernel, bias: dbias } = gradients
      if (!memory.holds(dkernel, dout, x, weights, dx, dbias) || !fits(g, B)) {
        slow.backward(gradients, dout, x, weights, B, g)
        return
      }
      backwards.simd++
      if (layout === 2 && !memory.sparing.isCleared(dkernel, g)) {
        memory.pass([dkernel, dkernel.length])
        runner.run(fillZero, Math.ceil(dkernel.length / LINE), COST_OF_LINE)
        memory.sparing.cleared(dkernel, g)
      }
      setGeometry(g, layout)
      memory.pass([dkernel, dbias, dout, x, B])
      const [length, cost] = jobs.weightGradients(g, B)
      runner.run(weightGradients, length, cost)
      if (!dx) return
      memory.pass([dx, dout, weights, B])
      const [rows, costOfRow] = jobs.inputGradients(g, B)
      // Places at the border of two chunks are processed for both, so there is only one chunk per thread.
      runner.run(inputGradients, rows, costOfRow, layout === 0 ? undefined : 1)
    },
  }
}
