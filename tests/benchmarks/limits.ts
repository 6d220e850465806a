// How far from what the machine can do: multiplications and additions, and bytes that must move.

import type { LayerCase } from './cases.ts'

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
