import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  CosineDecay,
  CosineDecayRestarts,
  ExponentialDecay,
  InverseTimeDecay,
  type LearningRateSchedule,
  PiecewiseConstantDecay,
  PolynomialDecay,
  schedules,
} from 'unshared'

/** Options of every class, and its formula in float64. */
const formulas: [LearningRateSchedule, (step: number) => number][] = [
  [
    new PiecewiseConstantDecay({ boundaries: [3, 7], values: [0.3, 0.2, 0.1] }),
    t => (t <= 3 ? 0.3 : t <= 7 ? 0.2 : 0.1),
  ],
  [new InverseTimeDecay({ initialLearningRate: 0.4, decaySteps: 5, decayRate: 0.7 }), t => 0.4 / (1 + (0.7 * t) / 5)],
  [
    new InverseTimeDecay({ initialLearningRate: 0.4, decaySteps: 5, decayRate: 0.7, staircase: true }),
    t => 0.4 / (1 + 0.7 * Math.floor(t / 5)),
  ],
  [new ExponentialDecay({ initialLearningRate: 0.4, decaySteps: 8, decayRate: 0.7 }), t => 0.4 * 0.7 ** (t / 8)],
  [
    new ExponentialDecay({ initialLearningRate: 0.4, decaySteps: 8, decayRate: 0.7, staircase: true }),
    t => 0.4 * 0.7 ** Math.floor(t / 8),
  ],
  [
    new PolynomialDecay({ initialLearningRate: 0.4, decaySteps: 50, endLearningRate: 0.1, power: 1.7 }),
    t => 0.3 * (1 - Math.min(t, 50) / 50) ** 1.7 + 0.1,
  ],
  [
    new PolynomialDecay({ initialLearningRate: 0.4, decaySteps: 16, endLearningRate: 0.1, cycle: true }),
    t => 0.3 * (1 - t / (16 * Math.max(1, Math.ceil(t / 16)))) + 0.1,
  ],
  [
    new CosineDecay({ initialLearningRate: 0.4, decaySteps: 50, alpha: 0.2 }),
    t => 0.4 * (0.8 * (0.5 + 0.5 * Math.cos((Math.PI * Math.min(t, 50)) / 50)) + 0.2),
  ],
  [
    new CosineDecay({ initialLearningRate: 0.1, decaySteps: 50, warmupTarget: 0.4, warmupSteps: 9 }),
    t => (t < 9 ? 0.1 + (0.3 * t) / 9 : 0.4 * (0.5 + 0.5 * Math.cos((Math.PI * Math.min(t - 9, 50)) / 50))),
  ],
  [
    new CosineDecayRestarts({ initialLearningRate: 0.4, firstDecaySteps: 10, mMul: 0.9, alpha: 0.1 }),
    t => restarts(t, 10, 2),
  ],
  [
    new CosineDecayRestarts({ initialLearningRate: 0.4, firstDecaySteps: 10, tMul: 1, mMul: 0.9, alpha: 0.1 }),
    t => restarts(t, 10, 1),
  ],
  [
    new CosineDecayRestarts({ initialLearningRate: 0.4, firstDecaySteps: 7, tMul: 3, mMul: 0.9, alpha: 0.1 }),
    t => restarts(t, 7, 3),
  ],
]

function restarts(t: number, length: number, tMul: number, height = 1): number {
  if (t >= length) return restarts(t - length, length * tMul, tMul, height * 0.9)
  return 0.4 * (0.9 * height * (0.5 + 0.5 * Math.cos((Math.PI * t) / length)) + 0.1)
}

const named = formulas.map(([schedule, formula]) => {
  return [schedule.className, schedule.getConfig(), schedule, formula] as const
})

test.each(named)('%s, %j: follows its formula', (_name, _config, schedule, formula) => {
  const check = (step: number) => {
    const [found, expected] = [schedule.at(step), formula(step)]
    expect(Math.abs(found - expected)).toBeLessThan(1e-6 + 1e-5 * expected)
    expect(Math.fround(found)).toBe(found)
  }
  for (let step = 0; step < 80; step++) check(step)
  fc.assert(fc.property(fc.nat(500), check), { seed: 1 })
})

test.each(named)('%s, %j: a config makes the same schedule', (_name, config, schedule) => {
  const written = schedules.serialize(schedule)
  expect(written.config).toEqual(config)
  const read = schedules.get(JSON.parse(JSON.stringify(written)))
  expect(schedules.serialize(read)).toEqual(written)
  for (const step of [0, 1, 5, 17, 1000]) expect(read.at(step)).toBe(schedule.at(step))
})

