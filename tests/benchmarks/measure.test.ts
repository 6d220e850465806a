// Contenders start, are compared, and take turns; whatever goes wrong with one ends its part alone.

import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { oddCases } from './cases.ts'
import { Contender } from './contender.ts'
import { measureCase } from './measure.ts'
import { fake, smallCase } from './support.ts'

const quiet = { rounds: 2, turn: 0, patience: 60_000, log: () => {} }

describe('a case', () => {
  test('has an entry for everyone, in order, with what they told', async () => {
    const entrants = [fake('unshared/1', { ms: 2 }), fake('jax', { ms: 4, results: [1, 2, 3.0001] })]
    const { case: given, entries } = await measureCase(smallCase, entrants, quiet)
    expect(given).toBe(smallCase)
    expect(entries).toEqual([
      {
        id: 'unshared/1',
        isOurs: true,
        version: 'fake unshared/1',
        importMs: 12,
        difference: 0,
        times: { forward: { median: 2, min: 2, count: 2 }, first: { median: 5, min: 5, count: 1 } },
        memory: { before: { resident: 1e8, peak: 2e8 }, after: { resident: 1.5e8, peak: 3e8 } },
        note: 'a note',
      },
      expect.objectContaining({ id: 'jax', isOurs: false, difference: expect.closeTo(1e-4 / 3, 7) }),
    ])
  })

  test('is measured in turns: one of each contender, round by round', async () => {
    const diary = join(mkdtempSync(join(tmpdir(), 'turns-')), 'diary')
    const script = { diary, quantities: ['forward', 'step'] }
    await measureCase(smallCase, [fake('a', script), fake('b', script)], { ...quiet, rounds: 3 })
    const runs = readFileSync(diary, 'utf8')
      .split('\n')
      .filter(line => line.includes(' run '))
    const turns = ['a', 'b', 'a', 'b', 'a', 'b']
    // a run that takes a second is its own warm-up
    const expected = (what: string) => ['a', 'b', ...turns].map(id => `${id} run ${what}`)
    expect(runs).toEqual([...expected('forward'), ...expected('step')])
  })

  test('of fit tells the time of an epoch', async () => {
    const fit = oddCases.find(({ kind }) => kind === 'fit')
    if (fit?.kind !== 'fit') throw new Error('no case of fit')
    const entrant = fake('a', { quantities: ['fit'], ms: 1200 })
    const { entries } = await measureCase({ ...fit, epochs: 3 }, [entrant], quiet)
    expect(entries[0].times.fit?.median).toBe(400)
  })

  test('of no rounds is compared and not timed', async () => {
    const { entries } = await measureCase(smallCase, [fake('a')], { ...quiet, rounds: 0 })
    expect(Object.keys(entries[0].times)).toEqual(['first'])
  })
})

describe('out of the case is', () => {
  const others = (entrant: ReturnType<typeof fake>) => [fake('a'), entrant, fake('b')]
  const problems = async (entrant: ReturnType<typeof fake>) => {
    const { entries } = await measureCase(smallCase, others(entrant), quiet)
    expect(entries[0].times.forward).toBeDefined()
    expect(entries[2].times.forward).toBeDefined()
    const { times, excuse, error } = entries[1]
    return { times, excuse, error }
  }

  test('who computes something else', async () => {
    const { times, error } = await problems(fake('wrong', { results: [1, 2, 3.01] }))
    expect(times).toEqual({})
    expect(error).toMatch(/^computes something else: its results are off by 3\.3e-3/)
  })

  test('who gives another number of results', async () => {
    expect((await problems(fake('short', { results: [1, 2] }))).error).toMatch(/y has 2 numbers, and others' 3/)
  })

  test.each(['prepare', 'results', 'run', 'memory'])('who dies when told to %s', async diesAt => {
    const { times, error } = await problems(fake('mortal', { diesAt }))
    expect(times).toEqual({})
    expect(error).toMatch(/the process ended \(exit code 3\): out of memory, say/)
  })

  test('who has an excuse', async () => {
    const excused = fake('excused', {}, () => 'too big')
    expect(await problems(excused)).toEqual({ times: {}, excuse: 'too big', error: undefined })
  })

  test('who is not ready in time', async () => {
    const idle = { ...fake('slow'), command: { file: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'] } }
    const { entries } = await measureCase(smallCase, [idle], { ...quiet, patience: 100 })
    expect(entries[0]).toMatchObject({ times: {}, excuse: 'not ready within 0.1 s' })
  })

  test('who can not be started', async () => {
    const absent = { ...fake('absent'), command: { file: '/no/such/program', args: [] } }
    expect((await problems(absent)).error).toMatch(/ENOENT/)
  })
})

describe('a contender', () => {
  test('that answers with an error says it', async () => {
    const contender = new Contender(fake('a').command, 60_000)
    await contender.next()
    await expect(contender.ask({ do: 'nothing' })).rejects.toThrow('what is nothing?')
    await contender.stop()
  })

  test('that does not answer is ended', async () => {
    const contender = new Contender({ file: process.execPath, args: ['-e', 'setInterval(() => {}, 1e6)'] }, 100)
    await expect(contender.next()).rejects.toThrow(/no answer within 0.1 s/)
    await contender.stop()
  })
})
