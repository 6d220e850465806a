// Makes models with branches part of a program. Without this module, a bundle has stacks of layers only.

import { addToModels } from './model.ts'
import { callNumber, networkOf, shapesThrough } from './network.ts'
import { networkConfig } from './network-config.ts'

/** Makes `new Model({ inputs, outputs })` work; returns the value. */
export function withGraphs<T>(value: T): T {
  addToModels({ graphs: { callNumber, networkConfig, networkOf, shapesThrough } })
  return value
}
