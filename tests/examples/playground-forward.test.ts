// The arithmetic that the playground writes out is that of the library.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Tensor } from 'unshared'
import { gradientOf, passOf } from '../../examples/playground/arithmetic.ts'
import { readDigits } from '../../examples/playground/digits.ts'
import { netNames } from '../../examples/playground/nets.ts'
import { Race } from '../../examples/playground/race.ts'
import { indexOf, type Unit, type WeightAt } from '../../examples/playground/wiring.ts'

const data = readDigits(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const settings = { seed: 4, optimizer: 'adam', rate: 0.003, batch: 32, train: 200, shifts: false } as const
const units: Unit[] = [
  { place: 0, filter: 0 },
  { place: 14, filter: 3 },
  { place: 35, filter: 7 },
]
const imageAt = (i: number) => data.test.images.slice(i * 64, i * 64 + 64)
const samples = [0, 1, 2, 3, 4, 5].map(i => ({ image: imageAt(i), label: data.test.labels[i] }))
const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

let race: Race
beforeAll(() => {
  race = new Race(settings, data)
  for (let epoch = 0; epoch < 3; epoch++) race.trainEpoch()
})

describe.each(netNames)('%s, forward', name => {
  const [hidden, before] = name === 'dense' ? [1, 0] : [0, 1]

  test('every unit gives what the layer gives, and the numbers written out sum up to it', () => {
    const net = race.nets[name]
    for (const { image } of samples) {
      net.forward(new Tensor([1, 8, 8, 1], image))
      const layer = net.graph.steps[hidden].call.y
      const output = net.predictOnBatch(new Tensor([1, 8, 8, 1], image)).data
      for (const unit of units) {
        const pass = passOf(net, name, image, unit)
        const { terms, bias, sum: total, output: found } = pass.unit
        expect(terms).toHaveLength(name === 'dense' ? 64 : 9)
        expect(sum(terms.map(({ input, weight }) => input * weight)) + bias).toBeCloseTo(total, 12)
        expect(found).toBe(Math.max(0, total))
        expect(found).toBeCloseTo(layer[unit.place * 8 + unit.filter], 5)
        pass.outputs.forEach((places, filter) => {
          places.forEach((value, place) => {
            expect(value).toBeCloseTo(layer[place * 8 + filter], 5)
          })
        })
        pass.answers.forEach(({ weight, share, others, bias, score, probability }, digit) => {
          expect(share).toBe(weight * found)
          expect(share + others + bias).toBeCloseTo(score, 12)
          expect(probability).toBeCloseTo(output[digit], 5)
        })
        const raised = pass.answers.map(({ score }) => Math.exp(score))
        pass.answers.forEach(({ probability }, digit) => {
          expect(raised[digit] / sum(raised)).toBeCloseTo(probability, 12)
        })
      }
    }
    expect(before + hidden).toBe(1)
  })

  test('some unit was on and some was off', () => {
    const outputs = passOf(race.nets[name], name, samples[0].image, units[0]).outputs.flat()
    expect(outputs.some(value => value > 0) && outputs.some(value => value === 0)).toBe(true)
  })
})

describe.each(netNames)('%s, backwards', name => {
  test.each([{ of: 'window', k: 4 }, { of: 'bias' }, { of: 'answer', digit: 3 }] as WeightAt[])(
    'the parts sum up to the gradient of the library: %j',
    at => {
      const net = race.nets[name]
      const images = Tensor.zeros([samples.length, 8, 8, 1])
      samples.forEach(({ image }, i) => {
        images.data.set(image, i * 64)
      })
      // d loss / d probability of the mean cross-entropy.
      const slopes = Tensor.zeros([samples.length, 10])
      const probabilities = net.forward(images, { training: true }).data
      samples.forEach(({ label }, i) => {
        slopes.data[i * 10 + label] = -1 / probabilities[i * 10 + label] / samples.length
      })
      net.backward(slopes)
      const gradients = net.gradients()
      let isSomewhere = false
      for (let place = 0; place < 36; place++)
        for (let filter = 0; filter < 8; filter++) {
          const unit = { place, filter }
          const where = name === 'dense' && at.of === 'window' ? ({ of: 'window', k: 27 } as const) : at
          const { parameter, index } = indexOf(name, unit, where)
          const found = gradientOf(net, name, unit, where, samples)
          expect(found.value).toBe(net.parameters[parameter].value[index])
          expect(found.gradient).toBeCloseTo(gradients[parameter].data[index], 5)
          for (const { parts, total } of found.samples) {
            expect(parts).toHaveLength(name === 'conv' && at.of !== 'answer' ? 36 : 1)
            expect(sum(parts.map(({ input, slope }) => input * slope))).toBeCloseTo(total, 12)
          }
          isSomewhere ||= Math.abs(found.gradient) > 0.01
        }
      expect(isSomewhere).toBe(true)
    },
  )
})
