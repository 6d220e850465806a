import { expect, test } from '@jest/globals'
import { runProgram } from '../support/program.ts'

test('20,000 calls of the public surface with wrong values', () => {
  const { stdout, stderr } = runProgram('tests/fuzz/main.ts', { args: ['20000'], timeout: 3_600_000 })
  const [, count, faults] = /(\d+) calls: .* (\d+) faults/.exec(stdout) ?? []
  expect({ faults, stdout: stdout.slice(-4000), stderr }).toMatchObject({ faults: '0' })
  expect(Number(count)).toBeGreaterThanOrEqual(20_000)
}, 3_600_000)
