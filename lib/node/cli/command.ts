// What the commands have in common: their arguments, their help, and how they end.

import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The end of a command that found something wrong. Its message is one line on the standard error output. */
export class Failure extends Error {
  override readonly name: string = 'Failure'
}

/** A command that was called wrongly. */
export class UsageError extends Failure {
  override readonly name = 'UsageError'
}

type Options = NonNullable<ParseArgsConfig['options']>

/** An option, and its line in the help. */
export interface OptionHelp {
  readonly type: 'string' | 'boolean'
  /** What stands for the value: `FILE`. */
  readonly value?: string
  readonly help: string
}

export interface Arguments {
  readonly positionals: readonly string[]
  readonly values: Readonly<Record<string, string | boolean | undefined>>
}

export interface Command {
  /** The arguments after the name: `FILE`. */
  readonly usage: string
  /** What it does, in one line. */
  readonly summary: string
  /** Further lines of the help. */
  readonly details: readonly string[]
  readonly options: Readonly<Record<string, OptionHelp>>
  /** The least and the largest number of arguments. */
  readonly counts: readonly [number, number]
  /** @throws Failure, and what the library throws */
  run(given: Arguments): Promise<void>
}

const help: OptionHelp = { type: 'boolean', help: 'print this help' }

/** The arguments of a command. @throws UsageError for others than it takes */
export function argumentsOf({ options, counts, usage }: Command, given: readonly string[]): Arguments {
  const types = Object.fromEntries(Object.entries({ ...options, help }).map(([name, { type }]) => [name, { type }]))
  const parsed = parsedBy(types, given)
  const { length } = parsed.positionals
  if (parsed.values.help !== true && (length < counts[0] || length > counts[1]))
    throw new UsageError(`expected ${usage}, received ${length === 0 ? 'no arguments' : parsed.positionals.join(' ')}`)
  return parsed
}

function parsedBy(options: Options, given: readonly string[]): Arguments {
  try {
    const { positionals, values } = parseArgs({ args: [...given], options, allowPositionals: true })
    return { positionals, values: values as Arguments['values'] }
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0])
  }
}

/** The help of a command. */
export function helpOf(name: string, { usage, summary, details, options }: Command): string {
  const rows = Object.entries({ ...options, help }).map(([option, { value, help: text }]) => {
    return [`  --${option}${value === undefined ? '' : ` ${value}`}`, text]
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return [
    `unshared ${name} ${usage}`,
    '',
    `${summary[0].toUpperCase()}${summary.slice(1)}.`,
    ...(details.length > 0 ? ['', ...details] : []),
    '',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
  ].join('\n')
}

/** The value of an option that takes text. */
export const text = ({ values }: Arguments, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** The value of an option that takes one of several words. @throws UsageError for another one */
export function choice<T extends string>(given: Arguments, name: string, choices: readonly T[]): T | undefined {
  const value = text(given, name)
  if (value === undefined || choices.includes(value as T)) return value as T | undefined
  throw new UsageError(`--${name}: expected ${choices.join(', ')}, received ${value}`)
}

/** The value of an option that takes a number. @throws UsageError for anything else */
export function number(given: Arguments, name: string, isValid: (n: number) => boolean): number | undefined {
  const value = text(given, name)
  if (value === undefined) return undefined
  const n = Number(value)
  if (value.trim() !== '' && Number.isFinite(n) && isValid(n)) return n
  throw new UsageError(`--${name}: expected a positive number, received ${value}`)
}
