// Who takes part, and who sits out which case.

import { describe, expect, test } from '@jest/globals'
import { cases } from './cases.ts'
import { field } from './field.ts'

const options = { root: '.', engine: undefined, threads: 2, peers: true }
const ours = ['unshared/1', 'unshared/2', 'unshared/3']
const node = [...ours, 'tfjs-wasm', 'tfjs-cpu']
const python = ['tf-keras/1', 'tf-keras/2', 'tf-keras/3', 'jax', 'torch']
const ids = (entrants: ReturnType<typeof field>) => entrants.map(({ id }) => id)

test('everyone takes part; without Python, those of Node', () => {
  expect(ids(field(options))).toEqual([...node, ...python])
  expect(ids(field({ ...options, peers: false }))).toEqual(node)
})

test.each([
  ['first-32', []],
  ['second-32', ['unshared/2', 'tf-keras/2']],
  ['deepface-l4', ['unshared/2', 'tf-keras/2', 'tf-keras/3']],
  ['fit-digits', ['tfjs-wasm', 'tfjs-cpu']],
  ['fit-branches', ['tfjs-wasm', 'tfjs-cpu', 'jax', 'torch']],
  ['deepface', ['unshared/2', 'tfjs-wasm', 'tfjs-cpu', 'tf-keras/2', 'tf-keras/3', 'jax', 'torch']],
])('%s is sat out by %j', (id, absent) => {
  const given = cases.find(one => one.id === id)
  if (!given) throw new Error(`no case ${id}`)
  expect(ids(field(options).filter(entrant => entrant.excuse(given) !== null))).toEqual(absent)
})

describe('the command of ours', () => {
  const settingsOf = (entrants: ReturnType<typeof field>) =>
    entrants.slice(0, 3).map(({ command: { args } }) => JSON.parse(args.find(arg => arg.startsWith('{')) ?? ''))

  test('names implementation and threads, and leaves the engine to the library', () => {
    const all = [1, 2, 3].map(implementation => ({ implementation, threads: 2 }))
    expect(settingsOf(field(options))).toEqual(all)
  })

  test('names the engine that is asked for', () => {
    const [first] = settingsOf(field({ ...options, engine: 'reference', threads: 1 }))
    expect(first).toEqual({ implementation: 1, threads: 1, engine: 'reference' })
  })
})
