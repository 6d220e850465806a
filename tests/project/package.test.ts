// What package.json promises is there.

import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const { exports, imports, version } = read('package.json')
const lock = read('package-lock.json')

/** `[condition, path]` of every file that a field of package.json leads to. */
function targets(field: Record<string, unknown>): [string, string][] {
  return Object.entries(field).flatMap(([condition, target]) =>
    typeof target === 'string' ? [[condition, target] as [string, string]] : targets(target as typeof field),
  )
}

test('package-lock.json names no host but the public registry', () => {
  const packages: { resolved?: string }[] = Object.values(lock.packages)
  const elsewhere = packages.filter(({ resolved = 'https://registry.npmjs.org/' }) => {
    return !resolved.startsWith('https://registry.npmjs.org/')
  })
  expect(packages.length).toBeGreaterThan(100)
  expect(elsewhere).toEqual([])
})

test('the version is the same everywhere', () => {
  const newest = /^## (\d\S*)/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1]
  const cited = /^version: (.*)$/m.exec(readFileSync('CITATION.cff', 'utf8'))?.[1]
  const all = { changelog: newest, lock: lock.version, lockOfPackage: lock.packages[''].version, cited }
  expect(all).toEqual({ changelog: version, lock: version, lockOfPackage: version, cited: version })
})

/** One file with the main entry, for pages without a bundler. */
const oneFile = './dist/unshared.min.js'

test.each([...targets(exports), ...targets(imports)])('%s: %s is there, or its source is', (_condition, target) => {
  const made = target === oneFile ? './dist/index.js' : target
  const source = made.replace(/^\.\/dist\//, './lib/').replace(/(\.d\.ts|\.js)$/, '.ts')
  expect(source).toMatch(/^\.\/(lib\/.*\.ts|package\.json)$/)
  expect(existsSync(source)).toBe(true)
})

test.each(Object.entries(exports).filter(([, target]) => typeof target === 'object'))(
  '%s: the types stand first, and belong to the code',
  (_entry, target) => {
    const { types, default: code } = target as Record<string, string>
    expect(Object.keys(target as object)[0]).toBe('types')
    const typed = code === oneFile ? './dist/index.js' : code
    expect(types).toBe(typed?.replace(/\.js$/, '.d.ts'))
  },
)
