// What each picture in docs/images shows. `npm run pictures` records a hash of it, and a test compares: when the subject has
// changed, the picture has to be taken anew.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { closureOf } from './sources.ts'

export const folder = 'docs/images'
export const record = 'tests/project/pictures.json'

/** By picture: the hash of what it shows, and of its own bytes. */
export type Recorded = Readonly<Record<string, { readonly subject: string; readonly picture: string }>>

export const hashOf = (...contents: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256')
  for (const content of contents) hash.update(content).update('\0')
  return hash.digest('hex')
}

export const hashOfPicture = (name: string): string => hashOf(readFileSync(join(folder, name)))
export const recorded = (): Recorded => JSON.parse(readFileSync(record, 'utf8'))

/** Names and contents of files; those that are only for other languages are left out. */
const hashOfFiles = (paths: readonly string[]) =>
  hashOf(...[...paths].sort().flatMap(path => [path.replaceAll('\\', '/'), readFileSync(path)]))

/** What a program of the examples consists of, without the library, whose numbers other tests hold. */
const sourcesOf = (program: string) => closureOf(program).filter(path => path.startsWith('examples/'))

const playground = 'examples/playground'
const playgroundSources = () =>
  readdirSync(playground, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|css)$/.test(name) && !/zh/.test(name)) // the pictures are English
    .map(name => join(playground, name))

/** The report of the digits without the time of the run and the way to the playground: all else is always the same. */
export const hashOfReport = (html: string): string =>
  hashOf(html.replace(/<dt>Time<\/dt><dd>[^<]*<\/dd>/, '').replace(/href="[^"]*playground\.html"/, ''))

/** The subject of each picture that a browser takes. @param report the HTML of the report of the digits */
export const subjects: Readonly<Record<string, (report: string) => string>> = {
  'report.png': hashOfReport,
  'gan.png': () => hashOfFiles(sourcesOf('examples/gan/main.ts')),
  'playground-race.png': () => hashOfFiles(playgroundSources()),
  'playground-mosaic.png': () => hashOfFiles(playgroundSources()),
  'playground-place.png': () => hashOfFiles(playgroundSources()),
}

/** Drawings that tests make anew and compare, and where. */
export const drawn: readonly (readonly [pattern: RegExp, test: string])[] = [
  [/^benchmark-.*\.svg$/, 'tests/benchmarks/results.test.ts'],
  [/^papers-.*\.svg$/, 'tests/examples/papers.test.ts'],
  [/^graph\.svg$/, 'tests/plot/plot-model.test.ts'],
]
