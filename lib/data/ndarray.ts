// Conversion to and from ndarray, whose views simplify slicing. ndarray and ndarray-ops build their loops with
// `new Function`, which a strict content security policy forbids; therefore `unshared/data` is a separate entry.

import ndarray, { type NdArray } from 'ndarray'
import { type Shape, sizeOf } from '../core/check.ts'
import { type NdarrayLike, Tensor } from '../core/tensor.ts'

/** An ndarray that shares the memory of a tensor. */
export type View = NdArray<Float32Array>

/** A view of the tensor's own numbers: writing to it changes the tensor. */
export function toNdarray(tensor: Tensor): View {
  return ndarray(tensor.data, [...tensor.shape])
}

/** Copies an ndarray, of any strides and numeric type, into a new tensor. */
export function fromNdarray(array: NdarrayLike): Tensor {
  return Tensor.from(array)
}

/** A new tensor that `fill` fills through a view. */
export function filled(shape: Shape, fill: (view: View) => void): Tensor {
  const tensor = new Tensor(shape, new Float32Array(sizeOf(shape)))
  fill(toNdarray(tensor))
  return tensor
}
