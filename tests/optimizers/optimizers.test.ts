import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  Adam,
  AdamW,
  Dense,
  ExponentialDecay,
  Ftrl,
  Lion,
  MaxNorm,
  Nadam,
  Optimizer,
  optimizers,
  Parameter,
  ReferenceEngine,
  RMSprop,
  Sequential,
  SGD,
  type Slots,
  schedules,
  stream,
} from 'unshared'
import { variablesForFiles } from '../../lib/keras/optimizer-variables.ts'
import { sgdSteps } from '../../lib/kernels/optimizers.ts'
import { expectSameBits } from '../support/bits.ts'
import { randomNumbers } from '../support/geometries.ts'
import { runs } from '../support/runs.ts'

const engine = new ReferenceEngine()

const parameter = (name: string, value: ArrayLike<number>, options = {}) => {
  const region = engine.region()
  const made = new Parameter(name, [value.length], value.length, region.alloc(value.length), options)
  made.value.set(value)
  made.allocateGradient(region)
  return made
}

/** One step of one parameter. */
function stepOnce(optimizer: Optimizer, value: number[], grad: number[], options = {}) {
  const made = parameter('w', value, options)
  optimizer.build([made], engine)
  made.grad.set(grad)
  optimizer.step()
  return made
}

const classNames = ['SGD', 'Lion', 'Adagrad', 'RMSprop', 'Adadelta', 'Adam', 'AdamW', 'Adamax', 'Nadam', 'Ftrl']

/** Options that make every class use all it has. */
const variants: [string, Record<string, unknown>][] = [
  ['SGD', {}],
  ['SGD', { momentum: 0.8 }],
  ['SGD', { momentum: 0.8, nesterov: true }],
  ['Lion', { beta1: 0.7, beta2: 0.8 }],
  ['Adagrad', { initialAccumulatorValue: 0.3, epsilon: 1e-3 }],
  ['RMSprop', { rho: 0.7, epsilon: 1e-3 }],
  ['RMSprop', { rho: 0.7, momentum: 0.6, epsilon: 1e-2 }],
  ['RMSprop', { rho: 0.7, centered: true, epsilon: 1e-2 }],
  ['RMSprop', { rho: 0.7, momentum: 0.6, centered: true, epsilon: 1e-2 }],
  ['Adadelta', { rho: 0.8, epsilon: 1e-2 }],
  ['Adam', { beta1: 0.8, beta2: 0.9, epsilon: 1e-2 }],
  ['Adam', { beta1: 0.8, beta2: 0.9, epsilon: 1e-2, amsgrad: true }],
  ['AdamW', { weightDecay: 0.3, beta1: 0.8, beta2: 0.9, epsilon: 1e-2 }],
  ['Adamax', { beta1: 0.8, beta2: 0.9, epsilon: 1e-2 }],
  ['Nadam', { beta1: 0.8, beta2: 0.9, epsilon: 1e-2 }],
  ['Ftrl', { initialAccumulatorValue: 0.2 }],
  [
    'Ftrl',
    {
      learningRatePower: -0.7,
      initialAccumulatorValue: 0.2,
      beta: 0.1,
      l1RegularizationStrength: 0.05,
      l2RegularizationStrength: 0.2,
      l2ShrinkageRegularizationStrength: 0.3,
    },
  ],
]

// ---- Formulas ---------------------------------------------------------------------------------------------------

type Numbers = Record<string, number>
/** One step of one number, as the formula is in books, in float64: `s` is kept, `w` is returned. */
type Formula = (w: number, g: number, s: Numbers, o: Numbers, t: number) => number

