// The cases of the check of layers, as files.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ArgumentError } from '../core/errors.ts'
import { locallyConnectedCases } from '../teaching/case-files.ts'

/**
 * Writes the cases of `checkLocallyConnected` into a folder, which is made if need be: an `.npz` and a `.json` for each,
 * for layers in NumPy, PyTorch and other languages. Needs the package fflate.
 * @returns the names of the files
 * @throws ArgumentError unless `folder` is a path; StateError without fflate; errors of Node's file system
 */
export async function writeCases(folder: string): Promise<string[]> {
  if (typeof folder !== 'string' || folder === '') throw new ArgumentError('folder', folder, 'the path of a folder')
  const files = await locallyConnectedCases()
  await mkdir(folder, { recursive: true })
  for (const [name, content] of files) await writeFile(join(folder, name), content)
  return [...files.keys()]
}
