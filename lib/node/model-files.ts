// `#model-files` for Node, which also supports paths.

import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArgumentError } from '../core/errors.ts'
import { bytesOf } from '../files/bytes.ts'
import type { Limits } from '../keras/limits.ts'
import type { OpenModelFile } from '../keras/model-file.ts'
import { hrefOf, type ModelSource, openAnywhere, openBytes, openInThread } from '../keras/sources.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { fileSource } from './file-source.ts'
import { openInWorker } from './parse-in-worker.ts'

/** Opens a model source. @throws ArgumentError if it cannot be read */
export async function openModelFile(source: ModelSource, limits: Limits): Promise<OpenModelFile> {
  const path = pathOf(source)
  if (path === null) return openAnywhere(source, limits, bytes => openInWorker({ path: null, bytes }, bytes.length))
  const { start, size } = startOf(path, limits)
  if (!/^\s*\{/.test(start)) return openInWorker({ path, bytes: null }, size)
  const shard = async (name: string) => {
    try {
      const file = await realpath(join(dirname(path), name))
      const folders = [await realpath(dirname(path)), dirname(await realpath(path))]
      if (folders.some(folder => !relative(folder, file).startsWith('..') && !isAbsolute(relative(folder, file))))
        return wholeFile(file, limits)
    } catch (error) {
      if (error instanceof ArgumentError) throw error
      const [reason] = (error as Error).message.split(', ')
      throw new ArgumentError('source', `${reason}: ${name}`, `the weights file that ${path} names, next to it`)
    }
    throw new ArgumentError('source', `a link out of it: ${name}`, `weights files in the folder of ${path}`)
  }
  return openBytes(wholeFile(path), shard, bytes => openInThread(bytesOf(bytes)))
}

/** @param limits count its bytes, if they aren't counted yet */
function wholeFile(path: string, limits?: Limits): Uint8Array {
  const file = fileSource(path)
  try {
    limits?.take(file.size)
    return file.read(0, file.size)
  } finally {
    file.close()
  }
}

function startOf(path: string, limits: Limits): { start: string; size: number } {
  const file = fileSource(path)
  try {
    limits.take(file.size)
    return { start: Buffer.from(file.read(0, Math.min(64, file.size))).toString('latin1'), size: file.size }
  } finally {
    file.close()
  }
}

/** The path of a local source; `null` for other URLs, and for sources without a name. */
export function pathOf(source: ModelSource, argument = 'source'): string | null {
  const name = hrefOf(source) ?? source
  if (typeof name !== 'string') return null
  if (!/^file:/i.test(name)) return /^([a-z][a-z\d+.-]+:\/\/|blob:|data:)/i.test(name) ? null : name
  try {
    return fileURLToPath(name)
  } catch (error) {
    throw new ArgumentError(argument, name, 'a file: URL on this machine', (error as Error).message)
  }
}

/** Errors that a wrong path can cause, unlike a full disk. */
const wrongPath = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP']

/**
 * Writes a file, after the files that belong next to it, each atomically.
 * @throws ArgumentError for a path that cannot be written to
 */
export async function writeModelFile(
  path: string,
  bytes: Uint8Array,
  beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  const target = pathOf(path, 'target')
  if (target === null) throw new ArgumentError('target', path, 'a path')
  try {
    for (const [name, content] of Object.entries(beside))
      await writeFileAtomically(join(dirname(target), name), content)
    await writeFileAtomically(target, bytes)
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    if (!wrongPath.includes(code)) throw error
    const [reason] = message.split(', ') // ENOENT: no such file or directory
    throw new ArgumentError('target', `${reason}: ${resolve(target)}`, 'a path in a writable folder')
  }
}