const lr = 0.1
const books: Record<string, Formula> = {
  SGD(w, g, s, { momentum = 0, nesterov }) {
    s.v = momentum * (s.v ?? 0) - lr * g
    return nesterov ? w + momentum * s.v - lr * g : w + s.v
  },
  Lion(w, g, s, o) {
    const { m = 0 } = s
    s.m = o.beta2 * m + (1 - o.beta2) * g
    return w - lr * Math.sign(o.beta1 * m + (1 - o.beta1) * g)
  },
  Adagrad(w, g, s, o) {
    s.a = (s.a ?? o.initialAccumulatorValue) + g * g
    return w - (lr * g) / Math.sqrt(s.a + o.epsilon)
  },
  RMSprop(w, g, s, { rho, momentum = 0, centered, epsilon }) {
    s.v = rho * (s.v ?? 0) + (1 - rho) * g * g
    s.mean = rho * (s.mean ?? 0) + (1 - rho) * g
    const variance = centered ? s.v - s.mean ** 2 : s.v
    s.m = momentum * (s.m ?? 0) + (lr * g) / Math.sqrt(variance + epsilon)
    return w - s.m
  },
  Adadelta(w, g, s, { rho, epsilon }) {
    const { a = 0, d = 0 } = s
    s.a = rho * a + (1 - rho) * g * g
    const delta = (-Math.sqrt(d + epsilon) / Math.sqrt(s.a + epsilon)) * g
    s.d = rho * d + (1 - rho) * delta * delta
    return w + lr * delta
  },
  Adam(w, g, s, { beta1, beta2, epsilon, amsgrad, weightDecay = 0 }, t) {
    s.m = beta1 * (s.m ?? 0) + (1 - beta1) * g
    s.v = beta2 * (s.v ?? 0) + (1 - beta2) * g * g
    s.largest = Math.max(s.largest ?? 0, s.v)
    const alpha = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t)
    return w - lr * weightDecay * w - (alpha * s.m) / (Math.sqrt(amsgrad ? s.largest : s.v) + epsilon)
  },
  Adamax(w, g, s, { beta1, beta2, epsilon }, t) {
    s.m = beta1 * (s.m ?? 0) + (1 - beta1) * g
    s.u = Math.max(beta2 * (s.u ?? 0), Math.abs(g))
    return w - ((lr / (1 - beta1 ** t)) * s.m) / (s.u + epsilon)
  },
  Nadam(w, g, s, { beta1, beta2, epsilon }, t) {
    const momentum = (k: number) => beta1 * (1 - 0.5 * 0.96 ** k)
    s.m = beta1 * (s.m ?? 0) + (1 - beta1) * g
    s.v = beta2 * (s.v ?? 0) + (1 - beta2) * g * g
    s.product = (s.product ?? 1) * momentum(t)
    const ahead = (momentum(t + 1) * s.m) / (1 - s.product * momentum(t + 1))
    const mean = ahead + ((1 - momentum(t)) * g) / (1 - s.product)
    return w - (lr * mean) / (Math.sqrt(s.v / (1 - beta2 ** t)) + epsilon)
  },
  Ftrl(w, g, s, o) {
    const { learningRatePower = -0.5, beta = 0 } = o
    const { l1RegularizationStrength: l1 = 0, l2RegularizationStrength: l2 = 0 } = o
    const { a = o.initialAccumulatorValue, z = 0 } = s
    s.a = a + g * g
    const [before, now] = [a ** -learningRatePower, s.a ** -learningRatePower]
    s.z = z + g + 2 * (o.l2ShrinkageRegularizationStrength ?? 0) * w - ((now - before) / lr) * w
    if (Math.abs(s.z) <= l1) return 0
    return (Math.sign(s.z) * l1 - s.z) / (now / lr + 2 * (l2 + beta / (2 * lr)))
  },
}
books.AdamW = books.Adam

