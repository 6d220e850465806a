// Some calls of the public surface with wrong values; `npm run test:long` makes 20,000, in a process that may die.

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { ArgumentError, setEngineDefaults, Tensor } from 'unshared'
import { surface, type Target } from './surface.ts'
import { isForUsers, trial } from './trial.ts'
import { type Call, calls, nameOf } from './values.ts'

const targets = surface()
const forUsers = targets.filter(isForUsers)

test('the surface is what the entries declare: functions, classes, methods, options', () => {
  const names = new Set(forUsers.map(nameOf))
  const some = [
    'new Dense',
    'Sequential.fit',
    'Tensor.from',
    'resize',
    'losses.register',
    'Sequential.trainable = ',
    'saveModel',
  ]
  for (const name of some) expect(names).toContain(name)
  const dense = forUsers.find(target => nameOf(target) === 'new Dense') as Target
  expect(dense.parameters).toMatchObject([{ name: 'options', type: { kind: 'object' } }])
  expect(JSON.stringify(dense.parameters)).toContain('"kernelConstraint"')
  expect(forUsers.length).toBeGreaterThan(1000)
})

test('a call with a wrong value ends in a named error, or in a result on which both engines agree', async () => {
  const here = forUsers.filter(({ entry }) => !/keras|node/.test(entry)) // no files
  const kept = here.flatMap((target, i) => (i % 3 === 0 ? fc.sample(calls(target), { seed: i, numRuns: 1 }) : []))
  expect(kept.length).toBeGreaterThan(300)
  const ends = { 'named error': 0, result: 0, fault: 0 }
  for (const call of kept) {
    const outcome = await trial(call)
    if (outcome.end === 'fault') throw new Error(`${call.text}: ${outcome.message}`)
    ends[outcome.end]++
  }
  expect(ends['named error']).toBeGreaterThan(100)
  expect(ends.result).toBeGreaterThan(100)
}, 120_000)

test('what is not so would be seen: negative controls', async () => {
  const target: Target = { entry: 'lib/index.ts', name: 'Tensor', member: 'from', how: 'static', parameters: [] }
  const call = (make: () => unknown, of = target): Call => ({ target: of, arguments: [{ text: '', make }], text: '' })
  const { from } = Tensor
  const endOf = async (replaced: () => unknown, given: unknown = 1) => {
    Tensor.from = replaced as never
    try {
      return (await trial(call(() => given))).end
    } finally {
      Tensor.from = from
    }
  }
  const thrown = (error: unknown) => () => {
    throw error
  }
  expect(await endOf(thrown(new ArgumentError('x', 1, '2')))).toBe('named error')
  expect(await endOf(thrown(new ArgumentError('', 1, '2')))).toBe('fault')
  expect(await endOf(thrown(new TypeError('x is undefined')))).toBe('fault')
  expect(await endOf(() => 1)).toBe('result')
  expect(await endOf(() => Number.NaN)).toBe('fault')
  let calls = 0
  expect(await endOf(() => calls++)).toBe('fault') // the engines differ
  const changes = { ...target, member: 'reshape', how: 'method' as const }
  const { reshape } = Tensor.prototype
  Tensor.prototype.reshape = function (this: Tensor) {
    this.data[0]++
    throw new ArgumentError('x', 1, '2')
  }
  expect((await trial(call(() => 1, changes))).end).toBe('fault')
  Tensor.prototype.reshape = reshape
  setEngineDefaults({})
})
