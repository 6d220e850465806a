// Chooses the file format of a checkpoint by its extension.

import { ArgumentError } from '../core/errors.ts'
import { saveModel, saveWeights } from '../keras/save.ts'
import type { Model, Outputs } from '../models/model.ts'

type Writer = (model: Model<Outputs>, path: string) => Promise<void>

const kinds = {
  whole: { endings: ['.keras', '.h5', '.hdf5', '.json'], write: saveModel as Writer },
  weights: { endings: ['.weights.h5', '.h5', '.hdf5', '.safetensors'], write: saveWeights as Writer },
}

/** @throws ArgumentError for an unknown extension */
export function writerFor(path: string, weightsOnly: boolean): Writer {
  const [{ endings, write }, others] = weightsOnly ? [kinds.weights, kinds.whole] : [kinds.whole, kinds.weights]
  const hasEnding = (ending: string) => path.toLowerCase().endsWith(ending)
  if (endings.some(hasEnding) && (weightsOnly || !hasEnding('.weights.h5'))) return write
  const hint = others.endings.some(hasEnding) ? `Such a file needs saveWeightsOnly: ${!weightsOnly}` : ''
  throw new ArgumentError('filepath', path, `a file ending in ${endings.join(', ')}`, hint)
}
