// A file as a byte source.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ArgumentError } from '../core/errors.ts'
import type { ByteSource } from '../files/bytes.ts'

/** A file, read piece by piece. @throws ArgumentError unless the path leads to a readable file */
export function fileSource(path: string): ByteSource & { close(): void } {
  const { file, size } = opened(resolve(path))
  let isOpen = true
  return {
    size,
    read(start, end) {
      const bytes = new Uint8Array(end - start)
      this.readInto(bytes, start)
      return bytes
    },
    readInto(target, start) {
      for (let at = 0; at < target.length; ) {
        const n = readSync(file, target, at, target.length - at, start + at)
        if (n === 0) throw new ArgumentError('source', `${start + at} bytes`, `the ${size} bytes it had when opened`)
        at += n
      }
    },
    close() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}

function opened(path: string): { file: number; size: number } {
  const refuse = (what: string, hint?: string): never => {
    throw new ArgumentError('source', `${what}: ${path}`, 'a readable file', hint)
  }
  try {
    // Opening anything else, such as a pipe, may block forever.
    const stat = statSync(path)
    if (stat.isDirectory()) return refuse('a folder', hintFor(path))
    if (!stat.isFile()) return refuse('not a file')
    return { file: openSync(path, 'r'), size: stat.size }
  } catch (error) {
    if (error instanceof ArgumentError) throw error
    const [reason] = (error as Error).message.split(', ') // ENOENT: no such file or directory
    return refuse(reason)
  }
}

function hintFor(folder: string): string {
  if (existsSync(join(folder, 'saved_model.pb')))
    return 'A SavedModel holds a graph: save it from Keras as .h5 or .keras'
  return existsSync(join(folder, 'model.json')) ? 'Pass the model.json in it' : ''
}