describe('the formulas', () => {
  test.each(variants)('%s, %j: follows the book for ten steps', (className, config) => {
    const run = (seed: number) => {
      const random = stream(seed, className)
      const start = randomNumbers(7, random)
      const w = parameter('w', start)
      const optimizer = optimizers.get({ className, config: { ...config, learningRate: lr } })
      optimizer.build([w], engine)
      const expected = Array.from(start)
      const kept: Numbers[] = expected.map(() => ({}))
      for (let t = 1; t <= 10; t++) {
        const grad = randomNumbers(7, random)
        w.grad.set(grad)
        optimizer.step()
        for (let i = 0; i < 7; i++) expected[i] = books[className](expected[i], grad[i], kept[i], config as Numbers, t)
      }
      expected.forEach((value, i) => {
        expect(Math.abs(w.value[i] - value)).toBeLessThan(2e-5 * (1 + Math.abs(value)))
      })
      expect(optimizer.iterations).toBe(10)
    }
    fc.assert(fc.property(fc.nat(1e6), run), { seed: 1, numRuns: runs(20) })
  })

  test.each(variants)('%s, %j: finds the lowest point of a bowl', (className, config) => {
    const regularized = className === 'AdamW' || config.l1RegularizationStrength
    const optimizer = optimizers.get({ className, config: { ...config, learningRate: 0.05 } })
    const w = parameter('w', [1, -1])
    optimizer.build([w], engine)
    const distance = () => Math.abs(w.value[0] - 0.5) + Math.abs(w.value[1] + 0.25)
    const before = distance()
    for (let i = 0; i < 300; i++) {
      w.grad.set([w.value[0] - 0.5, w.value[1] + 0.25])
      optimizer.step()
    }
    expect(distance()).toBeLessThan(before * (regularized ? 0.9 : 0.5))
  })

  test('Adam is right from the first step on: it is about the learning rate, whatever the gradient', () => {
    const { value } = stepOnce(new Adam({ learningRate: 0.5 }), [0, 0], [0.1, -300])
    expect(value[0]).toBeCloseTo(-0.5, 3)
    expect(value[1]).toBeCloseTo(0.5, 3)
  })

  test('Lion leaves a weight without gradient where it is', () => {
    expect(stepOnce(new Lion(), [3], [0]).value[0]).toBe(3)
  })

  test('centered RMSprop stays finite where rounding makes a variance negative', () => {
    const optimizer = new RMSprop({ centered: true, epsilon: 1e-7 })
    const steady = randomNumbers(100, stream(1, 'steady')).map(g => 1000 * g)
    const w = parameter('w', steady)
    w.grad.set(steady)
    optimizer.build([w], engine)
    for (let i = 0; i < 500; i++) optimizer.step()
    expect(w.value.every(Number.isFinite)).toBe(true)
  })

  test('centered RMSprop keeps the mean of the gradients with its sign', () => {
    const optimizer = new RMSprop({ centered: true, rho: 0.75 })
    stepOnce(optimizer, [0, 0], [4, -8])
    const [mean] = optimizer.variables().filter(({ name }) => name.includes('average'))
    expect(Array.from(mean.value)).toEqual([1, -2])
  })

  test('Ftrl gives 0, not NaN, to a weight that nothing has moved', () => {
    const { value } = stepOnce(new Ftrl({ initialAccumulatorValue: 0 }), [3, 4], [0, 1])
    expect(value[0]).toBe(0)
    expect(value[1]).toBeGreaterThan(3)
  })

  test('Ftrl makes weights exactly 0 whose pull is below l1', () => {
    const { value } = stepOnce(new Ftrl({ l1RegularizationStrength: 0.2 }), [0, 0], [0.1, 0.4])
    expect(value[0]).toBe(0)
    expect(value[1]).toBeLessThan(0)
  })
})

// ---- Around the formulas ----------------------------------------------------------------------------------------

const norm = (x: Float32Array) => Math.hypot(...x)

describe('limits of gradients', () => {
  test('clipnorm limits each gradient by itself and keeps its direction', () => {
    const [a, b] = [parameter('a', [0, 0]), parameter('b', [0, 0])]
    const optimizer = new SGD({ learningRate: 1, clipnorm: 0.5 })
    optimizer.build([a, b], engine)
    a.grad.set([3, 4])
    b.grad.set([0.3, 0.1])
    optimizer.step()
    expect(a.value[0]).toBeCloseTo(-0.3, 6)
    expect(a.value[1]).toBeCloseTo(-0.4, 6)
    expect(b.value[0]).toBeCloseTo(-0.3, 6)
    expect(b.value[1]).toBeCloseTo(-0.1, 6)
  })

  test('globalClipnorm limits all gradients together, by one factor', () => {
    const [a, b] = [parameter('a', [0, 0]), parameter('b', [0])]
    const optimizer = new SGD({ learningRate: 1, globalClipnorm: 1.3 })
    optimizer.build([a, b], engine)
    a.grad.set([3, 4])
    b.grad.set([12])
    optimizer.step()
    expect(a.value[0]).toBeCloseTo(-0.3, 6)
    expect(a.value[1]).toBeCloseTo(-0.4, 6)
    expect(b.value[0]).toBeCloseTo(-1.2, 6)
  })

  test('globalClipnorm leaves short gradients alone', () => {
    const w = stepOnce(new SGD({ learningRate: 1, globalClipnorm: 8 }), [0, 0], [3, -4])
    expect(Array.from(w.value)).toEqual([-3, 4])
  })

  test('clipvalue limits every number', () => {
    const w = stepOnce(new SGD({ learningRate: 1, clipvalue: 0.5 }), [0, 0, 0], [3, -4, 0.25])
    expect(Array.from(w.value)).toEqual([-0.5, 0.5, -0.25])
  })

  test('only the first limit acts, and 0 is none, as in Keras', () => {
    const first = stepOnce(new SGD({ learningRate: 1, clipnorm: 10, clipvalue: 0.5 }), [0], [3])
    const second = stepOnce(new SGD({ learningRate: 1, clipnorm: 0, clipvalue: 0.5 }), [0], [3])
    expect([first.value[0], second.value[0]]).toEqual([-3, -0.5])
  })

  test('a norm is never above its limit, nor NaN for a gradient of zeros', () => {
    const property = (values: number[], limit: number) => {
      for (const options of [{ clipnorm: limit }, { globalClipnorm: limit }]) {
        const w = stepOnce(new SGD({ ...options, learningRate: 1 }), Array(values.length).fill(0), values)
        const most = Math.min(limit, norm(Float32Array.from(values)))
        expect(norm(w.grad)).toBeLessThanOrEqual(most * 1.000001 + 1e-40) // the smallest numbers have few digits
      }
    }
    const values = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 })
    fc.assert(fc.property(values, fc.double({ min: 0.01, max: 100, noNaN: true }), property), { seed: 1 })
    expect(norm(stepOnce(new SGD({ clipnorm: 1 }), [1, 2], [0, 0]).grad)).toBe(0)
  })

  test('what is no number stays visible: NaN and infinity are not clipped away by norms', () => {
    for (const bad of [Number.NaN, Infinity]) {
      expect(stepOnce(new SGD({ clipnorm: 1 }), [1, 1], [bad, 1]).value[0]).toBeNaN()
      const all = stepOnce(new SGD({ globalClipnorm: 1 }), [1, 1], [bad, 1])
      expect(all.value.every(Number.isNaN)).toBe(true)
    }
  })
})

