// What a file holds, and what of it would not load.

import { ArgumentError, StateError } from '../core/errors.ts'
import type { Model, Outputs } from '../models/model.ts'
import { buildModel } from './build-model.ts'
import { type LoadModelOptions, withFile } from './load.ts'
import type { ModelDescription } from './model-file.ts'
import type { ModelSource } from './sources.ts'
import { type Checked, checkLayers } from './topology.ts'

export interface Inspected {
  readonly description: ModelDescription
  /** The model; `null` if it would not load, and in files with weights alone. */
  readonly model: Model<Outputs> | null
  /** Why it would not load. */
  readonly reason: string | null
  /** Its layers, if it would not load, each with the reason if it is the layer's own. */
  readonly layers: readonly Checked[]
}

/** @throws ArgumentError for what is no model file at all. StateError without a package that reading needs */
export const inspectFile = (source: ModelSource, options: LoadModelOptions = {}): Promise<Inspected> =>
  withFile(source, options, async file => {
    const { description } = file
    const { config, version } = description
    if (config === null) return { description, model: null, reason: null, layers: [] }
    try {
      const model = (await buildModel(file, options)) as Model<Outputs>
      return { description, model, reason: null, layers: [] }
    } catch (error) {
      if (!(error instanceof ArgumentError || error instanceof StateError)) throw error
      return {
        description,
        model: null,
        reason: error.message,
        layers: checkLayers(config, { version, dtype: options.dtype }),
      }
    }
  })
