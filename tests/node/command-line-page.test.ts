// docs/command-line.md shows what the program prints. `node scripts/run-ts.js tests/node/programs/write-records.ts` renews
// it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildProgram, removeProgram } from '../support/command-line.ts'
import { recordedPage, withRecords, writeRecordedFiles } from '../support/terminal-records.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-records-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
  removeProgram()
})

beforeAll(async () => {
  await buildProgram()
  await writeRecordedFiles(folder)
}, 60_000)

test('the records are what the program prints', async () => {
  const page = readFileSync(recordedPage, 'utf8')
  expect(page.match(/^\$ npx unshared/gm)?.length).toBeGreaterThan(10)
  expect(await withRecords(page, folder)).toBe(page)
}, 120_000)

test('a record that is wrong would be seen: a negative control', async () => {
  const wrong = '```console\n$ npx unshared --version\n0.0.0\n```\n'
  expect(await withRecords(wrong, folder)).not.toBe(wrong)
})
