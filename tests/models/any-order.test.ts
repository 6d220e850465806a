// Any order of public calls gives what each would give by itself: see worlds.ts.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isLong } from '../support/runs.ts'
import { type Deed, World } from '../support/worlds.ts'

const small = fc.nat({ max: 999 })
const part = fc.record({ what: small, whom: small, how: small, meanwhile: fc.constant<Deed[]>([]) })
const deed: fc.Arbitrary<Deed> = fc.record({
  what: small,
  whom: small,
  how: small,
  meanwhile: fc.array(part, { maxLength: 3 }),
})
const engine = fc.constantFrom(
  { engine: 'reference' } as const,
  { engine: 'simd', threads: 1 } as const,
  { engine: 'simd', threads: 2 } as const,
  { engine: 'simd', threads: 3 } as const,
  {},
)
const sequences = isLong ? 5000 : 120

test(`${sequences} sequences of calls`, async () => {
  let calls = 0
  await fc.assert(
    fc.asyncProperty(engine, fc.array(deed, { minLength: 20, maxLength: 32, size: 'max' }), async (asked, deeds) => {
      const world = new World(asked)
      try {
        for (const one of deeds) {
          await world.do(one)
          await world.compare()
          calls++
        }
      } catch (error) {
        throw new Error(`${world.log.join('\n')}\n${error instanceof Error ? error.stack : error}`)
      }
    }),
    { numRuns: sequences, seed: 16, endOnFailure: !isLong },
  )
  expect(calls).toBeGreaterThan(20 * sequences)
}, 7_200_000)
