// `unshared/data`: preparation of samples. Runs under any content security policy; what works on ndarray views is in
// `unshared/ndarray`.

export type { NpyDtype, NpyOptions } from '../files/npy.ts'
export { fromNpy, toNpy } from '../files/npy.ts'
export type { FromNpzOptions, NpzOptions } from '../files/npz.ts'
export { fromNpz, toNpz } from '../files/npz.ts'
export type { ImageOptions, ResizeOptions } from './resize.ts'
export { resize } from './resize.ts'
export type { BatchesOptions, Parts, Tensors } from './samples.ts'
export { batches, oneHot, shuffle, split, take } from './samples.ts'
