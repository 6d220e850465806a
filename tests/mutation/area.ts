// The tests of an area (main.js names them) in one file, so that what they share is loaded once.
import { expect, test } from '@jest/globals'

interface Area {
  readonly tests: readonly string[]
  /** Families of the fixtures in tests/golden. */
  readonly golden?: readonly string[]
}

const { tests, golden = [] }: Area = JSON.parse(process.env.UNSHARED_MUTATION_AREA ?? '{ "tests": [] }')
try {
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
