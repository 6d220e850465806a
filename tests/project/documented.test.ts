// Everything that an entry exports has a comment that says what it is, and a place in the documents: what has none is
// exported by mistake.

import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { importsOf, type Node, nodesOf } from '../support/sources.ts'

type Named = { readonly value: string }

/** Where each exported name of a file is declared. */
function exportsOf(file: string): Map<string, { file: string; name: string }> {
  const found = new Map<string, { file: string; name: string }>()
  const fileOf = (source: unknown) =>
    importsOf(file).find(({ specifier }) => specifier === (source as Named).value)?.file as string
  for (const node of nodesOf(file)) {
    if (node.type === 'ExportAllDeclaration')
      for (const [name, place] of exportsOf(fileOf(node.source))) found.set(name, place)
    if (node.type === 'ExportNamedDeclaration' && node.source)
      for (const { orig, exported } of node.specifiers as { orig: Named; exported: Named | null }[]) {
        const place = exportsOf(fileOf(node.source)).get(orig.value)
        if (place) found.set(exported?.value ?? orig.value, place)
      }
    if (node.type === 'ExportDeclaration')
      for (const name of declared(node.declaration as Node)) found.set(name, { file, name })
  }
  return found
}

/** The names that a declaration makes. */
function declared({ type, identifier, id, declarations }: Node): string[] {
  if (type === 'VariableDeclaration') return (declarations as { id: Named }[]).map(declaration => declaration.id.value)
  return [((identifier ?? id) as Named).value]
}

/** Whether a comment stands right before the declaration. */
function isDocumented({ file, name }: { file: string; name: string }): boolean {
  const text = readFileSync(file, 'utf8')
  const kinds = '(?:abstract class|class|async function|function\\*?|const|interface|type)'
  return new RegExp(`\\*/\\n(?://.*\\n)?export (?:declare )?${kinds} ${name}\\b`).test(text)
}

test.each([
  ['lib/index.ts', 200],
  ['lib/data/index.ts', 10],
  ['lib/keras/index.ts', 10],
  ['lib/node/index.ts', 5],
  ['lib/plot/index.ts', 2],
  ['lib/research/index.ts', 1],
  ['lib/teaching/index.ts', 5],
])('what %s exports is documented', (entry, least) => {
  const places = [...exportsOf(entry).values()]
  expect(places.length).toBeGreaterThanOrEqual(least)
  const bare = places.filter(place => !isDocumented(place)).map(({ file, name }) => `${name} in ${file}`)
  expect(bare).toEqual([])
})

test.each(['index', 'data/index', 'keras/index', 'node/index', 'plot/index', 'research/index', 'teaching/index'])(
  'the documents name every value that lib/%s.ts exports',
  async entry => {
    const pages = [
      ...['README.md', 'CONTRIBUTING.md'],
      ...readdirSync('docs').flatMap(name => (name.endsWith('.md') ? `docs/${name}` : [])),
    ]
    const text = pages.map(page => readFileSync(page, 'utf8')).join('\n')
    const named = new Set(text.match(/[A-Za-z0-9]+/g))
    const values = Object.keys(await import(`../../lib/${entry}.ts`))
    expect(values.length).toBeGreaterThan(0)
    expect(values.filter(name => !named.has(name))).toEqual([])
  },
)
