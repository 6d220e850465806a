// docs/command-line.md shows what the program prints. `UNSHARED_WRITE_DOCS=1` writes it there anew.

import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildProgram, program } from '../support/command-line.ts'
import { writeDigits } from '../support/digits-files.ts'

const page = 'docs/command-line.md'
const folder = mkdtempSync(join(tmpdir(), 'unshared-command-line-page-'))
afterAll(() => rmSync(folder, { recursive: true }))

beforeAll(async () => {
  await buildProgram()
  await writeDigits(folder)
  copyFileSync('tests/golden/fixtures/graphs/row32_siamese_absolute_difference.h5', join(folder, 'siamese.h5'))
}, 60_000)

/** What a terminal shows for a command: both outputs. */
async function terminal(command: string): Promise<string> {
  const script = `exec 2>&1; ${command.replaceAll('npx unshared', `'${process.execPath}' '${program}'`)}`
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd: folder }).catch(error => error)
  return stdout
}

/** A block of commands, each with what it prints. */
async function record(block: string): Promise<string> {
  const parts: string[] = []
  for (const line of block.split('\n'))
    if (line.startsWith('$ ')) parts.push(`${line}\n${(await terminal(line.slice(2))).replace(/ +$/gm, '')}`)
  return parts.join('')
}

test('the records are what the program prints', async () => {
  const text = readFileSync(page, 'utf8')
  const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)]
  expect(blocks.length).toBeGreaterThan(6)
  let written = text
  for (const [whole, block] of blocks) {
    const found = await record(block)
    if (process.env.UNSHARED_WRITE_DOCS) written = written.replace(whole, () => `\`\`\`console\n${found}\`\`\``)
    else expect(block).toBe(found)
  }
  if (written !== text) writeFileSync(page, written)
}, 120_000)
