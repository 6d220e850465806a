// `unshared/data`: preparation of samples. Runs under any content security policy; what works on ndarray views is in
// `unshared/ndarray`.

export type { BatchesOptions, Tensors } from './samples.ts'
export { batches, oneHot, shuffle, split, take } from './samples.ts'
