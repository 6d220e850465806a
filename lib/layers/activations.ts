// Activations by name: the nonlinearities between layers. Without them, stacked layers are one linear map.

import { boolean, finite, knownOptions, type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { CamelCase } from '../core/names.ts'
import { type Config, type KerasSerialized, registry, type Serializable, type Serialized } from '../core/registry.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import type { Engine } from '../engine/engine.ts'
import { ReferenceEngine } from '../engine/reference-engine.ts'
import * as kernels from '../kernels/activations.ts'

const fround = Math.fround

/** A function applied to a layer's output, with its gradient. */
export interface Activation extends Serializable {
  /** Keras' name: 'hard_sigmoid'. */
  readonly className: string
  /** The layer that was given as the activation, such as LeakyReLU. */
  readonly layer?: Serializable
  /** Writes y = f(x) for `batch` samples of this shape. */
  forward(y: Float32Array, x: Float32Array, batch: number, shape: Shape, engine: Engine): void
  /** Writes dx = dy · f′(x). `dx` and `dy` may be the same array. */
  backward(
    dx: Float32Array,
    dy: Float32Array,
    x: Float32Array,
    y: Float32Array,
    batch: number,
    shape: Shape,
    engine: Engine,
  ): void
}

type KerasName =
  | 'linear'
  | 'relu'
  | 'sigmoid'
  | 'hard_sigmoid'
  | 'tanh'
  | 'softmax'
  | 'log_softmax'
  | 'softplus'
  | 'softsign'
  | 'selu'
  | 'elu'
  | 'exponential'
  | 'gelu'
  | 'swish'
  | 'silu'
  | 'mish'
  | 'relu6'
  | 'leaky_relu'

/** The names of activations, as in Keras or in camelCase. */
export type ActivationName = KerasName | CamelCase<KerasName>

/** A name, a config or an activation; `null` means linear. */
export type ActivationIdentifier = ActivationName | Serialized | KerasSerialized | Activation | ActivationLayer | null

/** A layer without weights that only applies an activation, such as LeakyReLU. */
export interface ActivationLayer extends Serializable {
  asActivation(): Activation
}

/** An activation applied element by element. */
export function elementwise(
  className: string,
  config: Config,
  kernel: kernels.ElementwiseKernel,
  [a = 0, b = 0, c = 0]: readonly number[] = [],
): Activation {
  return {
    className,
    getConfig: () => ({ ...config }),
    forward: (y, x, batch, shape, engine) => engine.kernel(kernel).forward(y, x, batch * sizeOf(shape), a, b, c),
    backward: (dx, dy, x, y, batch, shape, engine) =>
      engine.kernel(kernel).backward(dx, dy, x, y, batch * sizeOf(shape), a, b, c),
  }
}

/** An activation along one axis. */
function alongAxis(className: string, options: { readonly axis?: number }, kernel: kernels.RowKernel): Activation {
  const { axis = -1 } = options
  knownOptions(className, options, ['axis'])
  if (!Number.isSafeInteger(axis)) throw new ArgumentError('axis', axis, 'an integer')
  /** The index of the axis in a sample's shape; −1 is the batch. */
  const place = (batch: number, shape: Shape): number => {
    if (shape.length === 0) throw new ArgumentError('x', [batch], `at least two axes for ${className}: a batch of rows`)
    const at = axis < 0 ? shape.length + axis : axis - 1
    if (at < -1 || at >= shape.length)
      throw new ArgumentError('axis', axis, `an axis of a tensor with ${shape.length + 1}`)
    return at
  }
  const outer = (batch: number, shape: Shape, at: number) => (at < 0 ? 1 : batch * product(shape, 0, at))
  const length = (batch: number, shape: Shape, at: number) => (at < 0 ? batch : shape[at])
  const inner = (shape: Shape, at: number) => product(shape, at + 1, shape.length)
  return {
    className,
    getConfig: () => (axis === -1 ? {} : { axis }),
    forward(y, x, batch, shape, engine) {
      const at = place(batch, shape)
      engine.kernel(kernel).forward(y, x, outer(batch, shape, at), length(batch, shape, at), inner(shape, at))
    },
    backward(dx, dy, _x, y, batch, shape, engine) {
      const at = place(batch, shape)
      engine.kernel(kernel).backward(dx, dy, y, outer(batch, shape, at), length(batch, shape, at), inner(shape, at))
    },
  }
}

function product(shape: Shape, from: number, to: number): number {
  let size = 1
  for (let axis = from; axis < to; axis++) size *= shape[axis]
  return size
}

/** f(x) = x. */
export const linear: Activation = {
  className: 'linear',
  getConfig: () => ({}),
  forward: (y, x, batch, shape) => y.set(x.subarray(0, batch * sizeOf(shape))),
  backward: (dx, dy, _x, _y, batch, shape) => dx.set(dy.subarray(0, batch * sizeOf(shape))),
}

/** Whether an activation is linear, which needs no arithmetic and no memory. */
export const isLinear = (activation: Activation) => activation.className === 'linear'

export interface ReluOptions {
  /** The slope below the threshold. Default 0. */
  readonly alpha?: number
  /** Default none. */
  readonly maxValue?: number | null
  /** Values below it become alpha·(x − threshold): 0, if alpha is 0. Default 0. */
  readonly threshold?: number
}

/**
 * max(x, 0), or with options, like `tf.keras.activations.relu`.
 * @throws ArgumentError for non-finite numbers and a negative maximum
 * @see https://keras.io/2/api/layers/activations/#relu-function
 */
export function relu(options: ReluOptions = {}): Activation {
  knownOptions('relu', options, ['alpha', 'maxValue', 'threshold'])
  const alpha = finite('alpha', options.alpha ?? 0)
  const maxValue = options.maxValue ?? null
  if (maxValue !== null) finite('maxValue', maxValue, 0)
  const threshold = finite('threshold', options.threshold ?? 0)
  const config = {
    ...(alpha === 0 ? {} : { alpha }),
    ...(maxValue === null ? {} : { maxValue }),
    ...(threshold === 0 ? {} : { threshold }),
  }
  if (maxValue !== null || threshold !== 0)
    return elementwise('relu', config, kernels.boundedRelu, [alpha, maxValue ?? Infinity, threshold].map(fround))
  if (alpha === 0) return elementwise('relu', config, kernels.relu)
  return elementwise('relu', config, kernels.leakyRelu, [fround(alpha)])
}

/**
 * x where positive, else alpha·(eˣ − 1). Default alpha 1.
 * @see Clevert et al. 2015, arXiv:1511.07289
 */
export function elu(options: { readonly alpha?: number } = {}): Activation {
  knownOptions('elu', options, ['alpha'])
  const alpha = finite('alpha', options.alpha ?? 1)
  const numbers = [1, fround(alpha), fround(alpha)]
  return elementwise('elu', alpha === 1 ? {} : { alpha }, kernels.elu, numbers)
}

/**
 * x·Φ(x), where Φ is the cumulative normal distribution; `approximate` (default false) computes it with tanh.
 * @see Hendrycks and Gimpel 2016, arXiv:1606.08415
 */
export function gelu(options: { readonly approximate?: boolean } = {}): Activation {
  knownOptions('gelu', options, ['approximate'])
  const approximate = boolean('approximate', options.approximate ?? false)
  return approximate ? elementwise('gelu', { approximate }, kernels.geluTanh) : elementwise('gelu', {}, kernels.gelu)
}

/** x where positive, else alpha·x. Default alpha 0.2; the LeakyReLU layer's default is 0.3. */
export function leakyRelu(options: { readonly alpha?: number } = {}): Activation {
  knownOptions('leaky_relu', options, ['alpha'])
  const alpha = finite('alpha', options.alpha ?? 0.2)
  return elementwise('leaky_relu', alpha === 0.2 ? {} : { alpha }, kernels.leakyRelu, [fround(alpha)])
}

/**
 * eˣ divided by its sum along an axis, by default the last; axis 0 is the batch.
 * @throws ArgumentError when applied to a vector, or along an axis that does not exist
 */
export const softmax = (options: { readonly axis?: number } = {}) => alongAxis('softmax', options, kernels.softmax)

/** The logarithm of softmax. */
export const logSoftmax = (options: { readonly axis?: number } = {}) =>
  alongAxis('log_softmax', options, kernels.logSoftmax)

const simple = (
  name: KerasName,
  kernel: kernels.ElementwiseKernel,
  numbers?: readonly number[],
): ((config?: Config) => Activation) => {
  const activation = elementwise(name, {}, kernel, numbers?.map(fround))
  return (config = {}) => {
    knownOptions(name, config, [])
    return activation
  }
}

const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.6732632423543772

/** 1 / (1 + e⁻ˣ). */
export const sigmoid = /* @__PURE__ */ simple('sigmoid', kernels.sigmoid)

/** x/5 + ½, clipped to [0, 1]. */
export const hardSigmoid = /* @__PURE__ */ simple('hard_sigmoid', kernels.hardSigmoid)

/** tanh x. */
export const tanh = /* @__PURE__ */ simple('tanh', kernels.tanh)

/** log(1 + eˣ). */
export const softplus = /* @__PURE__ */ simple('softplus', kernels.softplus)

/** x / (1 + |x|). */
export const softsign = /* @__PURE__ */ simple('softsign', kernels.softsign)

/** Scaled ELU. @see Klambauer et al. 2017, arXiv:1706.02515 */
export const selu = /* @__PURE__ */ simple('selu', kernels.elu, [SELU_SCALE, SELU_ALPHA, SELU_SCALE])

/** eˣ. */
export const exponential = /* @__PURE__ */ simple('exponential', kernels.exponential)

/** x · sigmoid(x), also called SiLU. @see Ramachandran et al. 2017, arXiv:1710.05941 */
export const swish = /* @__PURE__ */ simple('swish', kernels.swish)

/** x · tanh(softplus(x)). @see Misra 2019, arXiv:1908.08681 */
export const mish = /* @__PURE__ */ simple('mish', kernels.mish)

/** min(max(x, 0), 6). */
export const relu6 = /* @__PURE__ */ simple('relu6', kernels.boundedRelu, [0, 6, 0])

/** The activations, without names: see activation-names.ts. */
export const activations = /* @__PURE__ */ registry<Activation>(
  'activation',
  value => typeof (value as Partial<Activation>).forward === 'function' && 'backward' in value,
)

/** The layers that can serve as an activation, by class name. registry.ts fills it. */
export const activationLayers = new Map<string, (config: Config) => ActivationLayer>()

/** The class names of layers, which are no names of activations. registry.ts fills it. */
export const layerNames = new Set<string>()

/**
 * Finds an activation; `null` and `undefined` mean linear.
 * @throws ArgumentError for an unknown name
 */
export function getActivation(identifier: unknown): Activation {
  if (identifier === null || identifier === undefined || identifier === 'linear') return linear
  if (typeof (identifier as Partial<ActivationLayer>).asActivation === 'function')
    return activations.get((identifier as ActivationLayer).asActivation(), 'activation')
  const { className, class_name = className, config = {} } = Object(identifier) as Partial<Serialized & KerasSerialized>
  const layer = activationLayers.get(class_name as string)
  if (layer) return layer(config).asActivation()
  for (const name of [identifier, class_name])
    if (layerNames.has(name as string))
      throw new ArgumentError(
        'activation',
        name,
        'an activation',
        `${name} is a layer: pass it, or add it after this one`,
      )
  return activations.get(identifier)
}

/** Serializes an activation as Keras does: its name or, if it has options, a config. */
export function serializeActivation(activation: Activation): string | Serialized {
  const { layer } = activation
  if (layer) return { className: layer.className, config: layer.getConfig() }
  const config = activation.getConfig()
  return Object.keys(config).length === 0 ? activation.className : activations.serialize(activation)
}

/**
 * Applies an activation to a batch.
 * @param dy if given, also computes dx, the gradient of sum(y · dy) with respect to x
 */
export function activate(
  activation: ActivationIdentifier,
  x: TensorLike,
  dy?: TensorLike,
): { y: Tensor; dx: Tensor | null } {
  const f = getActivation(activation)
  const input = toTensor('x', x)
  const [batch = 1, ...shape] = input.shape
  const y = Tensor.zeros(input.shape)
  const engine = new ReferenceEngine()
  f.forward(y.data, input.data, batch, shape, engine)
  if (dy === undefined) return { y, dx: null }
  const dx = toTensor('dy', dy).clone()
  if (!sameShape(dx.shape, input.shape)) throw new ArgumentError('dy', dx, `the shape [${input.shape.join(', ')}] of x`)
  f.backward(dx.data, dx.data, input.data, y.data, batch, shape, engine)
  return { y, dx }
}