describe('weight decay, constraints, averages', () => {
  test('weight decay takes its share of every parameter before the update', () => {
    const w = stepOnce(new SGD({ learningRate: 0.5, weightDecay: 0.25 }), [8, -4], [1, 0])
    expect(Array.from(w.value)).toEqual([8 - 8 * 0.25 * 0.5 - 0.5, -4 + 4 * 0.25 * 0.5])
  })

  test('the default of AdamW is 0.004, and none is refused', () => {
    const decayed = stepOnce(new AdamW({ learningRate: 0.5 }), [1000], [0])
    expect(decayed.value[0]).toBeCloseTo(1000 - 2, 3)
    expect(() => new AdamW({ weightDecay: null as never })).toThrow('weightDecay: expected a number')
  })

  const constraint = new MaxNorm({ maxValue: 1 })
  const averaged = { learningRate: 0.1, useEma: true, emaMomentum: 0.5 }

  test('a constraint acts after the update; the average has seen the weights before it', () => {
    const optimizer = new SGD(averaged)
    const w = stepOnce(optimizer, [3, 4], [1, 1], { constraint })
    expect(norm(w.value)).toBeCloseTo(1, 6)
    expect(w.value[0]).toBeCloseTo(0.59670275, 6) // real Keras
    expect(optimizer.variables()[0].value[0]).toBeCloseTo(2.95, 6)
  })

  test('the average begins with the weights and replaces them when training ends', () => {
    const optimizer = new SGD(averaged)
    const w = stepOnce(optimizer, [3], [1])
    expect(w.value[0]).toBeCloseTo(2.9, 6)
    optimizer.finalizeVariableValues()
    expect(w.value[0]).toBeCloseTo(2.95, 6)
  })

  test('fit ends with the averages for weights', async () => {
    const model = new Sequential([new Dense({ units: 1, useBias: false, inputShape: [1] })], { seed: 1 })
    const optimizer = new SGD(averaged)
    model.compile({ optimizer, loss: 'mse' })
    await model.fit([[1], [2]], [[1], [2]], { epochs: 3, verbose: 0 })
    expectSameBits(model.getWeights()[0].data, optimizer.variables()[0].value)
  })

  test('emaOverwriteFrequency replaces them in between, then the constraint acts', () => {
    const options = { ...averaged, emaOverwriteFrequency: 1 }
    const w = stepOnce(new SGD(options), [3, 4], [1, 1], { constraint })
    expect(w.value[0]).toBeCloseTo(0.59837604, 6) // real Keras
    const later = stepOnce(new SGD({ ...options, emaOverwriteFrequency: 2 }), [3], [1])
    expect(later.value[0]).toBeCloseTo(2.9, 6)
  })

  test('without useEma, finalizeVariableValues does nothing', () => {
    const optimizer = new SGD({ learningRate: 1 })
    const w = stepOnce(optimizer, [3], [1])
    optimizer.finalizeVariableValues()
    expect(w.value[0]).toBe(2)
  })
})

