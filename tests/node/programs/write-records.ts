// Renews the records of a terminal in docs/command-line.md.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildProgram, removeProgram } from '../../support/command-line.ts'
import { recordedPage, withRecords, writeRecordedFiles } from '../../support/terminal-records.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-records-'))
await buildProgram()
await writeRecordedFiles(folder)
writeFileSync(recordedPage, await withRecords(readFileSync(recordedPage, 'utf8'), folder))
rmSync(folder, { recursive: true })
removeProgram()
