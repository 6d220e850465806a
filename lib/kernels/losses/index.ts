// The loss kernels by name: a loss for each row of the output, and the gradient of Σ scale[row] · loss[row].

import { crossentropies } from './crossentropy.ts'
import { elementwiseLosses } from './elementwise.ts'
import { focalLosses } from './focal.ts'
import { rowLosses } from './rows.ts'

export { axisOf, type LossKernel, sizeAfter, sizeBefore } from './elementwise.ts'
export type { ClassWeightedKernel } from './focal.ts'

export const lossKernels = /* @__PURE__ */ named({
  ...elementwiseLosses,
  ...rowLosses,
  ...crossentropies,
  ...focalLosses,
})

/** The kernels with their names, by which engines find their own versions. */
function named<T extends Readonly<Record<string, object>>>(kernels: T): { [K in keyof T]: T[K] & { name: string } } {
  return Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, { name, ...kernel }])) as never
}
