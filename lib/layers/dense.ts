// Every input to every output: y = activation(x · kernel + bias), along the last axis.

import { type BatchShape, type Shape, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { positive } from '../options.ts'
import type { Call } from './call.ts'
import { KernelBiasLayer, type KernelBiasOptions, kernelBiasFields } from './kernel-bias.ts'

/** The options of Dense. */
export interface DenseOptions extends KernelBiasOptions {
  /** How many outputs. */
  readonly units: number
}

const dense = { className: 'Dense', fields: { units: positive(), ...kernelBiasFields } }

/**
 * A densely connected layer: input `[batch, …, n]`, output `[batch, …, units]`. Weights: `kernel` `[n, units]`,
 * `bias` `[units]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Dense
 */
export class Dense extends KernelBiasLayer {
  declare readonly className: 'Dense'
  declare readonly units: number

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: DenseOptions) {
    super(options, dense)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const inputs = inputShape.at(-1)
    if (inputShape.length < 2 || typeof inputs !== 'number' || inputs < 1)
      throw new ArgumentError('inputShape', inputShape, '[batch, …, inputs] with a known number of inputs')
    return [...inputShape.slice(0, -1), this.units]
  }

  override weightsFor(inputShape: Shape) {
    const inputs = inputShape[inputShape.length - 1]
    return { kernel: this.kernelSpec([inputs, this.units]), bias: this.biasSpec([this.units]) }
  }

  override macsFor(inputShape: Shape): number {
    return sizeOf(inputShape) * this.units
  }

  forwardInto(y: Float32Array, x: Float32Array, { weights, kernels }: Call): void {
    const { kernel, bias } = weights
    const { units } = this
    kernels.matmul.forward(y, x, kernel.value, bias?.value ?? null, y.length / units, kernel.shape[0], units)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { weights, kernels, x, inputGradient }: Call): void {
    const { kernel, bias } = weights
    const { units } = this
    kernels.matmul.backward(
      ...([inputGradient ? dx : null, kernel.grad, bias?.grad ?? null] as const),
      ...([dy, x, kernel.value, dy.length / units, kernel.shape[0], units] as const),
    )
  }
}
