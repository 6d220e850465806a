// How models become files, by the ending of the file's name.

import { extname } from 'node:path'
import { ArgumentError } from '../errors.ts'
import { toSafetensors } from '../keras/safetensors.ts'
import type { Sequential } from '../models/sequential.ts'
import { writeFileAtomically } from './atomic-file.ts'

type Writer = (model: Sequential, path: string) => Promise<void>

const weights: Readonly<Record<string, Writer>> = {
  '.safetensors': (model, path) => writeFileAtomically(path, weightsAsSafetensors(model)),
}

const models: Readonly<Record<string, Writer>> = {}

/** @throws ArgumentError for an ending that no writer has */
export function writerFor(path: string, weightsOnly: boolean): Writer {
  const [writers, others] = weightsOnly ? [weights, models] : [models, weights]
  const ending = extname(path).toLowerCase()
  if (Object.hasOwn(writers, ending)) return writers[ending]
  const known = Object.keys(writers).join(', ')
  const turned = `saveWeightsOnly: ${!weightsOnly}`
  const hint = Object.hasOwn(others, ending) ? `Files that end in ${ending} take ${turned}` : ''
  const expected = known ? `a file that ends in ${known}` : `another kind of file: ${turned} and .safetensors`
  throw new ArgumentError('filepath', path, expected, hint)
}

/** All weights, by the names of their layers. */
function weightsAsSafetensors(model: Sequential): Uint8Array {
  const names = model.layers.flatMap(layer => layer.parameters.map(({ name }) => `${layer.name}/${name}`))
  const tensors = Object.fromEntries(model.getWeights().map((tensor, i) => [names[i], tensor]))
  return toSafetensors(tensors, { framework: 'unshared' })
}
