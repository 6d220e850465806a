// The optimizers, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import { Optimizer } from './optimizer.ts'

/** Names in any case. */
export const optimizers = /* @__PURE__ */ registry<Optimizer>(
  'optimizer',
  value => value instanceof Optimizer,
  name => name.toLowerCase(),
)
