// The metrics, without names: see registry.ts.

import type { Shape } from '../core/check.ts'
import { registry } from '../core/registry.ts'
import type { Metric } from './metric.ts'

/** The metrics, without names: see registry.ts. Recognised by their members: a bundle without metrics lacks their class. */
export const metrics = /* @__PURE__ */ registry<Metric>(
  'metric',
  value => typeof (value as Partial<Metric>).updateState === 'function' && 'sums' in value,
)

/** Names, in lower case, that mean another class for every kind of output and target. registry.ts fills it. */
export const variants = new Map<string, (outputShape: Shape, targetShape: Shape) => string>()
