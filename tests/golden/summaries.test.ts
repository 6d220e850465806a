// The tables that `summary` prints, character by character as Keras prints them.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Dense, type Layer, layers, Sequential, type SummaryOptions } from 'unshared'
import type { Config } from '../../lib/core/registry.ts'
import { fromKeras } from '../../lib/keras/config.ts'

interface Case {
  readonly name: string
  readonly model: { config: { layers: { class_name: string }[] } }
  /** Keras' arguments of `summary`. */
  readonly arguments?: object
  readonly summary: string
  readonly count_params?: number
  readonly layers?: { name: string; class_name: string; output_shape: number[]; count_params: number }[]
}

const { cases }: { cases: Case[] } = JSON.parse(readFileSync('tests/golden/fixtures/summaries.json', 'utf8'))

const missing = ({ model }: Case) =>
  model.config.layers.map(({ class_name }) => class_name).filter(name => name !== 'InputLayer' && !layers.has(name))
const possible = cases.filter(c => missing(c).length === 0)

const modelOf = (c: Case) => Sequential.fromConfig(fromKeras(c.model.config) as Config, { seed: 1 })

function printed(model: Sequential, options: SummaryOptions = {}): string {
  const lines: string[] = []
  model.summary({ ...options, print: line => lines.push(line) })
  return lines.join('\n')
}

test.each(possible)('$name: the table, and the number of weights', c => {
  const model = modelOf(c)
  expect(printed(model, fromKeras(c.arguments ?? {}) as SummaryOptions)).toBe(c.summary)
  if (c.count_params !== undefined) expect(model.countParams()).toBe(c.count_params)
  const found = model.layers.map(layer => ({
    name: layer.name,
    class_name: layer.className,
    output_shape: [null, ...(layer as Layer).outputShape],
    count_params: layer.countParams(),
  }))
  if (c.layers) expect(found).toEqual(c.layers)
})

for (const c of cases.filter(c => !possible.includes(c)))
  test.skip(`${c.name}: waits for ${missing(c).join(', ')}`, () => {})

test('most of the cases are compared', () => {
  expect(possible.length).toBeGreaterThanOrEqual(8)
})

describe('options of summary', () => {
  const model = new Sequential([new Dense({ units: 1, inputShape: [2] })])

  test.each<[object, RegExp]>([
    [{ lineLength: 0 }, /^lineLength: expected a positive integer, received 0$/],
    [{ lineLength: 6 }, /^lineLength: expected room for every column: they end at 2, 5, 6, received 6$/],
    [{ positions: [0.5, 1] }, /^positions: expected the ends of three columns, ascending, received \[0\.5, 1\]$/],
    [{ positions: [0.5, 0.4, 1] }, /^positions: expected the ends of three columns, ascending, received /],
    [{ positions: [10, '20', 30] }, /^positions: expected the ends of three columns, ascending, received /],
    [{ expandNested: 1 }, /^expandNested: expected true or false, received 1$/],
    [{ layerRange: [] }, /^summary, option: expected one of lineLength, .*, received "layerRange"$/],
  ])('%j are refused', (options, message) => {
    expect(() => printed(model, options)).toThrow(message)
  })

  test('positions may be given in characters', () => {
    const columns = printed(model, { positions: [20, 40, 50] }).split('\n')[4]
    expect(columns).toBe(` dense (Dense)      ${'(None, 1)'.padEnd(20)}${'3'.padEnd(10)}`)
  })
})
