import { expect, test } from '@jest/globals'
import { killTrainings } from '../support/kills.ts'

test('of trainings killed at 20 random moments, each ends with the same bits', async () => {
  const counts = await killTrainings(20, ['epoch', '1', '2', '5'])
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  expect(counts).toMatchObject({ kills: 20, different: 0 })
  expect(counts.same).toBeGreaterThan(4)
  expect(counts.resumedWithinEpochs).toBeGreaterThan(4)
}, 300_000)
