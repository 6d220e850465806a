// The losses, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import type { Loss } from './loss.ts'

/** The losses, without names: see registry.ts. Recognised by their members: a bundle without losses lacks their class. */
export const losses = /* @__PURE__ */ registry<Loss>(
  'loss',
  value => typeof (value as Partial<Loss>).afterActivation === 'function' && 'reduction' in value,
)