test('defaults are those of Keras', () => {
  const start = { initialLearningRate: 0.1, decaySteps: 5 }
  const { endLearningRate, power, cycle, name } = new PolynomialDecay(start).getConfig()
  expect([endLearningRate, power, cycle, name]).toEqual([0.0001, 1, false, null])
  const { alpha, warmupTarget, warmupSteps } = new CosineDecay(start).getConfig()
  expect([alpha, warmupTarget, warmupSteps]).toEqual([0, null, 0])
  const waves = new CosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 5 }).getConfig()
  expect([waves.tMul, waves.mMul, waves.alpha]).toEqual([2, 1, 0])
  expect(new ExponentialDecay({ ...start, decayRate: 0.5 }).getConfig().staircase).toBe(false)
})

test('each wave starts at its height', () => {
  const schedule = new CosineDecayRestarts({ initialLearningRate: 0.5, firstDecaySteps: 3 })
  for (let start = 0, length = 3; start < 1000; start += length, length *= 2) {
    expect(schedule.at(start)).toBe(0.5)
    if (start > 0) expect(schedule.at(start - 1)).toBeLessThan(0.25)
  }
})

test('after the end the learning rate stays', () => {
  const cosine = new CosineDecay({ initialLearningRate: 0.5, decaySteps: 10, alpha: 0.5 })
  const line = new PolynomialDecay({ initialLearningRate: 0.5, decaySteps: 10, endLearningRate: 0.25 })
  for (const step of [10, 11, 1e6]) expect([cosine.at(step), line.at(step)]).toEqual([0.25, 0.25])
})

test('the config of a schedule cannot be changed from outside', () => {
  const schedule = new PiecewiseConstantDecay({ boundaries: [3], values: [0.5, 0.25] })
  schedule.getConfig().values[0] = 9
  expect(schedule.at(0)).toBe(0.5)
})

test('a schedule of your own can be used and registered', () => {
  class Constant implements LearningRateSchedule {
    readonly className = 'ConstantRate'
    at() {
      return 0.5
    }
    getConfig() {
      return {}
    }
  }
  const own = new Constant()
  expect(schedules.get(own)).toBe(own)
  schedules.register('ConstantRate', () => new Constant())
  expect(schedules.get({ className: 'ConstantRate', config: {} }).at(3)).toBe(0.5)
})

describe('refused options', () => {
  const start = { initialLearningRate: 0.1, decaySteps: 5 }
  const refused: [string, Record<string, unknown>, string][] = [
    ['PiecewiseConstantDecay', { boundaries: [1, 2], values: [0.1, 0.2] }, 'values: expected 3 numbers'],
    ['PiecewiseConstantDecay', { boundaries: [2, 1], values: [1, 2, 3] }, 'boundaries: expected ascending'],
    ['PiecewiseConstantDecay', { boundaries: [2, 2], values: [1, 2, 3] }, 'boundaries: expected ascending'],
    ['PiecewiseConstantDecay', { boundaries: 3, values: [1, 2] }, 'boundaries: expected a list of numbers'],
    ['PiecewiseConstantDecay', { boundaries: [3], values: [1, -2] }, 'values: expected a finite number'],
    ['ExponentialDecay', { decaySteps: 5, decayRate: 0.5 }, 'initialLearningRate: expected a finite number'],
    ['ExponentialDecay', { ...start, decaySteps: 0, decayRate: 0.5 }, 'decaySteps: expected a positive number'],
    ['ExponentialDecay', { ...start, decayRate: 0.5, foo: 1 }, 'ExponentialDecay, option: expected one of'],
    ['InverseTimeDecay', { ...start, decayRate: -1 }, 'decayRate: expected'],
    ['PolynomialDecay', { ...start, power: -1 }, 'power: expected'],
    ['CosineDecay', { ...start, warmupTarget: Number.NaN }, 'warmupTarget: expected'],
    ['CosineDecay', { ...start, alpha: -1 }, 'alpha: expected'],
    ['CosineDecay', { ...start, warmupSteps: -1 }, 'warmupSteps: expected'],
    ['CosineDecayRestarts', { initialLearningRate: 1, firstDecaySteps: 2, mMul: -1 }, 'mMul: expected'],
    ['CosineDecayRestarts', { initialLearningRate: 1, firstDecaySteps: 2, alpha: -1 }, 'alpha: expected'],
    ['CosineDecayRestarts', { initialLearningRate: 1, firstDecaySteps: 2, tMul: 0.5 }, 'tMul: expected'],
    ['Linear', start, 'learning rate schedule: expected one of'],
  ]
  test.each(refused)('%s, %j', (className, config, message) => {
    expect(() => schedules.get({ className, config })).toThrow(message)
  })

  test.each(['ExponentialDecay', 7, [0.1, 0.2], null])('%j is no schedule', identifier => {
    expect(() => schedules.get(identifier)).toThrow()
  })
})
