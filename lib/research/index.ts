// `unshared/research`: layers and tools of papers that Keras never had. Importing it registers their names, so that
// configs and files find them.

import { activations } from '../layers/activations.ts'
import { scaledTanh } from './scaled-tanh.ts'

export { scaledTanh } from './scaled-tanh.ts'

activations.register('scaled_tanh', () => scaledTanh)
