#!/usr/bin/env node
// The program `unshared`. It ends with 0, with 1 if something is wrong with a file, and with 2 if it was called wrongly.

import '../../research/index.ts' // its layers may be in files
import { readFileSync } from 'node:fs'
import { cases } from './cases.ts'
import { check } from './check.ts'
import { argumentsOf, type Command, Failure, helpOf, UsageError } from './command.ts'
import { convert } from './convert.ts'
import { info } from './info.ts'
import { predict } from './predict.ts'
import { endWithReader, print } from './streams.ts'

const commands: Readonly<Record<string, Command>> = { info, convert, predict, check, cases }

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))

function overview(): string {
  const rows = Object.entries(commands).map(([name, { usage, summary }]) => [`  ${name} ${usage}`, summary])
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return [
    `unshared ${version}: models with locally connected layers, and other models of Keras 2`,
    '',
    'npx unshared COMMAND …',
    ...rows.map(([left, right]) => left.padEnd(width) + right),
    '',
    'npx unshared COMMAND --help explains a command.',
    'Exit status: 0; 1 if something is wrong with a file; 2 if the program was called wrongly.',
  ].join('\n')
}

async function run([name, ...given]: readonly string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') return print(overview())
  if (name === '--version') return print(version)
  if (!Object.hasOwn(commands, name))
    throw new UsageError(`expected one of ${Object.keys(commands).join(', ')}, received ${name}`)
  const command = commands[name]
  const parsed = argumentsOf(command, given)
  if (parsed.values.help === true) return print(helpOf(name, command))
  await command.run(parsed)
}

/** What to do about a missing package where there is no project to install it in. */
function withoutProject(message: string): string {
  const [, name] = /need the package (\S+): npm install/.exec(message) ?? []
  return name === undefined ? '' : `; without a project: npx -p unshared -p ${name} unshared …`
}

const [, , ...given] = process.argv
endWithReader()
try {
  await run(given)
} catch (error) {
  const { message } = error as Error
  const line = message.replace(/\s*\n\s*/g, ' ') + withoutProject(message)
  const name = Object.hasOwn(commands, given[0] ?? '') ? ` ${given[0]}` : ''
  const hint = error instanceof UsageError ? `. See: unshared${name} --help` : ''
  process.stderr.write(`unshared${name}: ${line}${hint}\n`)
  process.exitCode = error instanceof UsageError ? 2 : 1
  if (!(error instanceof Failure) && process.env.UNSHARED_DEBUG) process.stderr.write(`${(error as Error).stack}\n`)
}
