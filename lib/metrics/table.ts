// The metrics, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import { Metric } from './metric.ts'

/** The metrics, without names: see registry.ts. */
export const metrics = /* @__PURE__ */ registry<Metric>('metric', value => value instanceof Metric)
