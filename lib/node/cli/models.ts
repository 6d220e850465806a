// Models as arguments.

import { loadModel } from '../../keras/index.ts'
import type { ModelSource } from '../../keras/sources.ts'
import type { Model, Outputs } from '../../models/model.ts'
import { type Arguments, number, UsageError } from './command.ts'
import { readBytes, standard } from './streams.ts'

/** A model's path, or the bytes of the standard input. */
export const sourceOf = async (path: string): Promise<ModelSource> => (path === standard ? readBytes(standard) : path)

/** The implementation that is asked for. @throws UsageError for another one than 1, 2 and 3 */
export function implementationOf(given: Arguments): 1 | 2 | 3 | undefined {
  const value = number(given, 'implementation', () => true)
  if (value === undefined || value === 1 || value === 2 || value === 3) return value
  throw new UsageError(`--implementation: expected 1, 2 or 3, received ${value}`)
}

/** The options of commands that load a model. */
export const loadOptions = {
  float32: { type: 'boolean', help: 'compute a model of another type, such as mixed_float16, in float32' },
} as const

/** The settings for `loadModel` that the arguments ask for. */
export const settingsOf = ({ values }: Arguments): { readonly dtype?: 'float32' } =>
  values.float32 === true ? { dtype: 'float32' } : {}

/** Loads a model. @param compile whether with its optimizer, loss and metrics */
export const open = async (path: string, given: Arguments, compile = true): Promise<Model<Outputs>> =>
  loadModel<Outputs>(await sourceOf(path), { ...settingsOf(given), compile })

/** The file's name in reports. */
export const shownName = (path: string): string => (path === standard ? 'standard input' : path)
