// The gradients of every layer, activation and loss at random points: each must lie between the slopes to the left and
// to the right, so that a kink between two points of a difference is no error.

import { describe, expect, test } from '@jest/globals'
import { activations, checkGradients, type GradientReport, layers, losses, Sequential, sizeOf } from 'unshared'
import { type Random, stream } from '../../lib/core/random.ts'
import { ReferenceEngine } from '../../lib/engine/reference-engine.ts'
import { cases, inputOf, make, others, samples } from '../support/layer-samples.ts'

test('every layer has a sample', () => {
  new Sequential() // models are known as layers once there is one
  expect([...Object.keys(samples), ...others].sort()).toEqual(layers.names)
})

/** Whether nothing is wrong, but too many entries are at kinks, or where the slope changes as fast. */
const isAtKinks = ({ checks }: GradientReport) =>
  checks.every(
    ({ passed, skipped, entries, error, tolerance }) => passed || (skipped > 0.2 * entries && error <= tolerance),
  )

test.each(cases)('layer %s %j, at 100 points', (className, sample) => {
  let checked = 0
  for (let seed = 0; checked < 100; seed++) {
    const x = inputOf(className, sample, 2, seed)
    const training = sample.training ?? false
    const report = checkGradients(make(className, sample, seed), { x, training, seed, tolerance: 0.02 })
    if (report.passed) checked++
    else if (!isAtKinks(report) || seed > 300) throw new Error(`seed ${seed}: ${report}`)
  }
})

const step = 2 ** -8
const between = (random: Random, least: number, most: number) => Math.fround(least + (most - least) * random())

/** Compares `gradient` with the slopes of `f` to both sides, number by number. */
function expectSlopes(f: (x: Float32Array) => number, x: Float32Array, gradient: ArrayLike<number>): void {
  for (let i = 0; i < x.length; i++) {
    const value = x[i]
    const at = (moved: number) => {
      x[i] = moved
      const found = { x: x[i], y: f(x) }
      x[i] = value
      return found
    }
    const [below, here, above] = [at(value - step), at(value), at(value + step)]
    const slopes = [(here.y - below.y) / (here.x - below.x), (above.y - here.y) / (above.x - here.x)]
    const room = 0.01 * (1 + Math.max(...slopes.map(Math.abs)))
    if (!(gradient[i] >= Math.min(...slopes) - room && gradient[i] <= Math.max(...slopes) + room))
      throw new Error(`at [${x}], entry ${i}: gradient ${gradient[i]}, slopes ${slopes}`)
  }
}

const sumOf = (weights: Float32Array, values: Float32Array) =>
  values.reduce((sum, value, i) => sum + weights[i] * value, 0)

test.each(activations.names)('activation %s, at 1,000 points', name => {
  const engine = new ReferenceEngine()
  const activation = activations.get(name)
  const random = stream(name)
  for (let n = 0; n < 50; n++) {
    const x = Float32Array.from({ length: 20 }, () => between(random, -6, 6))
    const dy = Float32Array.from({ length: 20 }, () => between(random, -1, 1))
    const [y, dx] = [new Float32Array(20), new Float32Array(20)]
    const run = (at: Float32Array) => {
      activation.forward(y, at, 5, [4], engine)
      return sumOf(dy, y)
    }
    run(x)
    activation.backward(dx, dy.slice(), x, y, 5, [4], engine)
    expectSlopes(run, x, dx)
  }
})

describe.each(losses.names)('loss %s', name => {
  const loss = losses.get(name)
  const random = stream(name)
  const shape = [4, 5]
  const isProbability = /cross|kld|kullback|kl_div|focal|poisson|log/i.test(`${name} ${loss.className}`)

  test('at 1,000 points', () => {
    for (let n = 0; n < 50; n++) {
      const sparse = loss.targets === 'sparse'
      const target = (i: number) => {
        if (sparse) return Math.floor(5 * random())
        if (/hinge/i.test(loss.className)) return random() < 0.5 ? -1 : 1
        if (/percentage/i.test(loss.className)) return (i % 2 ? -1 : 1) * between(random, 0.3, 2)
        return isProbability ? between(random, 0.05, 0.95) : between(random, -2, 2) + (i % 2)
      }
      const yTrue = Float32Array.from({ length: sparse ? 4 : sizeOf(shape) }, (_, i) => target(i))
      const yPred = Float32Array.from({ length: 20 }, () =>
        isProbability ? between(random, 0.1, 0.9) : between(random, -2, 2),
      )
      const scale = Float32Array.from({ length: 4 }, () => between(random, 0.2, 1))
      const [rows, dPred] = [new Float32Array(4), new Float32Array(20)]
      const run = (at: Float32Array) => {
        loss.forward(rows, yTrue, at, shape)
        return sumOf(scale, rows)
      }
      loss.backward(dPred, yTrue, yPred, scale, shape)
      expectSlopes(run, yPred, dPred)
    }
  })
})
