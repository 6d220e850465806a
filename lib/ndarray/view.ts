// Conversion to and from ndarray, whose views simplify slicing.

import ndarray, { type NdArray } from 'ndarray'
import type { Shape } from '../core/check.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'

/** An ndarray that shares the memory of a tensor. */
export type View = NdArray<Float32Array>

/** A view of the tensor's own numbers: writing to it changes the tensor. For plain arrays, a view of a copy. */
export function toNdarray(tensor: TensorLike): View {
  const { data, shape } = toTensor('tensor', tensor)
  return ndarray(data, [...shape])
}

/** Copies an ndarray, of any strides and numeric type, into a new tensor. */
export function fromNdarray(array: TensorLike): Tensor {
  const tensor = toTensor('array', array)
  return tensor === array ? tensor.clone() : tensor
}

/** A new tensor that `fill` fills through a view. */
export function filled(shape: Shape, fill: (view: View) => void): Tensor {
  const tensor = Tensor.zeros(shape)
  fill(toNdarray(tensor))
  return tensor
}
