// A bias of its own for every place: what a convolution shares, and LeCun's networks of 1989 did not.

import { type BatchShape, knownOptions, type Shape } from '../check.ts'
import { type Constraint, type ConstraintIdentifier, constraints } from '../constraints.ts'
import { ArgumentError } from '../errors.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../initializers.ts'
import { type Regularizer, type RegularizerIdentifier, regularizers } from '../regularizers.ts'
import type { Call } from './call.ts'
import { serializeOptional } from './kernel-bias.ts'
import { Layer, type LayerOptions, layerOptionNames } from './layer.ts'

/** The options of LocalBias. */
export interface LocalBiasOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerIdentifier
  /** Default none. */
  readonly biasRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly biasConstraint?: ConstraintIdentifier
}

const attributesOf = (options: LocalBiasOptions) => ({
  biasInitializer: initializers.get(options.biasInitializer ?? 'zeros', 'biasInitializer'),
  biasRegularizer: regularizers.getOptional(options.biasRegularizer, 'biasRegularizer'),
  biasConstraint: constraints.getOptional(options.biasConstraint, 'biasConstraint'),
})

/**
 * y = x + bias, with one bias for every number of a sample: input and output `[batch, …]`, weight `bias` of the shape
 * of a sample, in either data format. Not a layer of Keras.
 *
 * ```ts
 * // one kernel for all places, a bias for each: a hidden layer of Net-4 and Net-5
 * [new Conv2D({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), new LocalBias(), new Activation({ activation: 'tanh' })]
 * ```
 *
 * @see LeCun 1989, "Generalization and Network Design Strategies", technical report CRG-TR-89-4, University of Toronto
 */
export class LocalBias extends Layer {
  readonly className = 'LocalBias'
  declare readonly biasInitializer: Initializer
  declare readonly biasRegularizer: Regularizer | null
  declare readonly biasConstraint: Constraint | null

  /** @throws ArgumentError naming the option that is unknown or wrong */
  constructor(options: LocalBiasOptions = {}) {
    const names = ['biasInitializer', 'biasRegularizer', 'biasConstraint']
    knownOptions('LocalBias', options, [...layerOptionNames, ...names])
    super(options)
    this.defineAttributes(attributesOf(options), attributesOf)
  }

  override get isLinear(): boolean {
    return true
  }

  /** @throws ArgumentError when a size other than the batch is open */
  computeOutputShape(inputShape: BatchShape): BatchShape {
    const sample = inputShape.slice(1)
    if (sample.length > 0 && sample.every(n => n !== null && n > 0)) return [...inputShape]
    const hint = 'Every number of a sample has a bias of its own'
    throw new ArgumentError(
      'inputShape',
      inputShape,
      '[batch, …], all but the batch known and positive',
      hint,
    )
  }

  override weightsFor(inputShape: Shape) {
    const [initializer, regularizer, constraint] = [
      this.biasInitializer,
      this.biasRegularizer,
      this.biasConstraint,
    ]
    return { bias: { shape: inputShape, initializer, regularizer, constraint } }
  }

  forwardInto(y: Float32Array, x: Float32Array, { kernels, weights, batch }: Call): void {
    kernels.localBias.forward(y, x, weights.bias.value, batch)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { kernels, weights, batch }: Call): void {
    kernels.localBias.backward(weights.bias.grad, dy, batch)
    dx.set(dy)
  }

  protected override ownConfig() {
    return {
      biasInitializer: initializers.serialize(this.biasInitializer),
      biasRegularizer: serializeOptional(regularizers.serialize, this.biasRegularizer),
      biasConstraint: serializeOptional(constraints.serialize, this.biasConstraint),
    }
  }
}
