// The border to ndarray, whose views make slicing short. ndarray and ndarray-ops build their loops with `new Function`,
// which a strict content security policy forbids: that is why `unshared/data` is an entry of its own.

import ndarray, { type NdArray } from 'ndarray'
import { type Shape, sizeOf } from '../core/check.ts'
import { type NdarrayLike, Tensor } from '../core/tensor.ts'

/** An ndarray on the memory of a tensor. */
export type View = NdArray<Float32Array>

/** A view of the tensor's own numbers: what is written to it, the tensor shows. */
export function toNdarray(tensor: Tensor): View {
  return ndarray(tensor.data, [...tensor.shape])
}

/** A tensor with a copy of an ndarray's numbers, whatever its strides and type. */
export function fromNdarray(array: NdarrayLike): Tensor {
  return Tensor.from(array)
}

/** A new tensor that `fill` writes to through a view. */
export function filled(shape: Shape, fill: (view: View) => void): Tensor {
  const tensor = new Tensor(shape, new Float32Array(sizeOf(shape)))
  fill(toNdarray(tensor))
  return tensor
}
