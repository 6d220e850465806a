// Every example runs, and prints what its comments say.

import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'

const examples = readdirSync('examples').filter(name => /^\d\d-.*\.ts$/.test(name))
const run = async (name: string) =>
  (await promisify(execFile)(process.execPath, ['scripts/run-ts.js', `examples/${name}`])).stdout.split('\n')

test('they are numbered from 0', () => {
  const numbers = examples.map((_, i) => String(i).padStart(2, '0'))
  expect(numbers.length).toBeGreaterThan(8)
  expect(examples.map(name => name.slice(0, 2))).toEqual(numbers)
})

describe.each(examples)('%s', name => {
  const lines = readFileSync(`examples/${name}`, 'utf8').trimEnd().split('\n')
  const promised = lines.filter(line => line.startsWith('// prints ')).map(line => line.slice('// prints '.length))

  test('is short and starts with what it shows', () => {
    expect(lines.length).toBeLessThan(name === '00-by-hand.ts' ? 140 : 60)
    expect(lines[0]).toMatch(/^\/\/ \S/)
  })

  test('prints what it promises', async () => {
    expect(promised.length).toBeGreaterThan(0)
    const printed = await run(name)
    let from = 0
    for (const line of promised) {
      const at = printed.indexOf(line, from)
      expect({ line, found: at >= from }).toEqual({ line, found: true })
      from = at + 1
    }
  }, 60_000)
})

test('the layer by hand needs the library only to compare', () => {
  const [byHand] = readFileSync('examples/00-by-hand.ts', 'utf8').split('// ---- And the library')
  expect(byHand).not.toMatch(/unshared/)
})
