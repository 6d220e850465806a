// Initializers: the values that weights start with.

import { finite, integer, oneOf, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { CamelCase } from '../core/names.ts'
import { Configured, type Field, field, number, optional } from '../core/options.ts'
import { normal, type Random, stream } from '../core/random.ts'
import { type Config, type KerasSerialized, registry, type Serializable, type Serialized } from '../core/registry.ts'
import { type NestedArray, Tensor } from '../core/tensor.ts'
import { fillNormal, fillTruncatedNormal, fillUniform } from '../kernels/draws.ts'
import { orthonormalize } from '../kernels/orthonormal.ts'
import { computeFans } from './fans.ts'

/** Sets the initial values of weights. Any object with this interface can serve as an initializer. */
export interface Initializer extends Serializable {
  /**
   * Fills a weight of this shape; random values come from `random`.
   * @param patch the shape of the kernel of one place, `[…window, channels, filters]`; of other weights, their shape
   */
  initialize(out: Float32Array, shape: Shape, random: Random, patch?: Shape): void
}

type KerasName =
  | ('zeros' | 'ones' | 'constant' | 'identity' | 'orthogonal')
  | ('random_normal' | 'random_uniform' | 'truncated_normal' | 'variance_scaling')
  | ('glorot_uniform' | 'glorot_normal' | 'he_uniform' | 'he_normal' | 'lecun_uniform' | 'lecun_normal')
  | ('zero' | 'one' | 'normal' | 'uniform')
type ClassName =
  | ('Zeros' | 'Ones' | 'Constant' | 'Identity' | 'Orthogonal')
  | ('RandomNormal' | 'RandomUniform' | 'TruncatedNormal' | 'VarianceScaling')
  | ('GlorotUniform' | 'GlorotNormal' | 'HeUniform' | 'HeNormal' | 'LecunUniform' | 'LecunNormal')
/** The names of initializers, as in Keras or in camelCase. */
export type InitializerName = KerasName | CamelCase<KerasName> | ClassName

/** A name, a serialized initializer, or an initializer. */
export type InitializerIdentifier = InitializerName | Serialized | KerasSerialized | Initializer

/** The options of random initializers. */
export interface SeedOption {
  /** The seed of the initializer's own stream, which gives the same numbers on every use. Default: the model's seed. */
  readonly seed?: number | null
}

// ---- Deterministic initializers ---------------------------------------------------------------------------------

const anyNumbers: Field<NestedArray> = /* @__PURE__ */ field((_, given) => {
  Tensor.from(given as NestedArray) // throws unless it holds numbers
  return given as NestedArray
}, 0)

/**
 * One number for all entries, or one for each: an array of the weight's shape, or a flat one in row-major order.
 * Default 0.
 * @throws ArgumentError when the value is not numeric; on use, when its size differs from the weight's
 * @see https://keras.io/2/api/layers/initializers/#constant-class
 */
export class Constant extends Configured implements Initializer {
  declare readonly className: 'Constant'
  /** The number, or the numbers, in the shape of the weight. */
  declare readonly value: NestedArray

  constructor(options: { readonly value?: NestedArray } = {}) {
    super('Constant', options, { value: anyNumbers })
  }

  initialize(out: Float32Array, shape: Shape): void {
    const values = Tensor.from(this.value)
    if (values.size === 1) out.fill(values.data[0])
    else if (values.size === sizeOf(shape)) out.set(values.data)
    else throw new ArgumentError('value', values, `one number, or the weight's shape [${shape.join(', ')}]`)
  }
}

/** All entries 0. */
export class Zeros extends Configured implements Initializer {
  declare readonly className: 'Zeros'

  constructor(options: Config = {}) {
    super('Zeros', options, {})
  }

  initialize(out: Float32Array): void {
    out.fill(0)
  }
}

/** All entries 1. */
export class Ones extends Configured implements Initializer {
  declare readonly className: 'Ones'

  constructor(options: Config = {}) {
    super('Ones', options, {})
  }

  initialize(out: Float32Array): void {
    out.fill(1)
  }
}

/**
 * `gain` (default 1) on the diagonal of a matrix, 0 elsewhere. The matrix need not be square.
 * @throws ArgumentError on use, for a weight that is not a matrix
 */
export class Identity extends Configured implements Initializer {
  declare readonly className: 'Identity'
  /** The number on the diagonal. Default 1. */
  declare readonly gain: number

  constructor(options: { readonly gain?: number } = {}) {
    super('Identity', options, { gain: number(1) })
  }

  initialize(out: Float32Array, shape: Shape): void {
    if (shape.length !== 2) throw new ArgumentError('shape', shape, 'two axes: Identity makes matrices')
    const [rows, columns] = shape
    out.fill(0)
    for (let i = 0; i < Math.min(rows, columns); i++) out[i * columns + i] = this.gain
  }
}

// ---- Random initializers ------------------------------------------------------------------------------------------

const seed = optional((name, given) => integer(name, given, -Infinity))

/** The initializer's own stream from its start, or, without a seed, the given one. */
const streamFor = (seed: number | null, random: Random) => (seed === null ? random : stream(seed))

/** Uniform in [`minval`, `maxval`). Defaults −0.05 and 0.05. */
export class RandomUniform extends Configured implements Initializer {
  declare readonly className: 'RandomUniform'
  /** The lower end. Default −0.05. */
  declare readonly minval: number
  /** The upper end. Default 0.05. */
  declare readonly maxval: number
  /** With a seed, every weight gets the same numbers. Default null: the model's. */
  declare readonly seed: number | null

  constructor(options: { readonly minval?: number; readonly maxval?: number } & SeedOption = {}) {
    super('RandomUniform', options, { minval: number(-0.05), maxval: number(0.05), seed })
    finite('maxval', this.maxval, this.minval)
  }

  initialize(out: Float32Array, _shape: Shape, random: Random): void {
    fillUniform(out, this.minval, this.maxval, streamFor(this.seed, random))
  }
}

/** Normal with mean `mean` and standard deviation `stddev`. Defaults 0 and 0.05. */
export class RandomNormal extends Configured implements Initializer {
  declare readonly className: string
  /** Default 0. */
  declare readonly mean: number
  /** The standard deviation. Default 0.05. */
  declare readonly stddev: number
  /** With a seed, every weight gets the same numbers. Default null: the model's. */
  declare readonly seed: number | null

  constructor(options: { readonly mean?: number; readonly stddev?: number } & SeedOption = {}) {
    super('RandomNormal', options, { mean: number(0), stddev: number(0.05, 0), seed })
  }

  initialize(out: Float32Array, _shape: Shape, random: Random): void {
    fillNormal(out, this.mean, this.stddev, streamFor(this.seed, random))
  }
}

/** Like RandomNormal, but values beyond two standard deviations are redrawn. */
export class TruncatedNormal extends RandomNormal {
  override readonly className = 'TruncatedNormal'

  override initialize(out: Float32Array, _shape: Shape, random: Random): void {
    fillTruncatedNormal(out, this.mean, this.stddev, streamFor(this.seed, random))
  }
}

type Mode = 'fan_in' | 'fan_out' | 'fan_avg'
type Distribution = 'truncated_normal' | 'untruncated_normal' | 'uniform'

/** The options of VarianceScaling. */
export interface VarianceScalingOptions extends SeedOption {
  /** Default 1. */
  readonly scale?: number
  /** Default 'fan_in'. */
  readonly mode?: Mode
  /** Default 'truncated_normal'; 'normal' means the same. */
  readonly distribution?: Distribution | 'normal'
}

/** The standard deviation of a standard normal truncated at ±2. */
const TRUNCATED_STDDEV = 0.87962566103423978

interface Scaling {
  readonly scale: number
  readonly mode: Mode
  readonly distribution: Distribution
}

const varianceScaling = {
  scale: /* @__PURE__ */ field((name, given) => {
    if (finite(name, given) > 0) return given as number
    throw new ArgumentError(name, given, 'a positive number')
  }, 1),
  mode: /* @__PURE__ */ field((name, given) => oneOf(name, given, ['fan_in', 'fan_out', 'fan_avg'] as const), 'fan_in'),
  distribution: /* @__PURE__ */ field((name, given) => {
    const named = given === 'normal' ? 'truncated_normal' : given
    return oneOf(name, named, ['truncated_normal', 'untruncated_normal', 'uniform'] as const)
  }, 'truncated_normal'),
  seed,
}

type Draw = (out: Float32Array, variance: number, random: Random) => void

const drawUniform: Draw = (out, variance, random) => {
  const limit = Math.sqrt(3 * variance)
  fillUniform(out, -limit, limit, random)
}
const drawTruncatedNormal: Draw = (out, variance, random) =>
  fillTruncatedNormal(out, 0, Math.sqrt(variance) / TRUNCATED_STDDEV, random)

/** Random values with variance scale / n. Knows no distribution, so that a bundle has only those in use. */
abstract class Scaled extends Configured implements Initializer {
  declare readonly className: string
  declare readonly scale: number
  declare readonly mode: Mode
  declare readonly distribution: Distribution
  declare readonly seed: number | null

  /** Fills with random values of mean 0 and this variance. @internal */
  abstract draw(out: Float32Array, variance: number, random: Random): void

  initialize(out: Float32Array, shape: Shape, random: Random): void {
    const { fanIn, fanOut } = computeFans(shape)
    const n = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[this.mode]
    this.draw(out, this.scale / Math.max(1, n), streamFor(this.seed, random))
  }
}

/**
 * Random values with variance scale / n, where n is the number of inputs, of outputs, or the mean of both.
 * @see https://keras.io/2/api/layers/initializers/#variancescaling-class
 */
export class VarianceScaling extends Scaled {
  constructor(options?: VarianceScalingOptions)
  /** @internal */
  constructor(options: object, name: string, scaling: Scaling)
  constructor(options: object = {}, name = 'VarianceScaling', scaling: Scaling | null = null) {
    super(name, options, scaling ? { seed } : varianceScaling)
    Object.assign(this, scaling)
  }

  /** As in Keras, GlorotUniform and the like are instances too. @internal */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass has only its own instances
    return this === VarianceScaling ? value instanceof Scaled : super[Symbol.hasInstance](value)
  }

  /** @internal */
  draw(out: Float32Array, variance: number, random: Random): void {
    if (this.distribution === 'uniform') drawUniform(out, variance, random)
    else if (this.distribution === 'truncated_normal') drawTruncatedNormal(out, variance, random)
    else fillNormal(out, 0, Math.sqrt(variance), random)
  }
}

