// LocalBias: a separate bias for every place, as in LeCun's networks of 1989; a convolution shares its bias.

import { type BatchShape, inputBatch, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { localBiasKernel } from '../kernels/local-bias.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { type Initializer, type InitializerIdentifier, Zeros } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import type { Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { constraint, initializer, regularizer } from './options.ts'

/** The options of LocalBias. */
export interface LocalBiasOptions extends LayerOptions {
  /** Default 'zeros'. */
  readonly biasInitializer?: InitializerIdentifier
  /** Default none. */
  readonly biasRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly biasConstraint?: ConstraintIdentifier
}

const localBias = {
  className: 'LocalBias',
  fields: { biasInitializer: initializer(Zeros), biasRegularizer: regularizer, biasConstraint: constraint },
}

/**
 * y = x + bias, with a separate bias for every element of a sample. Input and output `[batch, …]`; weight `bias` with the
 * shape of a sample, in either data format. Keras has no such layer.
 *
 * ```ts
 * // one kernel for all places, a bias for each: a hidden layer of Net-4 and Net-5
 * [new Conv2D({ filters: 2, kernelSize: 3, strides: 2, padding: 'same', useBias: false }), new LocalBias(), new Activation({ activation: 'tanh' })]
 * ```
 *
 * @see LeCun 1989, "Generalization and Network Design Strategies", technical report CRG-TR-89-4, University of Toronto
 */
export class LocalBias extends Layer {
  declare readonly className: 'LocalBias'
  declare readonly biasInitializer: Initializer
  declare readonly biasRegularizer: Regularizer | null
  declare readonly biasConstraint: Constraint | null

  /** @throws ArgumentError naming the unknown or invalid option */
  constructor(options: LocalBiasOptions = {}) {
    super(options, localBias)
  }

  override get isLinear(): boolean {
    return true
  }

  /** @throws ArgumentError if a size other than the batch is unknown */
  computeOutputShape(inputShape: BatchShape): BatchShape {
    const sample = inputBatch(inputShape).slice(1)
    if (sample.length > 0 && sample.every(n => n !== null && n > 0)) return [...inputShape]
    const hint = 'Every element of a sample has its own bias'
    throw new ArgumentError('inputShape', inputShape, '[batch, …], all but the batch known and positive', hint)
  }

  override weightsFor(inputShape: Shape) {
    return { bias: this.weightSpec('bias', inputShape) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call): void {
    call.kernel(localBiasKernel).forward(y, x, call.weights.bias.value, call.batch)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    call.kernel(localBiasKernel).backward(call.weights.bias.grad, dy, call.batch)
    dx.set(dy)
  }
}
