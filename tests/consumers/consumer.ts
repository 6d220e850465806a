// What a consumer is, and what the cases share: the packed library, installed in a folder.

import { type SpawnOptions, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

export interface Consumer {
  readonly name: string
  /** Whether it needs nothing but the project's own packages. The others are in tests/consumers/package.json. */
  readonly isLight?: boolean
  /** Why it can't run here; `null`: it can. */
  readonly obstacle?: () => string | null
  /** What it found, for the report. @throws Error if something is wrong */
  run(place: Place): Promise<string>
}

/** What the program in programs/program.mjs returns, and what programs/main.mjs adds. */
export interface Result {
  readonly losses: readonly number[]
  readonly engine: string
  readonly threads: number
  readonly loads: boolean
  readonly workers?: number
  readonly warnings?: readonly string[]
}

/** A folder in which the library is installed, with the programs. */
export interface Place {
  readonly folder: string
  /** The losses that every consumer must compute. */
  readonly losses: readonly number[]
  /** Runs a program in the folder; what it prints. @throws Error if it fails */
  run(command: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  write(file: string, content: string): void
}

export const here = resolve('tests/consumers')
/** A package of tests/consumers/package.json. */
export const tool = (path: string) => join(here, 'node_modules', path)
export const missing = (path: string) => () => (existsSync(tool(path)) ? null : 'run `npm ci` in tests/consumers')

const longest = 240_000

/** Runs a command; what it prints. @throws Error with its output, if it fails */
export function output(command: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], timeout: longest })
    let [out, err] = ['', '']
    child.stdout?.on('data', (data: Buffer) => {
      out += data
    })
    child.stderr?.on('data', (data: Buffer) => {
      err += data
    })
    child.on('error', failed)
    child.on('close', code => {
      if (code === 0) done(out)
      else failed(new Error(`${command} ${args.join(' ')}: ended with ${code}\n${out}${err}`))
    })
  })
}

/** Outside the project, whose package.json and tsconfig.json must not matter. */
const base = mkdtempSync(join(tmpdir(), 'unshared-consumers-'))
process.on('exit', () => rmSync(base, { recursive: true, force: true }))

/** Packages that the library depends on, or that its users install beside it. */
const beside = [
  ...['@types/ndarray', 'cli-progress', 'ndarray', 'ndarray-ops', 'seedrandom'],
  ...['@dagrejs/dagre', 'fflate', 'h5wasm', '@types/ndarray-ops', '@types/node'],
]

/**
 * Installs the unpacked library in a new folder.
 * @param files the files of the package
 * @param tools packages of tests/consumers/package.json that it must find
 */
export function install(name: string, files: string, losses: readonly number[], tools: readonly string[] = []): Place {
  const folder = join(base, name.replace(/\W+/g, '-'))
  const link = (from: string, to: string) => {
    if (!existsSync(from)) return
    mkdirSync(dirname(to), { recursive: true })
    symlinkSync(from, to)
  }
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  cpSync(files, join(folder, 'node_modules/unshared'), { recursive: true })
  for (const each of beside) link(resolve('node_modules', each), join(folder, 'node_modules', each))
  for (const each of tools) link(tool(each), join(folder, 'node_modules', each))
  cpSync(join(here, 'programs'), folder, { recursive: true })
  const place: Place = {
    folder,
    losses,
    run: (command, args = [], env = {}) => output(command, args, { cwd: folder, env: { ...process.env, ...env } }),
    write(file, content) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), content)
    },
  }
  place.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  return place
}

/** @throws Error unless the result is as everywhere @param expected what else it must have */
export function check({ losses }: Place, result: Result, expected: Partial<Result> = {}): string {
  const right: Partial<Result> = { losses, engine: 'simd', loads: true, ...expected }
  for (const [key, value] of Object.entries(right)) {
    const found = JSON.stringify(result[key as keyof Result])
    if (found !== JSON.stringify(value)) throw new Error(`${key}: expected ${JSON.stringify(value)}, received ${found}`)
  }
  const { engine, threads, warnings = [] } = result
  return `${engine}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, .h5${warnings.length > 0 ? `; warns ${warnings.join(', ')}` : ''}`
}

/** The last line of what a program prints, as JSON. */
export const resultOf = (printed: string): Result => JSON.parse(printed.trimEnd().split('\n').at(-1) as string)
