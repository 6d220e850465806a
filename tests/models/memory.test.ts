// Memory that models share comes back: what a program takes in many rounds, in MB.

import { expect, test } from '@jest/globals'
import { runProgram } from '../support/program.ts'

test.each([1, 2])('memory of models that were dropped comes back, %d threads', threads => {
  const { stdout, stderr } = runProgram('tests/simd/programs/joined.ts', {
    env: { UNSHARED_THREADS: String(threads) },
    timeout: 50_000,
  })
  expect(stderr).toBe('')
  expect(Number(stdout)).toBeLessThan(240) // 60 models of 12 MB each shared a layer with one that stays
})

test.each(['reference', 'simd'])('memory that nobody uses comes back while its owners stay, engine %s', engine => {
  const { stdout, stderr } = runProgram('tests/simd/programs/returned.ts', { args: [engine], timeout: 50_000 })
  expect(stderr).toBe('')
  for (const grown of stdout.split(' ')) expect(Number(grown)).toBeLessThan(90) // nine rounds of 20 MB or more
})
