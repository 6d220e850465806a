// Conversions of built layers: convolution to locally connected, locally connected to convolution or Dense. The weights
// of the new layer are computed from those of the old.

import { knownOptions, oneOf } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { convolutionGeometry, type Geometry, inputShapeOf, localGeometry } from '../core/geometry.ts'
import type { Config } from '../core/registry.ts'
import type { Implementation } from '../kernels/local2d.ts'
import { convertLocalKernel } from '../kernels/local2d-layouts.ts'
import {
  biasPairs,
  copyToPlaces,
  kernelPairs,
  meanOverPlaces,
  type Spread,
  spreadOverPlaces,
} from '../kernels/local2d-sharing.ts'
import { Conv1D, Conv2D } from './convolution.ts'
import { Dense, type DenseOptions } from './dense.ts'
import { type KernelBiasLayer, kernelBiasFields, optionsOf } from './kernel-bias.ts'
import { LocallyConnected1D, LocallyConnected2D } from './locally-connected.ts'

export type { Spread }

/** The options of `toLocal`. */
export interface ToLocalOptions {
  /** The new layer's implementation. Default 1. */
  readonly implementation?: Implementation
}

/**
 * Converts a convolution to a built locally connected layer that computes the same: every place gets a copy of the
 * kernel and bias. With 'channels_last' the outputs are bitwise equal; with 'channels_first' they agree to within rounding,
 * because the layers sum up a patch in different orders. Options, a given name and `trainable` are kept. A kernel
 * regularizer now counts every copy.
 *
 * @param layer a built Conv1D or Conv2D, which is not modified
 * @throws StateError before the layer is built. ArgumentError for a dilation, for padding that places the windows of a
 * locally connected layer elsewhere ('causal', some 'same'), and for a constraint that depends on the kernel's axes
 */
export function toLocal(layer: Conv1D, options?: ToLocalOptions): LocallyConnected1D
export function toLocal(layer: Conv2D, options?: ToLocalOptions): LocallyConnected2D
export function toLocal(layer: Conv1D | Conv2D, options: ToLocalOptions = {}) {
  knownOptions('toLocal', options, ['implementation'])
  const implementation = oneOf('implementation', options.implementation ?? 1, [1, 2, 3])
  const isSequence = layer instanceof Conv1D
  assertConvertible('toLocal', layer, isSequence || layer instanceof Conv2D, 'a Conv1D or Conv2D')
  if (layer.dilationRate.some(rate => rate > 1)) {
    const hint = 'The windows of a locally connected layer have no gaps'
    throw new ArgumentError('layer.dilationRate', layer.dilationRate, '1', hint)
  }
  assertWindowsAgree(layer, layer.geometry)
  const { name, dilationRate, groups, ...config } = optionsOf(layer)
  const padding = layer.padding === 'valid' ? 'valid' : 'same' // 'causal' is 'same' where the windows agree
  const all = { ...config, ...nameOf(layer), padding, implementation } as never
  const local = isSequence ? new LocallyConnected1D(all) : new LocallyConnected2D(all)
  local.build([null, ...layer.inputShape])
  const [kernel, bias] = layer.parameters
  const [ownKernel, ownBias] = local.parameters
  copyToPlaces(ownKernel.value, kernel.value, kernelPairs(local.geometry, implementation))
  if (bias) copyToPlaces(ownBias.value, bias.value, biasPairs(local.geometry))
  return local
}

/** The result of `toConv`: a convolution, and how far the original weights deviate from it. */
export interface Shared<L> {
  /** The convolution. */
  readonly layer: L
  /** How far the weights deviate from it. */
  readonly spread: {
    readonly kernel: Spread
    /** `null` if the layer has no bias. */
    readonly bias: Spread | null
  }
}

/**
 * Converts a locally connected layer to a built convolution whose kernel and bias are the means over all places. Also
 * returns how far the places deviate from these means; if the deviation is 0, the convolution computes the same.
 * Options, a given name and `trainable` are kept. Weights that are masked or outside the image do not count.
 *
 * @param layer a built LocallyConnected1D or LocallyConnected2D, which is not modified
 * @throws StateError before the layer is built. ArgumentError for padding 'same' if it places a convolution's windows
 * elsewhere, and for a constraint that depends on the kernel's axes
 */
export function toConv(layer: LocallyConnected1D): Shared<Conv1D>
export function toConv(layer: LocallyConnected2D): Shared<Conv2D>
export function toConv(layer: LocallyConnected1D | LocallyConnected2D): Shared<Conv1D | Conv2D> {
  const isSequence = layer instanceof LocallyConnected1D
  assertLocal('toConv', layer)
  assertWindowsAgree(layer, layer.geometry)
  const { name, implementation, ...config } = optionsOf(layer)
  const all = { ...config, ...nameOf(layer) } as never
  const conv = isSequence ? new Conv1D(all) : new Conv2D(all)
  conv.build([null, ...layer.inputShape])
  const [kernel, bias] = layer.parameters
  const [mean, meanBias] = conv.parameters
  const pairs = kernelPairs(layer.geometry, layer.implementation)
  meanOverPlaces(mean.value, kernel.value, pairs)
  const spread = { kernel: spreadOverPlaces(kernel.value, mean.value, pairs), bias: null as Spread | null }
  if (bias) {
    meanOverPlaces(meanBias.value, bias.value, biasPairs(layer.geometry))
    spread.bias = spreadOverPlaces(bias.value, meanBias.value, biasPairs(layer.geometry))
  }
  return { layer: conv, spread }
}