describe('the learning rate', () => {
  test('can be changed between steps', () => {
    const optimizer = new SGD({ learningRate: 1 })
    const w = stepOnce(optimizer, [0], [1])
    optimizer.learningRate = 0.25
    optimizer.step()
    expect(w.value[0]).toBe(-1.25)
    expect(optimizer.learningRate).toBe(0.25)
  })

  const halving = { initialLearningRate: 1, decaySteps: 1, decayRate: 0.5 }

  test('of a schedule is that of the last step, and the schedule is asked for the steps before', () => {
    const optimizer = new SGD({ learningRate: new ExponentialDecay(halving) })
    expect(optimizer.learningRate).toBe(1)
    const w = stepOnce(optimizer, [0], [1])
    expect(optimizer.learningRate).toBe(1)
    optimizer.step()
    expect(optimizer.learningRate).toBe(0.5)
    expect(w.value[0]).toBe(-1.5)
  })

  test('of a schedule may be 0', () => {
    const optimizer = new SGD({ learningRate: new ExponentialDecay({ ...halving, decayRate: 0 }) })
    const w = stepOnce(optimizer, [0], [1])
    optimizer.step()
    expect(w.value[0]).toBe(-1)
  })

  test('cannot be set while a schedule decides it, but a schedule can', () => {
    const optimizer = new Adam({ learningRate: { className: 'ExponentialDecay', config: halving } })
    expect(() => {
      optimizer.learningRate = 0.1
    }).toThrow('a schedule controls it')
    optimizer.learningRate = new ExponentialDecay({ ...halving, initialLearningRate: 2 })
    expect(optimizer.learningRate).toBe(2)
  })

  test.each([Number.NaN, Infinity, -1])('a schedule that gives %p is named, and nothing has moved', wrong => {
    const at = (step: number) => (step === 0 ? 1 : wrong)
    const broken = { className: 'Broken', at, getConfig: () => ({}) }
    const optimizer = new SGD({ learningRate: broken })
    const w = stepOnce(optimizer, [0], [1])
    expect(() => optimizer.step()).toThrow(`Broken.at(1): expected a finite number of at least 0, received ${wrong}`)
    expect([w.value[0], optimizer.iterations]).toEqual([-1, 1])
  })

  test.each([-0.1, Number.NaN, Infinity, '0.1', null])('%p is refused', learningRate => {
    expect(() => new SGD({ learningRate: learningRate as number })).toThrow(/^learning/)
  })

  test('of 0 is refused by Ftrl alone, which divides by it', () => {
    expect(stepOnce(new SGD({ learningRate: 0 }), [3], [1]).value[0]).toBe(3)
    expect(() => stepOnce(new Ftrl({ learningRate: 0 }), [3], [1])).toThrow('Ftrl divides by it')
  })
})

