// Writes files atomically: whatever happens while writing, a file is complete or does not exist.

import { chmod, open, readdir, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { threadId } from 'node:worker_threads'
import { ArgumentError } from '../core/errors.ts'

let written = 0
const unfinished = new Set<string>() // this thread's temporary files

/**
 * Writes a file atomically: readers find either the old content or the new, never a part of it, even after a crash. Writes
 * the content to a temporary file in the same folder, flushes it to disk, and renames it. Also removes temporary files left
 * by killed writers. If `path` is a link, writes the file that it points to. Keeps the file's permissions.
 *
 * @throws Error of Node's file system, with its `code`; the old file is then unchanged
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  pathOf('path', path)
  if (typeof content !== 'string' && !ArrayBuffer.isView(content))
    throw new ArgumentError('content', content, 'text or bytes')
  const target = await targetOf(path)
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

/** The file that a path leads to, through links, even to a file that does not exist yet. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const link = await readlink(path).catch(() => null)
    return link === null ? resolve(path) : targetOf(resolve(await realpath(dirname(path)), link))
  }
}

/** Removes the temporary files of killed writers of this file, but not those of running ones. */
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
    return (error as NodeJS.ErrnoException).code === 'EPERM' // another user's process
  }
}

/** Flushes the new name to disk too, where possible: Windows cannot open folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null)
  if (!handle) return
  await handle.sync().catch(() => {})
  await handle.close()
}

/** @throws ArgumentError unless it is a path */
export function pathOf(name: string, path: unknown): string {
  if (typeof path === 'string' && path !== '' && !path.includes('\0')) return path
  throw new ArgumentError(name, path, 'a non-empty path')
}
