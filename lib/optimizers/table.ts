// The optimizers, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import type { Optimizer } from './optimizer.ts'

/**
 * The optimizers, without names: see registry.ts. Names in any case. Recognised by their members: a bundle without
 * optimizers lacks their class.
 */
export const optimizers = /* @__PURE__ */ registry<Optimizer>(
  'optimizer',
  value => typeof (value as Partial<Optimizer>).step === 'function' && 'iterations' in value,
  name => name.toLowerCase(),
)
