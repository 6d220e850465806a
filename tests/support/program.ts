import { spawnSync } from 'node:child_process'

interface Options {
  readonly args?: readonly string[]
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds; that it ends by itself is often part of what is tested. */
  readonly timeout: number
}

/** Runs a program of the tests in a process of its own, as a user would. */
export function runProgram(path: string, { args = [], env = {}, timeout }: Options) {
  const options = { encoding: 'utf8', timeout, env: { ...process.env, ...env } } as const
  return spawnSync(process.execPath, ['scripts/run-ts.js', path, ...args], options)
}
