// Makes the fast engine part of a program. Without this module, a bundle does not contain it.

import { registerFastEngine } from './choose-engine.ts'
import { SimdEngine } from './engine.ts'

/** Registers the fast engine; returns the value. */
export function withFastEngine<T>(value: T): T {
  registerFastEngine(threads => SimdEngine.create(threads))
  return value
}
