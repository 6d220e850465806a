// `#model-files`, as Node has it: paths too.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ArgumentError } from '../errors.ts'
import type { ByteSource } from '../keras/bytes.ts'
import type { OpenModelFile } from '../keras/model-file.ts'
import { isObjectWith, type ModelSource, openAnywhere, openBytes, openInThread } from '../keras/sources.ts'
import { writeFileAtomically } from './atomic-file.ts'

/** Opens what a model can be loaded from. @throws ArgumentError for what can't be read */
export async function openModelFile(source: ModelSource): Promise<OpenModelFile> {
  const path = pathOf(source)
  if (path === null) return openAnywhere(source)
  const file = fileSource(path)
  try {
    const isText =
      file.size > 0 && /^\s*\{/.test(Buffer.from(file.read(0, Math.min(file.size, 64))).toString('latin1'))
    if (isText)
      return await openBytes(
        file.read(0, file.size),
        shard => readFile(join(dirname(path), shard)),
        () => {
          throw new Error('unreachable')
        },
      )
    const open = await openInThread(file)
    return {
      ...open,
      async close() {
        await open.close()
        file.close()
      },
    }
  } catch (error) {
    file.close()
    throw error
  }
}

/** The path that a source names; `null` for URLs of the net and for what is no name. */
export function pathOf(source: ModelSource): string | null {
  const name = isObjectWith(source, 'href') ? String(source.href) : source
  if (typeof name !== 'string' || /^(https?|blob|data):/i.test(name)) return null
  return /^file:/i.test(name) ? fileURLToPath(name) : name
}

/** A file, read piece by piece. @throws ArgumentError where there is none */
export function fileSource(path: string): ByteSource & { close(): void } {
  let file: number
  let size: number
  try {
    file = openSync(path, 'r')
    const stat = fstatSync(file)
    if (!stat.isFile()) {
      closeSync(file)
      throw new Error('no file')
    }
    size = stat.size
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new ArgumentError('source', `${path} (${code ?? message})`, 'a file that can be read')
  }
  let isOpen = true
  return {
    size,
    read(start, end) {
      const bytes = new Uint8Array(end - start)
      for (let at = 0; at < bytes.length; ) {
        const n = readSync(file, bytes, at, bytes.length - at, start + at)
        if (n === 0)
          throw new ArgumentError('source', `${start + at} bytes`, `the ${size} bytes it had when opened`)
        at += n
      }
      return bytes
    },
    close() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}

/** Writes a file, and what belongs beside it first, each of them whole or not at all. */
export async function writeModelFile(
  path: string,
  bytes: Uint8Array,
  beside: Readonly<Record<string, Uint8Array>> = {},
): Promise<void> {
  const target = pathOf(path)
  if (target === null) throw new ArgumentError('target', path, 'a path')
  for (const [name, content] of Object.entries(beside))
    await writeFileAtomically(join(dirname(target), name), content)
  await writeFileAtomically(target, bytes)
}
