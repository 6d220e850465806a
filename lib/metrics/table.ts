// The metrics, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import type { Metric } from './metric.ts'

/** The metrics, without names: see registry.ts. Recognised by their members: a bundle without metrics lacks their class. */
export const metrics = /* @__PURE__ */ registry<Metric>(
  'metric',
  value => typeof (value as Partial<Metric>).updateState === 'function' && 'sums' in value,
)
