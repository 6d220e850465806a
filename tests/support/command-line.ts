// The built program `unshared`, as npm installs it: a package of its own, with only package.json and dist/.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'

const folder = resolve(`out/command-line/${process.pid}`) // tests run side by side
export const program = `${folder}/dist/node/cli/main.js`

export async function buildProgram(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFileSync('package.json', `${folder}/package.json`)
  await promisify(execFile)(process.execPath, ['scripts/bundle-library.js', `${folder}/dist`])
}

export const removeProgram = () => rmSync(folder, { recursive: true, force: true })

export interface Run {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Starts the program. @param cwd the folder in which it runs */
export const startProgram = (cwd: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [program, ...args], { cwd, env: { ...process.env, COLUMNS: '80' } })

/** Runs the program. @param input what it reads from the standard input */
export function runProgram(cwd: string, args: readonly string[], input?: Uint8Array | string): Promise<Run> {
  const child = startProgram(cwd, args)
  const [out, err]: Buffer[][] = [[], []]
  child.stdout?.on('data', part => out.push(part))
  child.stderr?.on('data', part => err.push(part))
  child.stdin?.on('error', () => {}) // a program that ends without reading
  child.stdin?.end(input)
  return new Promise(done =>
    child.once('close', status => done({ status, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() })),
  )
}
