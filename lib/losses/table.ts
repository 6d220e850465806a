// The losses, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import { Loss } from './loss.ts'

/** The losses, without names: see registry.ts. */
export const losses = /* @__PURE__ */ registry<Loss>('loss', value => value instanceof Loss)
