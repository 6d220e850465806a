// `unshared/ndarray`: preparation of images and other data on ndarray views.
//
// ndarray and ndarray-ops build their loops with `new Function`, already when they are imported. Under a content security
// policy without 'unsafe-eval', a page that imports this entry stops with an EvalError; `unshared/data` runs there.

export type { ImageOptions, ResizeOptions } from '../data/resize.ts'
export { resize } from '../data/resize.ts'
export type { Frame, ShiftOptions } from './images.ts'
export { crop, pad, randomShift, shift, shiftEach, transpose } from './images.ts'
export type { StandardizeOptions, Statistics } from './standardize.ts'
export { standardize } from './standardize.ts'
export type { View } from './view.ts'
export { fromNdarray, toNdarray } from './view.ts'
