// `#model-files` for Node, which also supports paths.

import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArgumentError } from '../core/errors.ts'
import { bytesOf } from '../keras/bytes.ts'
import type { OpenModelFile } from '../keras/model-file.ts'
import { hrefOf, type ModelSource, openAnywhere, openBytes, openInThread } from '../keras/sources.ts'
import { writeFileAtomically } from './atomic-file.ts'
import { fileSource } from './file-source.ts'
import { openInWorker } from './parse-in-worker.ts'

/** Opens a model source. @throws ArgumentError if it cannot be read */
export async function openModelFile(source: ModelSource): Promise<OpenModelFile> {
  const path = pathOf(source)
  if (path === null) return openAnywhere(source, bytes => openInWorker({ path: null, bytes }, bytes.length))
  const { start, size } = startOf(path)
  if (!/^\s*\{/.test(start)) return openInWorker({ path, bytes: null }, size)
  const shard = async (name: string) => {
    try {
      return await readFile(join(dirname(path), name))
    } catch (error) {
      const [reason] = (error as Error).message.split(', ')
      throw new ArgumentError('source', `${reason}: ${name}`, `the weights file that ${path} names, next to it`)
    }
  }
  return openBytes(await readFile(path), shard, bytes => openInThread(bytesOf(bytes)))
}

function startOf(path: string): { start: string; size: number } {
  const file = fileSource(path)
  try {
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
const wrongPath = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG']

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
