// How far from what the machine can do: multiplications and additions, and bytes that must move.

import type { LayerCase, ModelCase } from './cases.ts'

export interface Sizes {
  /** Output places. */
  readonly places: number
  /** Numbers in a patch. */
  readonly patch: number
  /** Numbers in the kernel. */
  readonly weights: number
  /** Multiplications and additions, counted apart, of one forward pass; each of two gradients takes as many. */
  readonly operations: number
  readonly inputs: number
  readonly outputs: number
}

export function sizesOf({ batch, inputShape: [H, W, C], kernelSize, strides, filters }: LayerCase): Sizes {
  const [KH, KW] = kernelSize
  const [SH, SW] = strides
  const places = (Math.floor((H - KH) / SH) + 1) * (Math.floor((W - KW) / SW) + 1)
  const patch = KH * KW * C
  const weights = places * patch * filters
  const [inputs, outputs] = [batch * H * W * C, batch * places * filters]
  return { places, patch, weights, operations: 2 * batch * weights, inputs, outputs }
}

/** What the machine does at best, on all threads that take part. */
export interface MachineLimits {
  /** float32 multiplications and additions a second, counted apart, from registers alone. */
  readonly operationsPerSecond: number
  /** Bytes read and bytes written a second, counted apart, copying what no cache holds. */
  readonly bytesPerSecond: number
}

export interface Distance {
  readonly bound: 'arithmetic' | 'memory'
  /** The least time that the machine allows, in milliseconds. */
  readonly leastMs: number
  /** Of the limit, from 0 to 1. */
  readonly share: number
}

/**
 * What a time is of the limit. Forward reads input, kernel and bias and writes the output; a step reads the kernel for
 * forward and for the input's gradient, and once more, with its gradient written and read, to update it.
 */
export function distance(given: LayerCase, quantity: 'forward' | 'step', ms: number, limits: MachineLimits): Distance {
  const { operations, weights, inputs, outputs } = sizesOf(given)
  const isStep = quantity === 'step'
  const bytes = 4 * (isStep ? 6 * weights + 3 * inputs + 3 * outputs : weights + inputs + outputs)
  const arithmeticMs = ((isStep ? 3 : 1) * operations * 1e3) / limits.operationsPerSecond
  const memoryMs = (bytes * 1e3) / limits.bytesPerSecond
  const leastMs = Math.max(arithmeticMs, memoryMs)
  return { bound: arithmeticMs >= memoryMs ? 'arithmetic' : 'memory', leastMs, share: leastMs / ms }
}

/** What a training step computes and moves at least. */
export interface StepSizes {
  /** Multiplications and additions, counted apart: forward, the kernels' gradients, and those of inputs but the first. */
  readonly operations: number
  /** Bytes that the update reads and writes: weights, gradients, and what the optimizer keeps. */
  readonly updateBytes: number
}

/** The sizes of a step of a stack of LocallyConnected2D, Flatten and Dense; `null` for other models. */
export function stepSizesOf({ batch, inputShape, layers, optimizer = 'adam' }: ModelCase): StepSizes | null {
  let shape: readonly number[] = inputShape
  let [operations, weights] = [0, 0]
  for (const [className, options, reads] of layers) {
    if (reads) return null
    const passes = operations === 0 ? 2 : 3
    if (className === 'LocallyConnected2D') {
      const [filters, window, stride] = [options.filters, options.kernelSize, options.strides ?? 1] as number[]
      const [H, W, C] = shape
      const [OH, OW] = [H, W].map(n => Math.floor((n - window) / stride) + 1)
      const kernel = OH * OW * window * window * C * filters
      operations += passes * 2 * batch * kernel
      weights += kernel + OH * OW * filters
      shape = [OH, OW, filters]
    } else if (className === 'Dense') {
      const [inputs, units] = [shape[0], options.units as number]
      operations += passes * 2 * batch * inputs * units
      weights += (inputs + 1) * units
      shape = [units]
    } else if (className === 'Flatten') shape = [shape.reduce((a, b) => a * b)]
    else return null
  }
  const moved = optimizer === 'adam' ? 7 : 3 // Adam reads weight, gradient and two moments, and writes all but the gradient
  return { operations, updateBytes: 4 * moved * weights }
}

/** The least time of a step, in milliseconds: its arithmetic, then the memory traffic of the update. */
export function leastStepMs({ operations, updateBytes }: StepSizes, limits: MachineLimits): number {
  return 1e3 * (operations / limits.operationsPerSecond + updateBytes / limits.bytesPerSecond)
}
