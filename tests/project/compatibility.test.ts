// docs/keras-compatibility.md says what is there and what isn't: this compares it with the code and the fixtures.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import {
  Activation,
  activations,
  constraints,
  Dense,
  Dropout,
  Flatten,
  initializers,
  LocalBias,
  LocallyConnected1D,
  LocallyConnected2D,
  layers,
  losses,
  metrics,
  optimizers,
  regularizers,
  Sequential,
  schedules,
} from 'unshared'
import { toSnakeCase } from '../../lib/core/names.ts'
import { toKeras } from '../../lib/keras/config.ts'
import { namesIn, rowsOf } from '../support/page.ts'
import { type Node, nodesOf } from '../support/sources.ts'

const page = readFileSync('docs/keras-compatibility.md', 'utf8')
const fixture = (family: string) => JSON.parse(readFileSync(`tests/golden/fixtures/${family}.json`, 'utf8'))

const rows = (heading: string) => rowsOf(page, heading)
const names = namesIn

// ---- Classes ------------------------------------------------------------------------------------------------------

new Sequential() // models are known as layers once there is one

interface Table {
  readonly names: readonly string[]
  has(name: string): boolean
}
const tables: Record<string, Table> = {
  Layers: layers,
  Activations: activations,
  Initializers: initializers,
  Regularizers: regularizers,
  Constraints: constraints,
  Losses: losses,
  Metrics: metrics,
  Optimizers: optimizers,
  Schedules: schedules,
}

/** Classes that the page says are here, or aren't. */
const classes = (kind: string, here: boolean) =>
  rows(kind)
    .filter(([what]) => ['here', 'ours'].includes(what) === here)
    .flatMap(([, list]) => names(list))

describe.each(Object.entries(tables))('%s', (kind, table) => {
  test('those that the page says are here are those that are', () => {
    expect(classes(kind, true).sort()).toEqual(table.names.filter(name => table.has(name)).sort())
  })

  test('those that the page says are missing are', () => {
    expect(classes(kind, false).filter(name => table.has(name))).toEqual([])
  })
})

/** Every class of Keras that the fixtures of a family use. */
function used(family: string, field: string): string[] {
  const { cases, default_configs = {} } = fixture(family)
  const found = cases.map((c: Record<string, { class_name: string }>) => c[field]?.class_name)
  return [...new Set<string>([...found, ...Object.keys(default_configs)])].filter(Boolean)
}

test.each([
  ['Layers', 'layers', 'layer'],
  ['Initializers', 'initializers', 'initializer'],
  ['Regularizers', 'regularizers', 'regularizer'],
  ['Constraints', 'constraints', 'constraint'],
  ['Losses', 'losses', 'loss'],
  ['Metrics', 'metrics', 'metric'],
  ['Optimizers', 'optimizers', 'optimizer'],
])('%s: the page says of every class in the fixtures whether it is here', (kind, family, field) => {
  const known = [...classes(kind, true), ...classes(kind, false), 'InputLayer']
  expect(used(family, field).filter(name => !known.includes(name))).toEqual([])
})

// ---- Arguments ----------------------------------------------------------------------------------------------------

test.each([
  new LocallyConnected1D({ filters: 1, kernelSize: 1, batchInputShape: [null, 1, 1] }),
  new LocallyConnected2D({ filters: 1, kernelSize: 1, batchInputShape: [null, 1, 1, 1] }),
  new Dense({ units: 1 }),
  new Flatten(),
  new Activation({ activation: 'relu' }),
  new Dropout({ rate: 0.5 }),
  new LocalBias(),
])('$className: the page tells of every argument', layer => {
  const told = rows(layer.className).flatMap(([list]) => names(list))
  const everywhere = ['batch_input_shape'] // told once
  const keys = Object.keys(toKeras(layer.getConfig()) as object)
  expect(keys.filter(key => !told.includes(key) && !everywhere.includes(key))).toEqual([])
})

test.each(['compile', 'fit', 'evaluate', 'predict'] as const)('%s: the page tells of every argument', async what => {
  const model = new Sequential([new Dense({ units: 1, inputShape: [1] })])
  model.compile({ loss: 'mse' })
  const wrong = { wrong: 1 } as never
  const calls = {
    compile: async () => model.compile(wrong),
    fit: () => model.fit([[1]], [1], wrong),
    evaluate: () => model.evaluate([[1]], [1], wrong),
    predict: () => model.predict([[1]], wrong),
  }
  const message = await calls[what]().then(String, String)
  const taken = /expected one of (.*), received "wrong"/.exec(message)?.[1].split(', ') ?? []
  const told = rows(what).flatMap(([list]) => names(list))
  expect(taken.length).toBeGreaterThan(0)
  expect(taken.filter(name => !told.includes(toSnakeCase(name)))).toEqual([])
})

// ---- errors.json --------------------------------------------------------------------------------------------------

/** The table of errors.test.ts as it is written: the fields of each case. */
function replayed(): { name: string; fields: string[] }[] {
  type Syntax = Record<string, Node & { value: string }>
  const declarations = nodesOf('tests/golden/errors.test.ts').filter(
    ({ type, id }) => type === 'VariableDeclarator' && (id as { value: string }).value === 'cases',
  )
  const { elements } = declarations[0].init as { elements: { expression: { properties: Syntax[] } }[] }
  return elements.map(({ expression: { properties } }) => ({
    name: properties.find(({ key }) => key.value === 'name')?.value.value as string,
    fields: properties.map(({ key }) => key.value),
  }))
}

describe('errors.json', () => {
  const golden: string[] = fixture('errors').cases.map((c: { name: string }) => c.name)
  const tests = replayed()
  const left = rows('errors.json, not replayed')
    .slice(1)
    .map(([name, reason]) => ({ name: names(name)[0], reason }))

  test('every case is a test or a line of the page with a reason, and none is both', () => {
    expect([...tests, ...left].map(({ name }) => name).sort()).toEqual([...golden].sort())
    expect(left.filter(({ reason }) => reason.length < 10)).toEqual([])
  })

  test('where the verdict differs from Keras on purpose, the page says so', () => {
    const differing = tests.filter(({ fields }) => fields.includes('differs'))
    const told = (heading: string) => rows(heading).flatMap(([, , name]) => names(name ?? ''))
    const accepted = differing.filter(({ fields }) => fields.includes('accepted')).map(({ name }) => name)
    const refused = differing.filter(({ fields }) => fields.includes('refused')).map(({ name }) => name)
    expect(told('Accepted here').sort()).toEqual(accepted.sort())
    expect(told('Stricter here').sort()).toEqual(refused.sort())
  })
})
