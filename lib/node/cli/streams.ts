// Standard input and output, files, and progress on a terminal.

import { readFile } from 'node:fs/promises'
import { writeFileAtomically } from '../atomic-file.ts'
import { Failure } from './command.ts'

/** Stands for the standard input, or the standard output. */
export const standard = '-'

/** The bytes of a file, or of the standard input. @throws Failure if there is no such file */
export async function readBytes(path: string): Promise<Uint8Array> {
  if (path !== standard) return readFile(path).catch(error => Promise.reject(fileFailure(error, path)))
  const parts: Uint8Array[] = []
  for await (const part of process.stdin) parts.push(part as Uint8Array)
  return Buffer.concat(parts)
}

/** Writes to a file, atomically, or to the standard output. @throws Failure where that is not possible */
export async function write(path: string, content: string | Uint8Array): Promise<void> {
  if (path !== standard)
    return writeFileAtomically(path, content).catch(error => Promise.reject(fileFailure(error, path)))
  await new Promise<void>((resolve, reject) =>
    process.stdout.write(content, error => (error ? reject(error) : resolve())),
  )
}

/** Writes a line to the standard output. */
export const print = (line: string): Promise<void> => write(standard, `${line}\n`)

function fileFailure(error: NodeJS.ErrnoException, path: string): Error {
  const [reason] = error.message.split(', ') // ENOENT: no such file or directory
  return error.code === undefined ? error : new Failure(`${path}: ${reason.replace(/^E\w+: /, '')}`)
}

/** Ends quietly when the reader of a pipe has gone. */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

/** Shows how far some work is, on a terminal. @returns what is called with each step, and what removes the line */
export function progress(what: string): { step(done: number, of: number): void; end(): void } {
  const { stderr } = process
  let shown = 0
  let last = 0
  return {
    step(done, of) {
      if (!stderr.isTTY || Date.now() - last < 100) return
      last = Date.now()
      const line = `${what} ${done} of ${of}`
      stderr.write(`\r${line.padEnd(shown)}`)
      shown = line.length
    },
    end() {
      if (shown > 0) stderr.write(`\r${' '.repeat(shown)}\r`)
    },
  }
}
