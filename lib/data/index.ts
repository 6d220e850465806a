// `unshared/data`: preparation of data for a model.

export type { NpyDtype, NpyOptions } from '../files/npy.ts'
export { fromNpy, toNpy } from '../files/npy.ts'
export type { FromNpzOptions, NpzOptions } from '../files/npz.ts'
export { fromNpz, toNpz } from '../files/npz.ts'
export type { Frame, ImageOptions, ResizeOptions, ShiftOptions } from './images.ts'
export { crop, pad, randomShift, resize, shift, shiftEach, transpose } from './images.ts'
export type { View } from './ndarray.ts'
export { fromNdarray, toNdarray } from './ndarray.ts'
export type { BatchesOptions, StandardizeOptions, Statistics, Tensors } from './samples.ts'
export { batches, oneHot, shuffle, split, standardize, take } from './samples.ts'
