// `#model-files` for browsers: no paths, and files are read in the calling thread.

import { ArgumentError } from '../core/errors.ts'

export { openAnywhere as openModelFile } from './sources.ts'

/** @throws ArgumentError: a page has no files to write */
export async function writeModelFile(
  path: string,
  _bytes: Uint8Array,
  _beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  throw new ArgumentError(
    'target',
    path,
    'no path in a browser',
    "saveModel(model, { format: 'keras' }) gives the bytes",
  )
}
