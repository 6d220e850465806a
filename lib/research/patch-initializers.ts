// Initializers that scale by what one place sees. For a locally connected kernel `[places, patch, filters]`, Keras counts
// the places as part of the receptive field, so its Glorot and He values are smaller than those of a convolution with the
// same window: 12 times for 30×30 places, a 3×3 window, 3 channels and 64 filters.

import type { Shape } from '../core/check.ts'
import type { Random } from '../core/random.ts'
import {
  GlorotNormal,
  GlorotUniform,
  HeNormal,
  HeUniform,
  LecunNormal,
  LecunUniform,
  type SeedOption,
  VarianceScaling,
  type VarianceScalingOptions,
} from '../weights/initializers.ts'

type Scaling = Pick<VarianceScaling, 'scale' | 'mode' | 'distribution'>
type Named = Scaling & { readonly className: string }

/**
 * Random values with variance scale / n, where n is the number of inputs, of outputs, or the mean of both, that one place
 * connects: window · channels inputs and window · filters outputs, as in a convolution. So a locally connected layer starts
 * with the same distribution as the convolution, whatever its implementation. For the weights of other layers, the same as
 * VarianceScaling.
 *
 * @see https://github.com/tensorflow/tensorflow/issues/53688, which reports the numbers that Keras uses
 */
export class PatchVarianceScaling extends VarianceScaling {
  constructor(options?: VarianceScalingOptions)
  /** @internal */
  constructor(options: object, name: string, scaling: Scaling | null)
  constructor(options: object = {}, name = 'PatchVarianceScaling', scaling: Scaling | null = null) {
    super(options, name, scaling as Scaling)
  }

  override initialize(out: Float32Array, shape: Shape, random: Random, patch: Shape = shape): void {
    super.initialize(out, patch, random)
  }
}

/** The namesake of a Keras initializer, with only `seed` as an option. */
const like = ({ className, scale, mode, distribution }: Named): (new (options?: SeedOption) => PatchVarianceScaling) =>
  class extends PatchVarianceScaling {
    constructor(options: SeedOption = {}) {
      super(options, `Patch${className}`, { scale, mode, distribution })
    }
  }

/** Uniform with variance 2 / (inputs + outputs) of one place. @see Glorot and Bengio 2010 */
export class PatchGlorotUniform extends like(new GlorotUniform()) {}
/** Truncated normal with variance 2 / (inputs + outputs) of one place. @see Glorot and Bengio 2010 */
export class PatchGlorotNormal extends like(new GlorotNormal()) {}
/** Uniform with variance 2 / inputs of one place. @see He et al. 2015, arXiv:1502.01852 */
export class PatchHeUniform extends like(new HeUniform()) {}
/** Truncated normal with variance 2 / inputs of one place. @see He et al. 2015, arXiv:1502.01852 */
export class PatchHeNormal extends like(new HeNormal()) {}
/** Uniform with variance 1 / inputs of one place. @see LeCun et al. 1998, "Efficient BackProp" */
export class PatchLecunUniform extends like(new LecunUniform()) {}
/** Truncated normal with variance 1 / inputs of one place. @see LeCun et al. 1998, "Efficient BackProp" */
export class PatchLecunNormal extends like(new LecunNormal()) {}
