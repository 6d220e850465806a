// Kernels of convolutions that a file stores in another order than Keras 2: those of Keras 1, and those of Theano.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { Layer } from '../layers/layer.ts'
import { TimeDistributed } from '../layers/time-distributed.ts'
import type { ModelDescription } from './model-file.ts'

/** The order of a stored kernel: axis i of Keras 2's kernel is axis `axes[i]` of the stored one. */
export interface KernelOrder {
  readonly axes: readonly number[]
  /** Whether windows are stored rotated by 180°, as Theano convolves. */
  readonly isTurned: boolean
}

/** The source of the weights. */
export type Origin = Pick<ModelDescription, 'version' | 'backend'>

export const isKeras1 = (version: string | null) => /^[01](\.|$)/.test(version ?? '')

/**
 * Keras 2 turned the kernels of these layers when it loaded a file of Theano. Depthwise kernels are the same everywhere:
 * Keras' Theano backend turned them itself, and locally connected layers multiply patches.
 */
const turned = ['Conv1D', 'Conv2D', 'Conv2DTranspose']

/**
 * The order in which a layer's kernel is stored; `null` if it is Keras 2's. Keras 1 stored the kernels of channels_first,
 * of Conv1D and of transposed convolutions differently.
 * @throws ArgumentError for a kernel that Keras itself can't convert
 * @see tf_keras/src/saving/legacy/hdf5_format.py, preprocess_weights_for_loading; Keras 2.2, keras/engine/saving.py
 */
export function kernelOrder(layer: Layer, stored: Shape, { version, backend }: Origin): KernelOrder | null {
  const inner = layer instanceof TimeDistributed && layer.layer instanceof Layer ? layer.layer : layer
  const isTurned = backend === 'theano' && turned.includes(inner.className)
  const moved = isKeras1(version) ? keras1Axes(inner, stored) : null
  return moved || isTurned ? { axes: moved ?? stored.map((_, i) => i), isTurned } : null
}

function keras1Axes(layer: Layer, stored: Shape): readonly number[] | null {
  const { className } = layer
  const { dataFormat, filters, kernelSize } = layer.getConfig() as Record<string, unknown>
  const isFirst = dataFormat === 'channels_first'
  if (className === 'SeparableConv2D' && isFirst)
    throw new ArgumentError(
      `the kernels of ${layer.name}`,
      'those of channels_first in Keras 1',
      'kernels of Keras 2, or of channels_last',
      'Open the file in Keras 1, and transpose them to [rows, columns, input channels, multiplier]',
    )
  if (stored.length !== 4) return null
  if (className === 'Conv1D') {
    const isNewer = stored[0] === (kernelSize as number[])[0] && stored[1] === 1 && stored[3] === filters
    return isNewer ? [0, 2, 3] : stored[3] === 1 ? [2, 1, 0] : null // Keras 1.2, Keras 1.1
  }
  if (className === 'Conv2DTranspose') return isFirst ? [2, 3, 0, 1] : [0, 1, 3, 2]
  return className === 'Conv2D' && isFirst ? [2, 3, 1, 0] : null
}

/** Rearranges a stored kernel to Keras 2's order. */
export function inOrder(target: Float32Array, stored: Float32Array, shape: Shape, order: KernelOrder): void {
  const { axes, isTurned } = order
  const steps = axes.map(axis => sizeOf(shape.slice(axis + 1)))
  const sizes = axes.map(axis => shape[axis])
  const spatial = sizes.length - 2
  const indices = sizes.map(() => 0)
  for (let i = 0; i < target.length; i++) {
    let from = 0
    for (let axis = 0; axis < sizes.length; axis++) {
      const index = isTurned && axis < spatial ? sizes[axis] - 1 - indices[axis] : indices[axis]
      from += index * steps[axis]
    }
    target[i] = stored[from]
    for (let axis = sizes.length - 1; axis >= 0 && ++indices[axis] === sizes[axis]; axis--) indices[axis] = 0
  }
}
