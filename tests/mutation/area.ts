// The tests of an area (main.js names them) in one file, so that what they share is loaded once.
import { expect, test } from '@jest/globals'
import fc from 'fast-check'

interface Area {
  readonly tests: readonly string[]
  /** Whether the tests make models or layers, which have engines. */
  readonly engines?: boolean
  /** Families of the fixtures in tests/golden. */
  readonly golden?: readonly string[]
}

const area: Area = JSON.parse(process.env.UNSHARED_MUTATION_AREA ?? '{ "tests": [] }')
const { tests, engines = false, golden = [] } = area

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true }) // no smaller counterexample is looked for
try {
  if (engines) {
    const { setEngineDefaults } = await import('../../lib/simd/choose-engine.ts')
    setEngineDefaults({ engine: 'reference' }) // what is mutated; the fast engine would hide it
  }
  for (const path of tests) await import(`../../${path}`)
  if (golden.length > 0) {
    const { replay } = await import('../golden/replay.ts')
    test.each(golden)('the fixtures of %s', async family => {
      expect((await replay('tests/golden/fixtures', family))?.failed).toEqual([])
    })
  }
} catch (error) {
  // Stryker would not count a mutant that spoils the loading.
  test('the tests can be loaded', () => expect(error).toBeUndefined())
}
