// The names that options of layers hold.

import { nameConstraints, nameInitializers, nameRegularizers } from '../weights/registry.ts'
import { nameActivations } from './activation-names.ts'

/** Names activations, initializers, regularizers and constraints. */
export function nameLayerOptions(): void {
  nameActivations()
  nameInitializers()
  nameRegularizers()
  nameConstraints()
}