describe('building and resuming', () => {
  test('a step needs a build', () => {
    expect(() => new SGD().step()).toThrow('not built yet')
  })

  test('a second build is for the same parameters', () => {
    const [a, b] = [parameter('a', [1]), parameter('b', [2])]
    const optimizer = new Adam()
    optimizer.build([a, b], engine)
    expect(() => optimizer.build([a, b], engine)).not.toThrow()
    expect(optimizer.variables()).toHaveLength(4)
    expect(() => optimizer.build([b, a], engine)).toThrow('other weights')
    expect(() => optimizer.build([a], engine)).toThrow('other weights')
  })

  const names = (className: string, config = {}) => {
    const optimizer = optimizers.get({ className, config })
    const parameters = [parameter('k', [1]), parameter('b', [1])]
    optimizer.build(parameters, engine)
    return variablesForFiles(optimizer, parameters).map(({ name }) => name)
  }

  test('variables have the names and the order of Keras', () => {
    expect(names('SGD')).toEqual(['SGD/m/k', 'SGD/m/b'])
    expect(names('Adam', { amsgrad: true, name: 'mine' })).toEqual([
      ...['mine/m/k', 'mine/v/k', 'mine/m/b', 'mine/v/b'],
      ...['mine/vhat/k', 'mine/vhat/b'],
    ])
    expect(names('RMSprop')).toEqual(['RMSprop/velocity/k', 'RMSprop/velocity/b'])
    expect(names('RMSprop', { momentum: 0.5, centered: true, useEma: true })).toEqual([
      ...['RMSprop/average/k', 'RMSprop/average/b', 'RMSprop/velocity/k', 'RMSprop/velocity/b'],
      ...['RMSprop/momentum/k', 'RMSprop/momentum/b'],
      ...['RMSprop/average_gradient/k', 'RMSprop/average_gradient/b'],
    ])
  })

  test('SGD without momentum has the last step for velocity, as Keras writes it', () => {
    const optimizer = new SGD({ learningRate: 0.5 })
    const w = stepOnce(optimizer, [3, 4], [1, -2])
    expect(optimizer.variables()).toEqual([])
    expect(Array.from(variablesForFiles(optimizer, [w])[0].value)).toEqual([-0.5, 1])
  })

  const schedule = {
    className: 'ExponentialDecay',
    config: { initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 },
  }

  test.each(variants)('%s, %j: a resumed training ends with the same bits', (className, config) => {
    const options = { ...config, learningRate: schedule, useEma: true, weightDecay: 0.1 }
    const random = stream(1, 'resume')
    const gradients = Array.from({ length: 9 }, () => randomNumbers(5, random))
    const begin = (value: ArrayLike<number>) => {
      const optimizer = optimizers.get({ className, config: options })
      const w = parameter('w', value)
      optimizer.build([w], engine)
      const train = (from: number, to: number) => {
        for (const grad of gradients.slice(from, to)) {
          w.grad.set(grad)
          optimizer.step()
        }
      }
      return { optimizer, w, train }
    }
    const whole = begin([1, -1, 0.5, 0, 2])
    whole.train(0, 4)
    const second = begin(whole.w.value)
    second.optimizer.iterations = whole.optimizer.iterations
    second.optimizer.variables().forEach(({ value }, i) => {
      value.set(whole.optimizer.variables()[i].value)
    })
    whole.train(4, 9)
    second.train(4, 9)
    expectSameBits(second.w.value, whole.w.value)
    second.optimizer.finalizeVariableValues()
    whole.optimizer.finalizeVariableValues()
    expectSameBits(second.w.value, whole.w.value)
  })

  test('Nadam can go back: its product belongs to the step, not to the calls', () => {
    const optimizer = new Nadam()
    const w = stepOnce(optimizer, [1], [1])
    optimizer.step()
    optimizer.iterations = 0
    w.value.fill(1)
    for (const { value } of optimizer.variables()) value.fill(0)
    w.grad.set([1])
    optimizer.step()
    expectSameBits(w.value, stepOnce(new Nadam(), [1], [1]).value)
  })
})

// ---- Names and configs ------------------------------------------------------------------------------------------

describe('names and configs', () => {
  test.each(classNames)('%s is found by its name in any case', className => {
    for (const name of [className, className.toLowerCase(), className.toUpperCase()]) {
      expect(optimizers.get(name).className).toBe(className)
      expect(optimizers.get({ class_name: name, config: {} }).className).toBe(className)
    }
  })

  test('an unknown name is shown as written, beside the known ones', () => {
    expect(() => optimizers.get('Momentum')).toThrow(/^optimizer: .*adamw.*, received "Momentum"/)
    expect(() => optimizers.get('toString')).toThrow(/^optimizer: /)
    expect(() => optimizers.get(7)).toThrow(/^optimizer: /)
    expect(optimizers.getOptional(null)).toBeNull()
  })

  test.each(variants)('%s, %j: a config makes the same optimizer', (className, config) => {
    const common = { name: 'mine', learningRate: 0.3, weightDecay: 0.1, clipnorm: 2, clipvalue: 3 }
    const more = { useEma: true, emaMomentum: 0.7, emaOverwriteFrequency: 9 }
    const optimizer = optimizers.get({ className, config: { ...config, ...common, ...more } })
    const written = optimizers.serialize(optimizer)
    expect(written.config).toMatchObject({ ...config, ...common, ...more })
    expect(optimizers.serialize(optimizers.get(written))).toEqual(written)
    expect(optimizers.get(JSON.parse(JSON.stringify(written))).getConfig()).toEqual(written.config)
  })

  test.each(classNames)('%s: the options of a config begin as in Keras', className => {
    const keys = Object.keys(optimizers.get(className).getConfig())
    expect(keys.slice(0, 11)).toEqual([
      ...['name', 'weightDecay', 'clipnorm', 'globalClipnorm', 'clipvalue', 'useEma', 'emaMomentum'],
      ...['emaOverwriteFrequency', 'jitCompile', 'isLegacyOptimizer', 'learningRate'],
    ])
  })

  test('a schedule is written into the config and read from it, also in the spelling of Keras', () => {
    const config = { initial_learning_rate: 0.5, decay_steps: 4, decay_rate: 0.5, staircase: true, name: null }
    const optimizer = optimizers.get({
      class_name: 'SGD',
      config: { learning_rate: { class_name: 'ExponentialDecay', config }, momentum: 0.5 },
    })
    expect(optimizer.schedule?.at(4)).toBe(0.25)
    const written = optimizer.getConfig().learningRate as ReturnType<typeof schedules.serialize>
    expect(written.className).toBe('ExponentialDecay')
    expect(schedules.get(written).at(8)).toBe(0.125)
  })

  test('undefined means the default', () => {
    expect(new RMSprop({ emaOverwriteFrequency: undefined } as object).getConfig()).toEqual(new RMSprop().getConfig())
    expect(new RMSprop().emaOverwriteFrequency).toBe(100)
    expect(new RMSprop({ emaOverwriteFrequency: null }).emaOverwriteFrequency).toBeNull()
  })

  test('an optimizer of your own can be used and registered', () => {
    class SignSGD extends Optimizer {
      readonly className = 'SignSGD'
      protected readonly slots = [{ last: 7 }]
      constructor(options = {}) {
        super(options, { name: 'SignSGD', learningRate: 0.5 }, [])
      }
      protected update({ value, grad }: Parameter, [last]: Slots, rate: number) {
        for (let i = 0; i < value.length; i++) value[i] -= rate * Math.sign(grad[i])
        last.array.set(grad)
      }
    }
    optimizers.register('SignSGD', config => new SignSGD(config))
    const optimizer = optimizers.get('SignSGD')
    const w = parameter('w', [3])
    optimizer.build([w], engine)
    expect(optimizer.variables()[0].value[0]).toBe(7)
    w.grad.set([-9])
    optimizer.step()
    expect([w.value[0], optimizer.variables()[0].value[0]]).toEqual([3.5, -9])
  })
})

