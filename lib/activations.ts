// Activations by name: what stands between two layers, so that they are more than one.

import { finite, knownOptions, type Shape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import { type ActivationKernels, activationKernels } from './kernels/activations.ts'
import type { CamelCase } from './names.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'
import { Tensor, type TensorLike } from './tensor.ts'

/** A function of a layer's output, with its gradient. */
export interface Activation extends Serializable {
  /** Keras' name: 'hard_sigmoid'. */
  readonly className: string
  /** Writes y = f(x) for `batch` samples of this shape. */
  forward(y: Float32Array, x: Float32Array, batch: number, shape: Shape, kernels: ActivationKernels): void
  /** Writes dx = dy · f′(x); dx may be the array of dy. */
  backward(
    dx: Float32Array,
    dy: Float32Array,
    x: Float32Array,
    y: Float32Array,
    batch: number,
    shape: Shape,
    kernels: ActivationKernels,
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

export type ActivationName = KerasName | CamelCase<KerasName>

/** A name, a config, an activation; `null` means linear. */
export type ActivationIdentifier = ActivationName | Serialized | KerasSerialized | Activation | null

/** An activation of single numbers. */
function elementwise(
  className: string,
  config: Config,
  kernel: keyof ActivationKernels['elementwise'],
  [a = 0, b = 0, c = 0]: readonly number[] = [],
): Activation {
  return {
    className,
    getConfig: () => config,
    forward: (y, x, batch, shape, { elementwise }) =>
      elementwise[kernel].forward(y, x, batch * sizeOf(shape), a, b, c),
    backward: (dx, dy, x, y, batch, shape, { elementwise }) =>
      elementwise[kernel].backward(dx, dy, x, y, batch * sizeOf(shape), a, b, c),
  }
}

/** An activation along one axis. */
function alongAxis(
  className: string,
  options: { readonly axis?: number },
  kernel: keyof ActivationKernels['rows'],
): Activation {
  const { axis = -1 } = options
  knownOptions(className, options, ['axis'])
  if (!Number.isSafeInteger(axis)) throw new ArgumentError('axis', axis, 'an integer')
  const rowsOf = (batch: number, shape: Shape): [number, number, number] => {
    const sizes = [batch, ...shape]
    const at = axis < 0 ? sizes.length + axis : axis
    if (sizes.length < 2)
      throw new ArgumentError('x', sizes, `at least two axes for ${className}: a batch of rows`)
    if (at < 0 || at >= sizes.length)
      throw new ArgumentError('axis', axis, `an axis of a tensor with ${sizes.length}`)
    return [sizeOf(sizes.slice(0, at)), sizes[at], sizeOf(sizes.slice(at + 1))]
  }
  return {
    className,
    getConfig: () => (axis === -1 ? {} : { axis }),
    forward: (y, x, batch, shape, { rows }) => rows[kernel].forward(y, x, ...rowsOf(batch, shape)),
    backward: (dx, dy, _x, y, batch, shape, { rows }) =>
      rows[kernel].backward(dx, dy, y, ...rowsOf(batch, shape)),
  }
}

/** What came in. */
export const linear: Activation = {
  className: 'linear',
  getConfig: () => ({}),
  forward: (y, x, batch, shape) => y.set(x.subarray(0, batch * sizeOf(shape))),
  backward: (dx, dy, _x, _y, batch, shape) => dx.set(dy.subarray(0, batch * sizeOf(shape))),
}

export interface ReluOptions {
  /** The slope below the threshold. Default 0. */
  readonly alpha?: number
  /** Default none. */
  readonly maxValue?: number | null
  /** Default 0. */
  readonly threshold?: number
}

/** max(x, 0), or with options as `tf.keras.activations.relu`. */
export function relu(options: ReluOptions = {}): Activation {
  knownOptions('relu', options, ['alpha', 'maxValue', 'threshold'])
  const { alpha = 0, maxValue = null, threshold = 0 } = options
  const numbers = [finite('alpha', alpha), maxValue === null ? Infinity : finite('maxValue', maxValue, 0)]
  finite('threshold', threshold)
  const config = { ...options }
  if (maxValue === null && threshold === 0)
    return alpha === 0
      ? elementwise('relu', config, 'relu')
      : elementwise('relu', config, 'leakyRelu', [Math.fround(alpha)])
  return elementwise('relu', config, 'boundedRelu', [...numbers, threshold].map(Math.fround))
}

/** x where positive, else alpha·(eˣ − 1). Default alpha 1. @see Clevert et al. 2015, arXiv:1511.07289 */
export function elu(options: { readonly alpha?: number } = {}): Activation {
  knownOptions('elu', options, ['alpha'])
  const alpha = Math.fround(finite('alpha', options.alpha ?? 1))
  return elementwise('elu', { ...options }, 'elu', [1, alpha, alpha])
}

/** x·Φ(x); `approximate` takes tanh for Φ. @see Hendrycks and Gimpel 2016, arXiv:1606.08415 */
export function gelu(options: { readonly approximate?: boolean } = {}): Activation {
  knownOptions('gelu', options, ['approximate'])
  return elementwise('gelu', { ...options }, options.approximate ? 'geluTanh' : 'gelu')
}

/** x where positive, else alpha·x. Default alpha 0.2. */
export function leakyRelu(options: { readonly alpha?: number } = {}): Activation {
  knownOptions('leaky_relu', options, ['alpha'])
  return elementwise('leaky_relu', { ...options }, 'leakyRelu', [
    Math.fround(finite('alpha', options.alpha ?? 0.2)),
  ])
}

/** eˣ over the sum along an axis, by default the last; axis 0 is the batch. */
export const softmax = (options: { readonly axis?: number } = {}) => alongAxis('softmax', options, 'softmax')

/** The logarithm of softmax. */
export const logSoftmax = (options: { readonly axis?: number } = {}) =>
  alongAxis('log_softmax', options, 'logSoftmax')

const [SELU_SCALE, SELU_ALPHA] = [1.0507009873554805, 1.6732632423543772].map(Math.fround)

const simple = (
  name: KerasName,
  kernel: keyof ActivationKernels['elementwise'],
  numbers?: readonly number[],
): ((config: Config) => Activation) => {
  const activation = elementwise(name, {}, kernel, numbers)
  return config => {
    knownOptions(name, config, [])
    return activation
  }
}

/** Activations by name; `activations.get('hard_sigmoid')` and `activations.get('hardSigmoid')` are one. */
export const activations = registry<Activation>(
  'activation',
  {
    linear: () => linear,
    relu,
    sigmoid: simple('sigmoid', 'sigmoid'),
    hard_sigmoid: simple('hard_sigmoid', 'hardSigmoid'),
    tanh: simple('tanh', 'tanh'),
    softmax,
    log_softmax: logSoftmax,
    softplus: simple('softplus', 'softplus'),
    softsign: simple('softsign', 'softsign'),
    selu: simple('selu', 'elu', [SELU_SCALE, SELU_ALPHA, SELU_SCALE]),
    elu,
    exponential: simple('exponential', 'exponential'),
    gelu,
    swish: simple('swish', 'swish'),
    mish: simple('mish', 'mish'),
    relu6: simple('relu6', 'boundedRelu', [0, 6, 0]),
    leaky_relu: leakyRelu,
  },
  { silu: 'swish' },
  value => typeof (value as Partial<Activation>).forward === 'function' && 'backward' in value,
)

/** An activation; `null` and `undefined` mean linear. */
export function getActivation(identifier: unknown): Activation {
  if (typeof identifier === 'string' && layerNames.includes(identifier))
    throw new ArgumentError(
      'activation',
      identifier,
      'an activation',
      `${identifier} is a layer: add it after this one`,
    )
  return activations.getOptional(identifier) ?? linear
}
const layerNames = ['ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'Softmax']

/** As Keras writes an activation down: its name, or a config where it has options. */
export function serializeActivation(activation: Activation): string | Serialized {
  const config = activation.getConfig()
  return Object.keys(config).length === 0 ? activation.className : activations.serialize(activation)
}

/**
 * Applies an activation to a batch.
 * @param dy where given, the gradient of sum(y · dy) in x is worked out too
 */
export function activate(
  activation: ActivationIdentifier,
  x: TensorLike,
  dy?: TensorLike,
): { y: Tensor; dx: Tensor | null } {
  const f = getActivation(activation)
  const input = Tensor.from(x)
  const [batch = 1, ...shape] = input.shape
  const y = Tensor.zeros(input.shape)
  f.forward(y.data, input.data, batch, shape, activationKernels)
  if (dy === undefined) return { y, dx: null }
  const dx = Tensor.from(dy)
  f.backward(dx.data, dx.data, input.data, y.data, batch, shape, activationKernels)
  return { y, dx }
}
