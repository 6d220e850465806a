// `unshared/data`: what happens to data before a model sees them.
export { crop, pad, randomShift, resize, shift, shiftEach, transpose } from './images.ts'
export { fromNdarray, toNdarray } from './ndarray.ts'
export { batches, oneHot, shuffle, split, standardize, take } from './samples.ts'
