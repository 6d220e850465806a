// Files that are there whole or not at all, whatever happens while they are written.

import { chmod, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { threadId } from 'node:worker_threads'

let written = 0
const unfinished = new Set<string>() // of this thread

/**
 * Writes a file such that every reader, and everybody after a crash, finds the old content or the new, never a part of
 * it. The content goes to a file beside it, reaches the disk, and takes the name; what writers that were killed left
 * behind is removed. Where `path` is a link, the file that it leads to is written; its permissions stay.
 *
 * @throws Error of Node's file system, with its `code`; the old file is untouched then
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const target = await realpath(path).catch(() => resolve(path))
  const folder = dirname(target)
  await removeLeftovers(folder, basename(target))
  const temporary = `${target}.${process.pid}-${threadId}-${written++}.tmp`
  unfinished.add(temporary)
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    const old = await stat(target).catch(() => null)
    if (old) await chmod(temporary, old.mode)
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  } finally {
    unfinished.delete(temporary)
  }
  await syncFolder(folder)
}

/** What killed writers of this file left. A writer that is alive keeps its own. */
async function removeLeftovers(folder: string, name: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    const [, pid, thread] = entry.startsWith(`${name}.`)
      ? (/^(\d+)-(\d+)-\d+\.tmp$/.exec(entry.slice(name.length + 1)) ?? [])
      : []
    if (pid === undefined) continue
    const path = join(folder, entry)
    const isOurs = Number(pid) === process.pid
    const isWritten = isOurs ? unfinished.has(path) || Number(thread) !== threadId : isAlive(Number(pid))
    if (!isWritten) await rm(path, { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // it is another user's
  }
}

/** Makes the new name last too, where the system can: Windows opens no folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  if (!handle) return
  await handle.sync().catch(() => {})
  await handle.close()
}
