// Dense connects every input to every output: y = activation(x · kernel + bias), along the last axis.

import { type BatchShape, inputBatch, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { positive } from '../core/options.ts'
import { matmul } from '../kernels/matmul.ts'
import type { Call } from './call.ts'
import { KernelBiasLayer, type KernelBiasOptions, kernelBiasFields } from './kernel-bias.ts'

/** The options of Dense. */
export interface DenseOptions extends KernelBiasOptions {
  /** The number of outputs. */
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
    const inputs = inputBatch(inputShape).at(-1)
    if (inputShape.length < 2 || typeof inputs !== 'number' || inputs < 1)
      throw new ArgumentError('inputShape', inputShape, '[batch, …, inputs] with a known number of inputs')
    return [...inputShape.slice(0, -1), this.units]
  }

  override weightsFor(inputShape: Shape) {
    const inputs = inputShape[inputShape.length - 1]
    return { kernel: this.weightSpec('kernel', [inputs, this.units]), bias: this.biasSpec([this.units]) }
  }

  override macsFor(inputShape: Shape): number {
    return sizeOf(inputShape) * this.units
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call): void {
    const { kernel, bias } = call.weights
    const { units } = this
    const multiply = call.kernel(matmul).forward
    multiply(y, x, kernel.value, bias?.value ?? null, y.length / units, kernel.shape[0], units)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    const { kernel, bias } = call.weights
    const { units } = this
    const [rows, inputs] = [dy.length / units, kernel.shape[0]]
    call
      .kernel(matmul)
      .backward(
        call.inputGradient ? dx : null,
        kernel.grad,
        bias?.grad ?? null,
        dy,
        call.x,
        kernel.value,
        rows,
        inputs,
        units,
      )
  }
}
