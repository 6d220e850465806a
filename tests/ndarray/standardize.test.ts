import { describe, expect, test } from '@jest/globals'
import { Tensor } from 'unshared'
import { standardize } from 'unshared/ndarray'
import { stream } from '../../lib/core/random.ts'
import { randomNumbers } from '../support/geometries.ts'

describe('standardize', () => {
  const data = new Tensor(
    [50, 3],
    randomNumbers(150, stream('data')).map((v, i) => 3 * v + (i % 3)),
  )
  const momentsOf = (values: number[]) => {
    const mean = values.reduce((a, b) => a + b) / values.length
    return [mean, Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length)]
  }

  test('gives mean 0 and standard deviation 1, of all numbers or of each feature', () => {
    const [mean, std] = momentsOf(Array.from(standardize(data).data.data))
    expect(mean).toBeCloseTo(0, 5)
    expect(std).toBeCloseTo(1, 5)
    const byFeature = standardize(data, { by: 'feature' }).data
    for (let f = 0; f < 3; f++) {
      const [m, s] = momentsOf(Array.from(byFeature.data).filter((_, i) => i % 3 === f))
      expect(m).toBeCloseTo(0, 5)
      expect(s).toBeCloseTo(1, 5)
    }
  })

  test('takes the statistics of other data', () => {
    for (const by of ['all', 'feature'] as const) {
      const { mean, std, data: standardized } = standardize(data, { by })
      expect(standardize(data, { mean, std }).data.equals(standardized)).toBe(true)
    }
    expect(() => standardize(data, { mean: Tensor.zeros([2]), std: Tensor.zeros([2]) })).toThrow(
      /^mean: expected one number, or the shape \[3\]/,
    )
  })

  test('makes 0 of what never changes', () => {
    expect(
      standardize(
        Tensor.from([
          [5, 1],
          [5, 2],
        ]),
        { by: 'feature' },
      ).data.toArray(),
    ).toEqual([
      [0, -1],
      [0, 1],
    ])
  })
})
