import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Goal } from '../cases.ts'
import type { Results } from '../results.ts'
import { page } from './page.ts'

/** Writes the page and its charts, and takes charts of earlier runs away; the paths written. */
export function writePage(root: string, results: Results, goals: readonly Goal[]): string[] {
  const { markdown, charts } = page(results, goals)
  const images = join(root, 'docs/images')
  mkdirSync(images, { recursive: true })
  for (const name of readdirSync(images)) if (/^benchmark-.*\.svg$/.test(name)) rmSync(join(images, name))
  const files = [
    [join(root, 'docs/benchmarks.md'), markdown],
    ...Object.entries(charts).map(([name, svg]) => [join(images, name), svg]),
  ]
  for (const [path, text] of files) writeFileSync(path, text)
  return files.map(([path]) => path)
}