test('defaults are those of Keras', () => {
  const own = (className: string) => {
    const entries = Object.entries(optimizers.get(className).getConfig())
    return Object.fromEntries(entries.filter(([key]) => !['name', 'jitCompile', 'isLegacyOptimizer'].includes(key)))
  }
  const common = {
    weightDecay: null,
    clipnorm: null,
    globalClipnorm: null,
    clipvalue: null,
    useEma: false,
    emaMomentum: 0.99,
    emaOverwriteFrequency: null,
    learningRate: 0.001,
  }
  const betas = { ...common, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
  expect(Object.fromEntries(classNames.map(name => [name, own(name)]))).toEqual({
    SGD: { ...common, learningRate: 0.01, momentum: 0, nesterov: false },
    Lion: { ...common, learningRate: 0.0001, beta1: 0.9, beta2: 0.99 },
    Adagrad: { ...common, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
    RMSprop: { ...common, emaOverwriteFrequency: 100, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
    Adadelta: { ...common, rho: 0.95, epsilon: 1e-7 },
    Adam: { ...betas, amsgrad: false },
    AdamW: { ...betas, weightDecay: 0.004, amsgrad: false },
    Adamax: betas,
    Nadam: betas,
    Ftrl: {
      ...common,
      learningRatePower: -0.5,
      initialAccumulatorValue: 0.1,
      beta: 0,
      l1RegularizationStrength: 0,
      l2RegularizationStrength: 0,
      l2ShrinkageRegularizationStrength: 0,
    },
  })
})

describe('refused options', () => {
  const numbers = classNames.flatMap(className => {
    const config = optimizers.get(className).getConfig()
    const names = Object.keys(config).filter(key => typeof config[key] === 'number')
    return [...names, 'weightDecay', 'clipnorm', 'globalClipnorm', 'clipvalue'].map(key => [className, key])
  })
  test.each(numbers)('%s, %s: out of range, or no number', (className, key) => {
    const outside = /^(beta[12]|rho|momentum|emaMomentum)$/.test(key) ? [-0.1, 1.1] : [-0.1]
    const wrong = key === 'learningRatePower' ? [0.1] : outside
    for (const value of [...wrong, Number.NaN, '1'])
      expect(() => optimizers.get({ className, config: { [key]: value } })).toThrow(new RegExp(`^${key}: |^learning`))
  })

  const refused: [string, Record<string, unknown>, string | RegExp][] = [
    ['SGD', { momentum: 1.5 }, 'momentum: expected a number from 0 to 1, received 1.5'],
    ['SGD', { nesterov: 1 }, 'nesterov: expected true or false'],
    ['SGD', { foo: 1 }, /^SGD, option: expected one of learningRate, .*nesterov, received "foo"/],
    ['SGD', { lr: 0.3 }, 'SGD, option: expected learningRate, received "lr"'],
    ['Adam', { decay: 0.1 }, /^Adam, option: expected learningRate: new InverseTimeDecay.*received "decay"/],
    ['SGD', { clipnorm: 1, globalClipnorm: 1 }, 'globalClipnorm: expected none with clipnorm'],
    ['SGD', { clipvalue: -1 }, 'clipvalue: expected a finite number of at least 0'],
    ['SGD', { weightDecay: Number.NaN }, 'weightDecay: expected'],
    ['SGD', { useEma: true, emaMomentum: 2 }, 'emaMomentum: expected a number from 0 to 1'],
    ['SGD', { useEma: true, emaOverwriteFrequency: 0 }, 'emaOverwriteFrequency: expected a positive integer'],
    ['SGD', { isLegacyOptimizer: true }, 'isLegacyOptimizer: expected false'],
    ['Adam', { beta1: 1 }, 'beta1: expected a number in [0, 1), received 1'],
    ['Adam', { beta2: 0.99999999 }, 'beta2: expected a number in [0, 1)'],
    ['Adam', { epsilon: -1 }, 'epsilon: expected'],
    ['Adam', { amsgrad: 'yes' }, 'amsgrad: expected true or false'],
    ['RMSprop', { rho: 1.1 }, 'rho: expected a number from 0 to 1'],
    ['Lion', { beta1: 0 }, 'beta1: expected a number above 0'],
    ['Ftrl', { learningRatePower: 0.5 }, 'learningRatePower: expected'],
    ['Ftrl', { initialAccumulatorValue: -0.1 }, 'initialAccumulatorValue: expected'],
    ['Ftrl', { l1RegularizationStrength: -1 }, 'l1RegularizationStrength: expected'],
  ]
  test.each(refused)('%s, %j', (className, config, message) => {
    expect(() => optimizers.get({ className, config })).toThrow(message)
  })

  test('Lion with beta1 of 1 is no mistake', () => {
    expect(new Lion({ beta1: 1 }).beta1).toBe(1)
  })
})

describe('numbers that fade', () => {
  const fades = [
    new SGD({ momentum: 0.9 }),
    new SGD({ momentum: 0.9, nesterov: true }),
    new Lion({ beta2: 0.9 }),
    new RMSprop({ rho: 0.9 }),
    new RMSprop({ rho: 0.9, centered: true, momentum: 0.9 }),
    optimizers.get({ className: 'Adadelta', config: { rho: 0.9 } }),
    new Adam({ beta1: 0.9, beta2: 0.9 }),
    new Adam({ beta1: 0.9, beta2: 0.9, amsgrad: true }),
    optimizers.get({ className: 'Adamax', config: { beta1: 0.9, beta2: 0.9 } }),
    new Nadam({ beta1: 0.9, beta2: 0.9 }),
  ]

  test.each([
    [2 ** -126, -(2 ** -126)],
    [2 ** -126 - 2 ** -149, 0],
  ])('a velocity of %p is kept as %p', (grad, velocity) => {
    const optimizer = new SGD({ momentum: 0.5, learningRate: 1 })
    stepOnce(optimizer, [0], [grad])
    const kept = optimizer.variables().map(({ value }) => value[0])
    expect(kept).toContain(velocity)
  })

  test.each(fades.map(optimizer => [optimizer.className, optimizer] as const))(
    '%s: what remains of an old gradient becomes 0, and is never below full precision',
    (_, optimizer) => {
      const made = parameter('w', [1, 1])
      optimizer.build([made], engine)
      made.grad.set([1, -1])
      optimizer.step()
      made.grad.fill(0)
      for (let step = 0; step < 2000; step++) optimizer.step()
      const kept = optimizer.variables().filter(({ name }) => !name.includes('vhat')) // the largest v stays
      expect(kept.length).toBeGreaterThan(0)
      for (const { name, value } of kept) expect([name, ...value]).toEqual([name, 0, 0])
    },
  )
})

test('the smallest normal number is kept, and what is below becomes 0, in every slot', () => {
  const least = 2 ** -126
  const after = (g: number) => {
    const [w, v, grad] = [new Float32Array(1), new Float32Array(1), Float32Array.of(g)]
    sgdSteps.sgdMomentum(w, v, grad, 1, 1, 0.5)
    return v[0]
  }
  expect(after(least)).toBe(-least)
  expect(after(least / 2)).toBe(0)
})
