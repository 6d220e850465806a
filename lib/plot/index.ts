// `unshared/plot`: drawings of models.

export type { PlotOptions } from './plot-model.ts'
export { plotModel } from './plot-model.ts'