/** A namesake of VarianceScaling with only `seed` as an option. */
function scaled(
  className: string,
  scale: number,
  mode: Mode,
  distribution: Distribution,
  draw: Draw,
): new (
  options?: SeedOption,
) => VarianceScaling {
  return class extends Scaled {
    override readonly className = className

    constructor(options: SeedOption = {}) {
      super(className, options, { seed })
      Object.assign(this, { scale, mode, distribution })
    }

    draw(out: Float32Array, variance: number, random: Random): void {
      draw(out, variance, random)
    }
  }
}

/** Uniform with variance 2 / (inputs + outputs). @see Glorot and Bengio 2010 */
export class GlorotUniform extends /* @__PURE__ */ scaled('GlorotUniform', 1, 'fan_avg', 'uniform', drawUniform) {}
/** Truncated normal with variance 2 / (inputs + outputs). @see Glorot and Bengio 2010 */
export class GlorotNormal extends /* @__PURE__ */ scaled(
  'GlorotNormal',
  1,
  'fan_avg',
  'truncated_normal',
  drawTruncatedNormal,
) {}
/** Uniform with variance 2 / inputs. @see He et al. 2015, arXiv:1502.01852 */
export class HeUniform extends /* @__PURE__ */ scaled('HeUniform', 2, 'fan_in', 'uniform', drawUniform) {}
/** Truncated normal with variance 2 / inputs. @see He et al. 2015, arXiv:1502.01852 */
export class HeNormal extends /* @__PURE__ */ scaled(
  'HeNormal',
  2,
  'fan_in',
  'truncated_normal',
  drawTruncatedNormal,
) {}
/** Uniform with variance 1 / inputs. @see LeCun et al. 1998, "Efficient BackProp" */
export class LecunUniform extends /* @__PURE__ */ scaled('LecunUniform', 1, 'fan_in', 'uniform', drawUniform) {}
/** Truncated normal with variance 1 / inputs. @see LeCun et al. 1998, "Efficient BackProp" */
export class LecunNormal extends /* @__PURE__ */ scaled(
  'LecunNormal',
  1,
  'fan_in',
  'truncated_normal',
  drawTruncatedNormal,
) {}

