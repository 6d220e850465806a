// Programs of the tests, as processes of their own that can be killed.

import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import { build } from 'esbuild'
import { aliases } from '../../scripts/aliases.js'

/** Makes a program that Node can run, with the library's source; its path. */
export async function bundle(entry: string): Promise<string> {
  const outfile = resolve('out/programs', entry.replace(/\.ts$/, '.mjs'))
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    packages: 'external', // but for these:
    alias: aliases,
  })
  return outfile
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly errors: string
}

/** Starts a program of `bundle`. */
export const start = (program: string, ...args: string[]): ChildProcess =>
  fork(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })

/** How a process ended. */
export async function ended(child: ChildProcess): Promise<Ended> {
  let errors = ''
  child.stderr?.on('data', part => {
    errors += part
  })
  return new Promise(resolve => child.once('close', (code, signal) => resolve({ code, signal, errors })))
}
