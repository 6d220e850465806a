// Where weights start.
import { finite, knownOptions, oneOf, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import { fillNormal, fillTruncatedNormal, fillUniform } from './kernels/draws.ts'
import { orthonormalize } from './kernels/orthonormal.ts'
import { normal, stream } from './random.ts'
import { registry } from './registry.ts'
import { Tensor } from './tensor.ts'
// ---- Those that draw nothing ------------------------------------------------------------------------------------
/**
 * One number everywhere, or one for each entry: an array of the weight's shape, or of as many numbers in row-major
 * order. Default 0.
 * @throws ArgumentError when the value holds no numbers; at use, when it doesn't hold as many as the weight
 * @see https://keras.io/2/api/layers/initializers/#constant-class
 */
export class Constant {
  className = 'Constant'
  value
  constructor(options = {}) {
    knownOptions('Constant', options, ['value'])
    this.value = options.value ?? 0
    Tensor.from(this.value) // throws for what holds no numbers
  }
  initialize(out, shape) {
    const values = Tensor.from(this.value)
    if (values.size === 1) out.fill(values.data[0])
    else if (values.size === sizeOf(shape)) out.set(values.data)
    else throw new ArgumentError('value', values, `one number, or the weight's shape [${shape.join(', ')}]`)
  }
  getConfig() {
    return { value: this.value }
  }
}
/** 0 everywhere. */
export class Zeros extends Constant {
  className = 'Zeros'
  constructor(options = {}) {
    knownOptions('Zeros', options, [])
    super({ value: 0 })
  }
  getConfig() {
    return {}
  }
}
/** 1 everywhere. */
export class Ones extends Constant {
  className = 'Ones'
  constructor(options = {}) {
    knownOptions('Ones', options, [])
    super({ value: 1 })
  }
  getConfig() {
    return {}
  }
}
/**
 * `gain` on the diagonal of a matrix, 0 elsewhere; the matrix need not be square. Default 1.
 * @throws ArgumentError at use, for a weight that is no matrix
 */
export class Identity {
  className = 'Identity'
  gain
  constructor(options = {}) {
    knownOptions('Identity', options, ['gain'])
    this.gain = finite('gain', options.gain ?? 1)
  }
  initialize(out, shape) {
    if (shape.length !== 2) throw new ArgumentError('shape', shape, 'two axes: Identity makes matrices')
    const [rows, columns] = shape
    out.fill(0)
    for (let i = 0; i < Math.min(rows, columns); i++) out[i * columns + i] = this.gain
  }
  getConfig() {
    return { gain: this.gain }
  }
}
// ---- Those that draw ----------------------------------------------------------------------------------------------
function seedOf(seed) {
  if (seed === null || seed === undefined) return null
  if (typeof seed === 'number' && Number.isSafeInteger(seed)) return seed
  throw new ArgumentError('seed', seed, 'an integer, or null')
}
/** The initializer's own stream, from its beginning, or the one that it is given. */
const streamFor = (seed, random) => (seed === null ? random : stream(seed))
/** Uniform from `minval` to, but not including, `maxval`. Defaults ∓0.05. */
export class RandomUniform {
  className = 'RandomUniform'
  minval
  maxval
  seed
  constructor(options = {}) {
    knownOptions('RandomUniform', options, ['minval', 'maxval', 'seed'])
    this.minval = finite('minval', options.minval ?? -0.05)
    this.maxval = finite('maxval', options.maxval ?? 0.05, this.minval)
    this.seed = seedOf(options.seed)
  }
  initialize(out, _shape, random) {
    fillUniform(out, this.minval, this.maxval, streamFor(this.seed, random))
  }
  getConfig() {
    return { minval: this.minval, maxval: this.maxval, seed: this.seed }
  }
}
/** Normal with this mean and standard deviation. Defaults 0 and 0.05. */
export class RandomNormal {
  className = 'RandomNormal'
  mean
  stddev
  seed
  constructor(options = {}) {
    knownOptions('RandomNormal', options, ['mean', 'stddev', 'seed'])
    this.mean = finite('mean', options.mean ?? 0)
    this.stddev = finite('stddev', options.stddev ?? 0.05, 0)
    this.seed = seedOf(options.seed)
  }
  initialize(out, _shape, random) {
    fillNormal(out, this.mean, this.stddev, streamFor(this.seed, random))
  }
  getConfig() {
    return { mean: this.mean, stddev: this.stddev, seed: this.seed }
  }
}
/** The same, drawn again beyond two standard deviations. */
export class TruncatedNormal extends RandomNormal {
  className = 'TruncatedNormal'
  initialize(out, _shape, random) {
    fillTruncatedNormal(out, this.mean, this.stddev, streamFor(this.seed, random))
  }
}
/**
 * How many inputs and outputs a weight of this shape connects, as Keras counts: all axes but the last two are the
 * receptive field. So the kernel of a locally connected layer, [places, patch, filters], counts its places too.
 */
export function computeFans(shape) {
  if (shape.length < 2) return { fanIn: sizeOf(shape), fanOut: sizeOf(shape) }
  const field = sizeOf(shape.slice(0, -2))
  return { fanIn: shape[shape.length - 2] * field, fanOut: shape[shape.length - 1] * field }
}
/** The standard deviation of a standard normal that is cut at ±2. */
const TRUNCATED_STDDEV = 0.87962566103423978
/**
 * Variance scale / n, where n is the number of inputs, of outputs, or their mean.
 * @see https://keras.io/2/api/layers/initializers/#variancescaling-class
 */
export class VarianceScaling {
  className = 'VarianceScaling'
  scale
  mode
  distribution
  seed
  constructor(options = {}) {
    knownOptions('VarianceScaling', options, ['scale', 'mode', 'distribution', 'seed'])
    const { scale = 1, mode = 'fan_in', distribution = 'truncated_normal' } = options
    this.scale = finite('scale', scale)
    if (this.scale <= 0) throw new ArgumentError('scale', scale, 'a positive number')
    this.mode = oneOf('mode', mode, ['fan_in', 'fan_out', 'fan_avg'])
    const named = distribution === 'normal' ? 'truncated_normal' : distribution
    this.distribution = oneOf('distribution', named, ['truncated_normal', 'untruncated_normal', 'uniform'])
    this.seed = seedOf(options.seed)
  }
  initialize(out, shape, random) {
    const { fanIn, fanOut } = computeFans(shape)
    const n = this.mode === 'fan_in' ? fanIn : this.mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2
    const variance = this.scale / Math.max(1, n)
    const draws = streamFor(this.seed, random)
    if (this.distribution === 'uniform') {
      const limit = Math.sqrt(3 * variance)
      fillUniform(out, -limit, limit, draws)
    } else if (this.distribution === 'untruncated_normal') fillNormal(out, 0, Math.sqrt(variance), draws)
    else fillTruncatedNormal(out, 0, Math.sqrt(variance) / TRUNCATED_STDDEV, draws)
  }
  getConfig() {
    return { scale: this.scale, mode: this.mode, distribution: this.distribution, seed: this.seed }
  }
}
/** VarianceScaling under a name of its own, where only the seed is left to choose. */
function scaled(className, scale, mode, distribution) {
  return class extends VarianceScaling {
    className = className
    constructor(options = {}) {
      knownOptions(className, options, ['seed'])
      super({ scale, mode, distribution, ...options })
    }
    getConfig() {
      return { seed: this.seed }
    }
  }
}
/** Uniform with variance 2 / (inputs + outputs). @see Glorot and Bengio 2010 */
export class GlorotUniform extends scaled('GlorotUniform', 1, 'fan_avg', 'uniform') {}
/** Truncated normal with variance 2 / (inputs + outputs). @see Glorot and Bengio 2010 */
export class GlorotNormal extends scaled('GlorotNormal', 1, 'fan_avg', 'truncated_normal') {}
/** Uniform with variance 2 / inputs. @see He et al. 2015, arXiv:1502.01852 */
export class HeUniform extends scaled('HeUniform', 2, 'fan_in', 'uniform') {}
/** Truncated normal with variance 2 / inputs. @see He et al. 2015, arXiv:1502.01852 */
export class HeNormal extends scaled('HeNormal', 2, 'fan_in', 'truncated_normal') {}
/** Uniform with variance 1 / inputs. @see LeCun et al. 1998, "Efficient BackProp" */
export class LecunUniform extends scaled('LecunUniform', 1, 'fan_in', 'uniform') {}
/** Truncated normal with variance 1 / inputs. @see LeCun et al. 1998, "Efficient BackProp" */
export class LecunNormal extends scaled('LecunNormal', 1, 'fan_in', 'truncated_normal') {}
/**
 * Orthonormal columns, or rows if there are more columns than rows, times `gain`. All axes but the last count as
 * rows. Defaults: gain 1.
 * @throws ArgumentError at use, for a weight of fewer than two axes
 * @see Saxe et al. 2013, arXiv:1312.6120
 */
export class Orthogonal {
  className = 'Orthogonal'
  gain
  seed
  constructor(options = {}) {
    knownOptions('Orthogonal', options, ['gain', 'seed'])
    this.gain = finite('gain', options.gain ?? 1)
    this.seed = seedOf(options.seed)
  }
  initialize(out, shape, random) {
    if (shape.length < 2)
      throw new ArgumentError('shape', shape, 'at least two axes: Orthogonal makes matrices')
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
  getConfig() {
    return { gain: this.gain, seed: this.seed }
  }
}
/** Initializers by name. */
export const initializers = registry(
  'initializer',
  {
    Zeros: config => new Zeros(config),
    Ones: config => new Ones(config),
    Constant: config => new Constant(config),
    RandomNormal: config => new RandomNormal(config),
    RandomUniform: config => new RandomUniform(config),
    TruncatedNormal: config => new TruncatedNormal(config),
    VarianceScaling: config => new VarianceScaling(config),
    GlorotUniform: config => new GlorotUniform(config),
    GlorotNormal: config => new GlorotNormal(config),
    HeUniform: config => new HeUniform(config),
    HeNormal: config => new HeNormal(config),
    LecunUniform: config => new LecunUniform(config),
    LecunNormal: config => new LecunNormal(config),
    Identity: config => new Identity(config),
    Orthogonal: config => new Orthogonal(config),
  },
  {
    zeros: 'Zeros',
    ones: 'Ones',
    constant: 'Constant',
    random_normal: 'RandomNormal',
    random_uniform: 'RandomUniform',
    truncated_normal: 'TruncatedNormal',
    variance_scaling: 'VarianceScaling',
    glorot_uniform: 'GlorotUniform',
    glorot_normal: 'GlorotNormal',
    he_uniform: 'HeUniform',
    he_normal: 'HeNormal',
    lecun_uniform: 'LecunUniform',
    lecun_normal: 'LecunNormal',
    identity: 'Identity',
    orthogonal: 'Orthogonal',
    zero: 'Zeros',
    one: 'Ones',
    normal: 'RandomNormal',
    uniform: 'RandomUniform',
  },
  value => typeof value.initialize === 'function',
)
