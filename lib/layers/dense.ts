// Every input to every output: y = activation(x · kernel + bias), along the last axis.

import { type BatchShape, knownOptions, positiveInteger, type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import {
  type KernelBiasAttributes,
  KernelBiasLayer,
  type KernelBiasOptions,
  kernelBiasAttributes,
  kernelBiasOptionNames,
} from './kernel-bias.ts'
import type { Pass } from './layer.ts'

/** The options of Dense. */
export interface DenseOptions extends KernelBiasOptions {
  /** How many outputs. */
  readonly units: number
}

interface Attributes extends KernelBiasAttributes {
  units: number
}

/**
 * A densely connected layer: input `[batch, …, n]`, output `[batch, …, units]`. Weights: `kernel` `[n, units]`,
 * `bias` `[units]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Dense
 */
export class Dense extends KernelBiasLayer implements Attributes {
  readonly className = 'Dense'
  declare readonly units: number

  #rows = 0 // rows of a sample: the product of the axes between the batch and the last
  #inputs = 0
  #x!: Float32Array
  #dx!: Block

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: DenseOptions) {
    knownOptions('Dense', options, [...kernelBiasOptionNames, 'units'])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const inputs = inputShape.at(-1)
    if (inputShape.length < 2 || typeof inputs !== 'number' || inputs < 1)
      throw new ArgumentError('inputShape', inputShape, '[batch, …, inputs] with a known number of inputs')
    return [...inputShape.slice(0, -1), this.units]
  }

  protected create(inputShape: Shape): void {
    this.#inputs = inputShape[inputShape.length - 1]
    this.#rows = sizeOf(inputShape.slice(0, -1))
    this.createKernelAndBias([this.#inputs, this.units], [this.units])
    this.createOutput([...inputShape.slice(0, -1), this.units])
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }

  override get macs(): number {
    this.requireBuilt('macs are asked for')
    return this.#rows * this.#inputs * this.units
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#x = x
    const { matmul } = this.engine.kernels
    const bias = this.bias?.value ?? null
    matmul.forward(
      this.z.array,
      x,
      this.kernel.value,
      bias,
      pass.batch * this.#rows,
      this.#inputs,
      this.units,
    )
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const { kernel, bias } = this
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    this.engine.kernels.matmul.backward(
      ...([pass.inputGradient ? dx : null, kernel.grad, bias?.grad ?? null] as const),
      ...([dz, this.#x, kernel.value, pass.batch * this.#rows, this.#inputs, this.units] as const),
    )
    return dx
  }

  protected ownConfig() {
    return { units: this.units, ...this.kernelBiasConfig() }
  }
}

const attributesOf = (options: DenseOptions): Attributes => ({
  ...kernelBiasAttributes(options),
  units: positiveInteger('units', options.units),
})
