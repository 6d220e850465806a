// The documents tell the truth: their code runs and prints what they say, and their links lead somewhere.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { readPage, runPage } from '../support/snippets.ts'

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync('docs')
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`),
]
const read = (page: string) => readFileSync(page, 'utf8')
const withCode = pages.filter(page => readPage(read(page)).code !== '')

/** As GitHub makes the anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

test('there are pages with code', () => {
  expect(withCode).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/layer.md',
      'docs/gradients.md',
      'docs/start.md',
      'docs/data.md',
      'docs/workers.md',
      'docs/callbacks.md',
    ]),
  )
})

test.each(withCode)(
  '%s: its code runs, and prints what it says',
  async name => {
    const page = readPage(read(name))
    expect(page.promised.length).toBeGreaterThan(0)
    expect(await runPage(page, name)).toEqual(page.promised)
  },
  60_000,
)

describe('a wrong number would be seen: a negative control', () => {
  test('in what is promised', async () => {
    const page = readPage('```ts\nconsole.log(1 + 1)\n// prints 3\n```\n')
    expect(await runPage(page, 'negative control')).not.toEqual(page.promised)
  })

  test('in code that fails', async () => {
    const page = readPage("```ts\nimport { Dense } from 'unshared'\nnew Dense({ units: 0 })\n```\n")
    await expect(runPage(page, 'negative control that fails')).rejects.toThrow(/units: expected a positive integer/)
  })
})

test.each(pages)('%s: its links lead to files and headings that exist', name => {
  const links = [...read(name).matchAll(/\]\((?!https?:)([^)]*)\)/g)].map(([, link]) => link)
  const broken = links.filter(link => {
    const [file, anchor] = link.split('#')
    const path = file === '' ? name : join(dirname(name), file)
    if (!existsSync(path)) return true
    if (anchor === undefined) return false
    const headings = [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading))
    return !headings.includes(anchor)
  })
  expect(broken).toEqual([])
})
