// A file as a source of bytes.

import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { ArgumentError } from '../errors.ts'
import type { ByteSource } from '../keras/bytes.ts'

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
      this.readInto(bytes, start)
      return bytes
    },
    readInto(target, start) {
      for (let at = 0; at < target.length; ) {
        const n = readSync(file, target, at, target.length - at, start + at)
        if (n === 0)
          throw new ArgumentError('source', `${start + at} bytes`, `the ${size} bytes it had when opened`)
        at += n
      }
    },
    close() {
      if (isOpen) closeSync(file)
      isOpen = false
    },
  }
}
