import { describe, expect, test } from '@jest/globals'
import { Comparer, tolerances } from './compare.ts'
import { families } from './families.ts'
import { type FamilyResult, replay } from './replay.ts'

const folder = 'tests/golden/fixtures'
const results = await Promise.all(Object.keys(families).map(family => replay(folder, family)))

test.each(results.map(r => [(r as FamilyResult).family, r as FamilyResult] as const))(
  '%s: no case failed',
  (_, result) => {
    expect(result.failed).toEqual([])
  },
)

test('locally connected layers and activations are supported whole', () => {
  for (const { family, cases, unsupported } of results as FamilyResult[])
    if (['locally_connected_2d', 'activations'].includes(family)) {
      expect(unsupported).toEqual([])
      expect(cases).toBeGreaterThan(0)
    }
})

describe('the comparison can fail: negative controls', () => {
  const number = (ours: number, golden: number | 'NaN') => () =>
    new Comparer().number('x', ours, golden, tolerances.layer)

  test('a number beyond its tolerance', () => {
    expect(number(1 + 1.9e-5, 1)).not.toThrow()
    expect(number(1 + 2.1e-5, 1)).toThrow('x: 1.000021, expected 1')
  })

  test('NaN on either side alone', () => {
    expect(number(Number.NaN, 'NaN')).not.toThrow()
    expect(number(Number.NaN, 1)).toThrow()
    expect(number(1, 'NaN')).toThrow()
  })

  test('a case whose numbers were changed', async () => {
    const broken = {
      cases: [
        {
          name: 'l2',
          regularizer: { class_name: 'L2', config: { l2: 0.5 } },
          w: { shape: [1], data: [2] },
          loss: 3,
          dw: { shape: [1], data: [2] },
        },
      ],
    }
    await expect(async () => families.regularizers(broken, folder)[0].run(new Comparer())).rejects.toThrow(
      'loss: 2, expected 3',
    )
  })
})
