// `unshared/data`: preparation of data for a model.

export type { Frame, ShiftOptions } from './images.ts'
export { crop, pad, randomShift, shift, shiftEach, transpose } from './images.ts'
export type { View } from './ndarray.ts'
export { fromNdarray, toNdarray } from './ndarray.ts'
export type { ImageOptions, ResizeOptions } from './resize.ts'
export { resize } from './resize.ts'
export type { BatchesOptions, StandardizeOptions, Statistics, Tensors } from './samples.ts'
export { batches, oneHot, shuffle, split, standardize, take } from './samples.ts'
