// `unshared/names`: importing it makes all names known in `unshared/core`: 'adam', 'mse', { className: 'Dense' } … It also
// brings what makes models from their configs, in which layers have names.

import { withNames } from './with-names.ts'

export { activations } from '../layers/activations.ts'
export { layers } from '../layers/table.ts'
export { losses } from '../losses/table.ts'
export { metrics } from '../metrics/table.ts'
export { schedules } from '../optimizers/schedules.ts'
export { optimizers } from '../optimizers/table.ts'
export { constraints } from '../weights/constraints.ts'
export { initializers } from '../weights/initializers.ts'
export { regularizers } from '../weights/regularizers.ts'

withNames(null)
