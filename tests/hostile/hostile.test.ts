// Some corrupt files of every format; `npm run test:hostile` tries 5,000 of each, in a process that may die.

import { describe, expect, test } from '@jest/globals'
import { ArgumentError } from 'unshared'
import { type Format, makeFormats, streamOf } from './formats.ts'
import { mutateBytes, mutateJson } from './mutations.ts'
import { limits, trial } from './trial.ts'

const formats = await makeFormats()
const anyTime = { ...limits, milliseconds: Infinity } // how long it takes, the command tells

test.each(Object.entries(formats))(
  '%s: a corrupt file ends in a named error, or in a model that runs',
  async (name, format) => {
    const count = name === 'model.json' ? 300 : 40 // the others start a worker each time
    for (let number = 0; number < count; number++) {
      const outcome = await trial(name, format, number, anyTime)
      if (outcome.end === 'other') throw new Error(JSON.stringify(outcome))
    }
  },
  120_000,
)

describe('what is not so would be seen: negative controls', () => {
  const failing = (load: () => Promise<void>): Format => ({
    mutant: () => ({ what: 'nothing', bytes: new Uint8Array(1) }),
    load,
  })

  test.each<[string, Format, string]>([
    ['an error without a name', failing(() => Promise.reject(new TypeError('x is undefined'))), 'other'],
    ['a named error', failing(() => Promise.reject(new ArgumentError('source', 1, '2'))), 'named error'],
    ['a load', failing(() => Promise.resolve()), 'load'],
  ])('%s', async (_what, format, end) => {
    expect(await trial('control', format, 0)).toMatchObject({ end })
  })

  test('a load that takes long', async () => {
    const limits = { milliseconds: -1, megabytes: 256 } // so that every load does
    expect(
      await trial(
        'control',
        failing(() => Promise.resolve()),
        0,
        limits,
      ),
    ).toMatchObject({ end: 'other' })
  })

  test('a load that takes much memory, where the system tells', async () => {
    const wasteful = failing(async () => {
      new Uint8Array(400e6).fill(1)
    })
    const { end, megabytes } = await trial('control', wasteful, 0)
    if (megabytes !== null) expect(end).toBe('other')
  })
})

test('a mutation is the same whenever it is asked for, and differs from what it was made of', () => {
  const bytes = new TextEncoder().encode('{"units": 12, "shape": [1, 2, 3]}'.repeat(20))
  const changed = Array.from({ length: 200 }, (_, i) => mutateBytes(bytes, streamOf('test', i)))
  expect(Array.from({ length: 200 }, (_, i) => mutateBytes(bytes, streamOf('test', i)))).toEqual(changed)
  const same = changed.filter(mutant => Buffer.compare(mutant.bytes, bytes) === 0)
  expect(same.length).toBeLessThan(20) // equal parts may be swapped
})

test('names of Object.prototype come through as names', () => {
  const texts = Array.from({ length: 300 }, (_, i) => mutateJson('{"a": {"b": 1}}', streamOf('names', i)).bytes)
  expect(texts.some(text => text.includes('"__proto__":'))).toBe(true)
})
