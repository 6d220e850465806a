// Every input to every output: y = activation(x · kernel + bias), along the last axis.
import { knownOptions, positiveInteger, sizeOf } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { KernelBiasLayer, kernelBiasAttributes, kernelBiasOptionNames } from './kernel-bias.ts'
/**
 * A densely connected layer: input `[batch, …, n]`, output `[batch, …, units]`. Weights: `kernel` `[n, units]`,
 * `bias` `[units]`.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Dense
 */
export class Dense extends KernelBiasLayer {
  className = 'Dense'
  #rows = 0 // rows of a sample: the product of the axes between the batch and the last
  #inputs = 0
  #x
  #dx
  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options) {
    knownOptions('Dense', options, [...kernelBiasOptionNames, 'units'])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }
  computeOutputShape(inputShape) {
    const inputs = inputShape.at(-1)
    if (inputShape.length < 2 || typeof inputs !== 'number' || inputs < 1)
      throw new ArgumentError('inputShape', inputShape, '[batch, …, inputs] with a known number of inputs')
    return [...inputShape.slice(0, -1), this.units]
  }
  create(inputShape) {
    this.#inputs = inputShape[inputShape.length - 1]
    this.#rows = sizeOf(inputShape.slice(0, -1))
    this.createKernelAndBias([this.#inputs, this.units], [this.units])
    this.createOutput([...inputShape.slice(0, -1), this.units])
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }
  get macs() {
    this.requireBuilt('macs are asked for')
    return this.#rows * this.#inputs * this.units
  }
  propagate(x, pass) {
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
  backpropagate(dy, pass) {
    const { kernel, bias } = this
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    this.engine.kernels.matmul.backward(
      ...[pass.inputGradient ? dx : null, kernel.grad, bias?.grad ?? null],
      ...[dz, this.#x, kernel.value, pass.batch * this.#rows, this.#inputs, this.units],
    )
    return dx
  }
  ownConfig() {
    return { units: this.units, ...this.kernelBiasConfig() }
  }
}
const attributesOf = options => ({
  ...kernelBiasAttributes(options),
  units: positiveInteger('units', options.units),
})
