// SoftThreshold: values near 0 become 0, the others are moved towards 0.

import { type BatchShape, inputBatch } from '../core/check.ts'
import { softThreshold } from '../kernels/soft-threshold.ts'
import type { Call } from '../layers/call.ts'
import { Layer, type LayerOptions } from '../layers/layer.ts'
import { constraint, initializer, regularizer } from '../layers/options.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import { type Initializer, type InitializerIdentifier, Zeros } from '../weights/initializers.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'

/** The options of SoftThreshold. */
export interface SoftThresholdOptions extends LayerOptions {
  /** Default 'zeros', with which the layer is the identity. */
  readonly thresholdInitializer?: InitializerIdentifier
  /** Default none. */
  readonly thresholdRegularizer?: RegularizerIdentifier
  /** Default none; 'non_neg' keeps b from becoming negative. */
  readonly thresholdConstraint?: ConstraintIdentifier
}

const softThresholdTable = {
  className: 'SoftThreshold',
  fields: {
    thresholdInitializer: initializer(Zeros),
    thresholdRegularizer: regularizer,
    thresholdConstraint: constraint,
  },
}

/**
 * φ(z) = relu(z − b) − relu(−z − b), with one trained threshold b for all values: 0 where |z| ≤ b, elsewhere z moved towards
 * 0 by b. Input and output `[batch, …]`; weight `threshold` `[1]`.
 *
 * @see Lahoti et al. 2024, "Role of Locality and Weight Sharing in Image-Based Tasks", ICLR, arXiv:2403.15707: the
 * activation of the networks that they compare
 */
export class SoftThreshold extends Layer {
  declare readonly className: 'SoftThreshold'
  declare readonly thresholdInitializer: Initializer
  declare readonly thresholdRegularizer: Regularizer | null
  declare readonly thresholdConstraint: Constraint | null

  /** @throws ArgumentError naming the unknown or invalid option */
  constructor(options: SoftThresholdOptions = {}) {
    super(options, softThresholdTable)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputBatch(inputShape)
  }

  override weightsFor() {
    return { threshold: this.weightSpec('threshold', [1]) }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call): void {
    call.kernel(softThreshold).forward(y, x, call.weights.threshold.value[0], x.length)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    const { value, grad } = call.weights.threshold
    grad[0] = call.kernel(softThreshold).backward(dx, dy, call.x, value[0], dy.length)
  }
}
