// Chooses the reader for a file by its content.

import { ArgumentError } from '../core/errors.ts'
import { openArchive } from '../files/archive.ts'
import { type ByteSource, decodeUtf8 } from '../files/bytes.ts'
import { isObject } from './dialect.ts'
import { asConfigured, Datasets, describeHdf5, parseObject, v3Layout } from './h5-layout.ts'
import { openHdf5 } from './hdf5.ts'
import type { JsonObject, ModelReader } from './model-file.ts'
import { readSafetensors } from './safetensors.ts'

const expected = 'a .h5, .keras, .weights.h5 or .safetensors file, or the model.json of TensorFlow.js'

/**
 * Opens a file of any self-contained kind: not the `model.json` of TensorFlow.js, which needs its shards.
 * @throws ArgumentError for any other file, and for a truncated one
 */
export async function readModelFile(source: ByteSource): Promise<ModelReader> {
  const start = source.read(0, Math.min(16, source.size))
  if (isZip(start)) return readKeras(source)
  if (hdf5Start(source) !== null) return readHdf5(source)
  if (start[8] === 0x7b && start.slice(4, 8).every(byte => byte === 0)) return readSafetensors(source)
  if (start.length === 0) throw new ArgumentError('source', 'an empty file', expected)
  throw new ArgumentError('source', `a file that begins with ${beginning(start)}`, expected)
}

const isZip = ([p, k, three, four]: Uint8Array) => p === 0x50 && k === 0x4b && three < 8 && four < 8

/** The first bytes of a file: as text, such as `<!DOCTYPE html>` or `version https://`, if possible; else in hex. */
function beginning(bytes: Uint8Array): string {
  if (bytes.every(byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x0a || byte === 0x0d))
    return decodeUtf8(bytes).replace(/\s+/g, ' ')
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ')
}

/** The offset of HDF5's signature, which is 0, 512, 1024, 2048 …; `null` if there is none. */
function hdf5Start(source: ByteSource): number | null {
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
  for (let at = 0; at + 8 <= source.size; at = at === 0 ? 512 : 2 * at) {
    const bytes = source.read(at, at + 8)
    if (signature.every((byte, i) => bytes[i] === byte)) return at
  }
  return null
}

async function readHdf5(source: ByteSource): Promise<ModelReader> {
  const file = await openHdf5(source)
  try {
    const datasets = new Datasets(file)
    return { description: describeHdf5(datasets), read: id => file.read(datasets.all[id]), close: () => file.close() }
  } catch (error) {
    file.close()
    throw error
  }
}

async function readKeras(source: ByteSource): Promise<ModelReader> {
  const archive = openArchive(source)
  if (!archive.names.includes('config.json') && archive.names.includes('saved_model.pb'))
    throw new ArgumentError('source', 'a SavedModel', expected, 'Save it from Keras as .h5 or .keras')
  const text = async (name: string): Promise<JsonObject> => {
    const part = await archive.part(name)
    try {
      return parseObject(name, decodeUtf8(part.read(0, part.size)))
    } catch (error) {
      if (error instanceof ArgumentError) throw error
      throw new ArgumentError('source', `${name}, not text`, 'a .keras file')
    }
  }
  const config = await text('config.json')
  const { keras_version: version } = archive.names.includes('metadata.json') ? await text('metadata.json') : {}
  const file = await openHdf5(await archive.part('model.weights.h5'))
  try {
    const datasets = new Datasets(file)
    const { compile_config: training = null } = config
    // Keras 3 writes {} for a model that was not compiled.
    const isCompiled = isObject(training) && Object.keys(training).length > 0
    const layout = v3Layout(datasets)
    return {
      description: {
        kind: 'keras',
        version: typeof version === 'string' ? version : null,
        backend: null, // all backends of .keras files correlate
        config,
        training: isCompiled ? training : null,
        ...layout,
        layers: asConfigured(layout.layers, config),
        named: 'layer',
      },
      read: id => file.read(datasets.all[id]),
      close: () => file.close(),
    }
  } catch (error) {
    file.close()
    throw error
  }
}
