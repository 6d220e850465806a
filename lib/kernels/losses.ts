// The arithmetic of the losses, by name: a loss for each row of the output, and the gradient of Σ scale[row] · loss[row].

import { crossentropies } from './losses/crossentropy.ts'
import { elementwiseLosses } from './losses/elementwise.ts'
import { focalLosses } from './losses/focal.ts'
import { rowLosses } from './losses/rows.ts'

export { axisOf, type LossKernel, sizeAfter, sizeBefore } from './losses/elementwise.ts'
export type { ClassWeightedKernel } from './losses/focal.ts'

export const lossKernels = { ...elementwiseLosses, ...rowLosses, ...crossentropies, ...focalLosses }
