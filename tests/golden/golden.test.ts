import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Comparer, tolerances } from './compare.ts'
import { families } from './families.ts'
import { bothEngines, type FamilyResult, replay } from './replay.ts'
import type { Json } from './serialized.ts'

const folder = 'tests/golden/fixtures'
const file = JSON.parse(readFileSync(`${folder}/behaviour.json`, 'utf8')) as Json
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

describe('behaviour', () => {
  test('all is carried out, but for what is refused here and told on the page', () => {
    const { unsupported } = results.find(result => result?.family === 'behaviour') as FamilyResult
    expect(unsupported.map(({ name }) => name)).toEqual(['an empty model built for another shape'])
  })

  test('every parameter that Keras has is given by a case, or not here, as the page says', () => {
    const given = new Map<string, Set<string>>()
    const add = (what: string, names: readonly string[]) =>
      given.set(what, new Set([...(given.get(what) ?? []), ...names]))
    for (const { do: method, args = {}, ...others } of file.cases.flatMap(({ calls }: Json) => calls) as Json[]) {
      add(method, [...Object.keys(args), ...Object.keys(others)])
      for (const { class: kind, config = {} } of [...(args.callbacks ?? []), others.callback ?? {}])
        add(kind, [...Object.keys(config), ...(config.names ?? [])])
    }
    add('LearningRateScheduler', ['schedule']) // a function: `rates` or `factor` stand for it
    const page = readFileSync('docs/keras-compatibility.md', 'utf8').split('\n')
    const graphs = JSON.parse(readFileSync(`${folder}/graphs.json`, 'utf8')).cases as Json[]
    const isInGraphs = (what: string, parameter: string) =>
      what === 'compile' &&
      graphs.some(({ compile }) => compile?.[parameter] !== undefined && compile[parameter] !== null)
    const isNotHere = (parameter: string) =>
      page.some(row => row.includes(`\`${parameter}\``) && /not here|; no `/.test(row))
    for (const [what, parameters] of Object.entries<string[]>(file.signatures)) {
      const isGiven = (parameter: string) => given.get(what)?.has(parameter) || isInGraphs(what, parameter)
      const missing = parameters.filter(parameter => !isGiven(parameter) && !isNotHere(parameter))
      expect([what, missing]).toEqual([what, []])
    }
  })
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

  describe('of what training does', () => {
    const named = (name: string) => structuredClone(file.cases.find((c: { name: string }) => c.name === name))
    const replayed = async (c: unknown) =>
      families.behaviour({ ...file, cases: [c] }, folder, bothEngines)[1].run(new Comparer())

    test.each([
      ['an event', 'events of fit', (call: Json): unknown => call.events.splice(3, 1), /events, names/],
      ['a value in the logs', 'events of fit', (call: Json): unknown => (call.events[3][2].loss += 1e-3), /loss/],
      ['the history', 'events of fit', (call: Json): unknown => call.gives.history.val_mae.pop(), /val_mae, names/],
      [
        'a weight',
        'events of fit',
        (call: Json): unknown => (call.weights.model[0].data[0] += 1e-3),
        /weights of model/,
      ],
      ['a row', 'CSVLogger {}', (call: Json): unknown => (call.files['log.csv'] = 'epoch,loss\r\n'), /log\.csv/],
      [
        'a file',
        'checkpoint named {epoch}.weights.h5',
        (call: Json): unknown => delete call.files['1.weights.h5'],
        /files/,
      ],
      ['a line', 'fit verbose=2', (call: Json): unknown => call.printed.push('done'), /printed/],
      [
        'an error',
        'fit epochs=1',
        (call: Json): unknown => (call.raises = { message: '' }),
        /accepted, but Keras raises/,
      ],
    ] as const)('%s that was changed', async (_what, name, change, message) => {
      const c = named(name)
      await replayed(structuredClone(c))
      change(c.calls.at(-1))
      await expect(replayed(c)).rejects.toThrow(message)
    })
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
    await expect(async () => families.regularizers(broken, folder, bothEngines)[0].run(new Comparer())).rejects.toThrow(
      'loss: 2, expected 3',
    )
  })
})
