// Where packages are installed, for workers: their `import` knows the working directory, not this library.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The file: URL from which a thread can import a package; `null` if it isn't found, as in a bundle that includes it. */
export function locatePackage(name: string): string | null {
  try {
    const url = import.meta.resolve(name)
    if (existsSync(fileURLToPath(url))) return url
  } catch {} // not installed, or a bundler has replaced import.meta
  for (const folder of startingFolders())
    for (let at = folder; ; at = dirname(at)) {
      const url = entryIn(join(at, 'node_modules', name))
      if (url) return url
      if (at === dirname(at)) break
    }
  return null
}

/** The folders of this module, of the main program, and the working directory. */
function startingFolders(): string[] {
  const folders: string[] = []
  try {
    folders.push(dirname(fileURLToPath(import.meta.url)))
  } catch {}
  if (process.argv[1]) folders.push(dirname(process.argv[1]))
  try {
    folders.push(process.cwd())
  } catch {}
  return folders
}

/** The module that an import of the package in this folder gets. */
function entryIn(folder: string): string | null {
  try {
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = importTarget(exports?.['.'])
    return file === null ? null : pathToFileURL(join(folder, file)).href
  } catch {
    return null
  }
}

function importTarget(target: unknown): string | null {
  if (typeof target === 'string') return target
  if (typeof target !== 'object' || target === null) return null
  for (const [condition, inner] of Object.entries(target))
    if (['node', 'import', 'default'].includes(condition)) {
      const found = importTarget(inner)
      if (found) return found
    }
  return null
}