/**
 * Orthonormal columns, or rows if there are more columns than rows, times `gain` (default 1). All axes but the last
 * count as rows.
 * @throws ArgumentError on use, for a weight with fewer than two axes
 * @see Saxe et al. 2013, arXiv:1312.6120
 */
export class Orthogonal extends Configured implements Initializer {
  declare readonly className: 'Orthogonal'
  /** The factor of the orthogonal matrix. Default 1. */
  declare readonly gain: number
  /** With a seed, every weight gets the same numbers. Default null: the model's. */
  declare readonly seed: number | null

  constructor(options: { readonly gain?: number } & SeedOption = {}) {
    super('Orthogonal', options, { gain: number(1), seed })
  }

  initialize(out: Float32Array, shape: Shape, random: Random): void {
    if (shape.length < 2) throw new ArgumentError('shape', shape, 'at least two axes: Orthogonal makes matrices')
    const columns = shape[shape.length - 1]
    const rows = sizeOf(shape.slice(0, -1))
    const [count, length] = rows < columns ? [rows, columns] : [columns, rows]
    const draws = streamFor(this.seed, random)
    const vectors = new Float64Array(count * length)
    for (let i = 0; i < vectors.length; i++) vectors[i] = normal(draws)
    orthonormalize(vectors, count, length)
    for (let v = 0; v < count; v++)
      for (let k = 0; k < length; k++)
        out[rows < columns ? v * length + k : k * count + v] = this.gain * vectors[v * length + k]
  }
}

/** The initializers, without names: see registry.ts. */
export const initializers = /* @__PURE__ */ registry<Initializer>(
  'initializer',
  value => typeof (value as Partial<Initializer>).initialize === 'function',
)
