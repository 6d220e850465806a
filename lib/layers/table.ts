// The layers, without names: see registry.ts.

import { registry } from '../core/registry.ts'
import type { Layer } from './layer.ts'
import { Module } from './module.ts'

/** The layers, without names: see registry.ts. */
export const layers = /* @__PURE__ */ registry<Layer>('layer', value => value instanceof Module)