/**
 * Converts a locally connected layer to a built Dense layer that computes the same on flat samples: its input and output
 * are the values of a sample in memory order (use `Reshape` before and after, in either data format). Missing connections
 * have the weight 0 until training changes it. For finite inputs the outputs are equal.
 *
 * @param layer a built LocallyConnected1D or LocallyConnected2D, which is not modified
 * @throws StateError before the layer is built. ArgumentError for a softmax, which acts along one axis; for a constraint
 * that depends on the kernel's axes; and for a kernel of more than 2^29 elements
 */
export function toDense(layer: LocallyConnected1D | LocallyConnected2D): Dense {
  assertLocal('toDense', layer)
  const { inputSize, outputSize } = layer.geometry
  if (alongAxis.includes(layer.activation.className))
    throw new ArgumentError(
      'layer.activation',
      layer.activation.className,
      'an elementwise activation',
      'Omit it from the layer, and add an Activation after the Reshape that follows the Dense layer',
    )
  const shared = ['name', 'trainable', 'dtype', ...Object.keys(kernelBiasFields)]
  const config = optionsOf(layer)
  const kept = Object.fromEntries(shared.map(name => [name, config[name]]))
  const { name, ...options } = kept as unknown as DenseOptions
  const dense = new Dense({ ...options, ...nameOf(layer), units: outputSize })
  dense.build([null, inputSize])
  const [kernel, bias] = layer.parameters
  const [denseKernel, denseBias] = dense.parameters
  convertLocalKernel(denseKernel.value, 2, kernel.value, layer.implementation, layer.geometry)
  if (bias) denseBias.value.set(bias.value)
  return dense
}

const alongAxis = ['softmax', 'log_softmax']

/** The name option if a name was given; an automatic name is left out, so that the new layer gets its own. */
const nameOf = ({ isNamed, name }: KernelBiasLayer): Config => (isNamed ? { name } : {})

const assertLocal = (what: string, layer: LocallyConnected1D | LocallyConnected2D) =>
  assertConvertible(
    what,
    layer,
    layer instanceof LocallyConnected1D || layer instanceof LocallyConnected2D,
    'a LocallyConnected1D or LocallyConnected2D',
  )

function assertConvertible(what: string, layer: KernelBiasLayer, isOne: boolean, expected: string): void {
  if (!isOne) throw new ArgumentError(`${what}, layer`, layer, expected)
  if (!layer.built)
    throw new StateError(
      `${what}: the layer ${layer.name} is not built yet: call build(inputShape) or forward(x) first`,
    )
  for (const name of ['kernelConstraint', 'biasConstraint'] as const) {
    const constraint = layer[name]
    if (constraint === null || constraint.className === 'NonNeg') continue
    const hint = 'The new weight has other axes: create the layer without it'
    throw new ArgumentError(`layer.${name}`, constraint.className, 'none, or NonNeg', hint)
  }
}

/** Both kinds of layer number their places alike, but with padding their windows may start at different ones. */
function assertWindowsAgree(layer: AnyWindowed, g: Geometry): void {
  const { padding, dataFormat } = layer
  if (padding === 'valid') return
  const options = { filters: g.F, dataFormat, kernelSize: [g.KH, g.KW], strides: [g.SH, g.SW] } as const
  const picture = [null, ...inputShapeOf(g)]
  const local = localGeometry(picture, { ...options, padding: 'same' })
  const conv = convolutionGeometry(picture, { ...options, padding, dilationRate: [1, 1] })
  if (local.top === conv.top && local.left === conv.left) return
  const rows = [g.top, Math.max((g.OH - 1) * g.SH + g.KH - g.H - g.top, 0)]
  const cols = [g.left, Math.max((g.OW - 1) * g.SW + g.KW - g.W - g.left, 0)]
  const isSequence = layer instanceof Conv1D || layer instanceof LocallyConnected1D
  const same = isSequence
    ? `ZeroPadding1D({ padding: [${cols.join(', ')}] })`
    : `ZeroPadding2D({ padding: [[${rows.join(', ')}], [${cols.join(', ')}]] })`
  const hint = `The new windows would start elsewhere; ${same} and padding 'valid' keep them`
  throw new ArgumentError('layer.padding', padding, `'valid' for this size of window, stride and input`, hint)
}

type AnyWindowed = Conv1D | Conv2D | LocallyConnected1D | LocallyConnected2D
