// The records of a terminal in docs/command-line.md: commands after `$`, each with what it prints.

import { execFile } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { program } from './command-line.ts'
import { writeDigits } from './digits-files.ts'

export const recordedPage = 'docs/command-line.md'

/** The files that the commands read. */
export async function writeRecordedFiles(folder: string): Promise<void> {
  await writeDigits(folder)
  copyFileSync('tests/golden/fixtures/graphs/row32_siamese_absolute_difference.h5', join(folder, 'siamese.h5'))
}

/** What a terminal shows for a command: both outputs. */
async function printed(command: string, cwd: string): Promise<string> {
  const script = `exec 2>&1; ${command.replaceAll('npx unshared', `'${process.execPath}' '${program}'`)}`
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd }).catch(error => error)
  return stdout.replace(/ +$/gm, '')
}

/** The page with what its commands print now. */
export async function withRecords(page: string, folder: string): Promise<string> {
  const parts: string[] = []
  for (const part of page.split(/(^```console\n[\s\S]*?^```$)/m)) {
    if (!part.startsWith('```console')) parts.push(part)
    else {
      const commands = part.split('\n').filter(line => line.startsWith('$ '))
      const records: string[] = []
      for (const line of commands) records.push(`${line}\n${await printed(line.slice(2), folder)}`)
      parts.push(`\`\`\`console\n${records.join('')}\`\`\``)
    }
  }
  return parts.join('')
}
