// What Dense, the convolutions and the locally connected layers have in common: the options of a kernel, a bias
// and an activation, and the way they are checked, built and written down.
import { serializeActivation } from '../activations.ts'
import { boolean, sizeOf } from '../check.ts'
import { constraints } from '../constraints.ts'
import { initializers } from '../initializers.ts'
import { regularizers } from '../regularizers.ts'
import { ActivatedOutput, getActivation, isLinear } from './activated-output.ts'
import { Layer, layerOptionNames } from './layer.ts'
export const kernelBiasOptionNames = [
  ...layerOptionNames,
  'activation',
  'useBias',
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'activityRegularizer',
  'kernelConstraint',
  'biasConstraint',
]
export function kernelBiasAttributes(options) {
  return {
    activation: getActivation(options.activation),
    useBias: boolean('useBias', options.useBias ?? true),
    kernelInitializer: initializers.get(options.kernelInitializer ?? 'glorot_uniform', 'kernelInitializer'),
    biasInitializer: initializers.get(options.biasInitializer ?? 'zeros', 'biasInitializer'),
    kernelRegularizer: regularizers.getOptional(options.kernelRegularizer, 'kernelRegularizer'),
    biasRegularizer: regularizers.getOptional(options.biasRegularizer, 'biasRegularizer'),
    activityRegularizer: regularizers.getOptional(options.activityRegularizer, 'activityRegularizer'),
    kernelConstraint: constraints.getOptional(options.kernelConstraint, 'kernelConstraint'),
    biasConstraint: constraints.getOptional(options.biasConstraint, 'biasConstraint'),
  }
}
/** A layer with a kernel, a bias and an activation. Its kernel writes `this.activated`'s z. */
export class KernelBiasLayer extends Layer {
  kernel
  bias = null
  output
  /** Where the layer's kernel writes. */
  z
  get isLinear() {
    return isLinear(this.activation)
  }
  createKernelAndBias(kernelShape, biasShape) {
    this.kernel = this.addWeight('kernel', kernelShape, this.kernelInitializer, {
      regularizer: this.kernelRegularizer,
      constraint: this.kernelConstraint,
    })
    this.createBias(biasShape)
  }
  createBias(biasShape) {
    if (!this.useBias) return
    this.bias = this.addWeight('bias', biasShape, this.biasInitializer, {
      regularizer: this.biasRegularizer,
      constraint: this.biasConstraint,
    })
  }
  createOutput(outputShape) {
    const size = sizeOf(outputShape)
    const z = this.buffer(size)
    const linear = isLinear(this.activation)
    const y = linear ? z : this.buffer(size)
    const dz = linear && !this.activityRegularizer ? z : this.gradientBuffer(size)
    this.z = z
    this.output = new ActivatedOutput(
      this.activation,
      this.activityRegularizer,
      { z, y, dz },
      outputShape,
      this.engine,
    )
    this.activated = this.output
  }
  /** The common options as `getConfig` shows them: Keras puts a layer's own options around these. */
  kernelBiasConfig() {
    return {
      activation: serializeActivation(this.activation),
      useBias: this.useBias,
      kernelInitializer: initializers.serialize(this.kernelInitializer),
      biasInitializer: initializers.serialize(this.biasInitializer),
      kernelRegularizer: serializeOptional(regularizers.serialize, this.kernelRegularizer),
      biasRegularizer: serializeOptional(regularizers.serialize, this.biasRegularizer),
      activityRegularizer: serializeOptional(regularizers.serialize, this.activityRegularizer),
      kernelConstraint: serializeOptional(constraints.serialize, this.kernelConstraint),
      biasConstraint: serializeOptional(constraints.serialize, this.biasConstraint),
    }
  }
}
export const serializeOptional = (serialize, object) => object && serialize(object)
