// Loads every file of a folder twice, in a worker and in this thread, and prints one line: what came of each, and the
// files of the folder that are still open (where the system can tell).

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { loadModel } from 'unshared/keras'
import { bytesOf } from '../../../lib/files/bytes.ts'
import { buildModel } from '../../../lib/keras/build-model.ts'
import type { OpenModelFile } from '../../../lib/keras/model-file.ts'
import { openInThread } from '../../../lib/keras/sources.ts'
import { openInWorker } from '../../../lib/node/parse-in-worker.ts'

const [, , folder] = process.argv

async function load(file: Promise<OpenModelFile>): Promise<void> {
  const open = await file
  try {
    await buildModel(open, {})
  } finally {
    await open.close()
  }
}

const ways: Record<string, (path: string) => Promise<unknown>> = {
  path: loadModel,
  bytes: path => loadModel(readFileSync(path)),
  thread: path => load(openInThread(bytesOf(readFileSync(path)))),
  // As where a bundle includes the packages, so that a worker does not find them.
  file: path => load(openInWorker({ path, bytes: null }, 0, undefined, () => null)),
}

function openFiles(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc/self/fd').flatMap(descriptor => {
    try {
      const path = readlinkSync(join('/proc/self/fd', descriptor))
      return path.startsWith(folder) && !path.endsWith('stderr') ? [path] : []
    } catch {
      return [] // that of the listing itself
    }
  })
}

const outcomes: Record<string, string> = {}
for (const name of readdirSync(folder).filter(file => /\.(h5|keras|safetensors)$/.test(file)))
  for (const [way, run] of Object.entries(ways)) {
    const twice: string[] = []
    for (let i = 0; i < 2; i++)
      twice.push(
        await run(join(folder, name)).then(
          () => 'loaded',
          (error: Error) => error.name,
        ),
      )
    outcomes[`${name}, ${way}`] = twice.join(', ')
  }
console.log(JSON.stringify({ outcomes, open: openFiles() }))
