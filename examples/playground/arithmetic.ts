// The arithmetic of a net, written out: every product of one hidden unit and its share in each answer; backwards, the
// places and pictures that contribute to the gradient of one weight. All sums are of the numbers shown.

import { type Sequential, Tensor } from 'unshared'
import { digitsTask, type NetName, placesOf } from './nets.ts'
import { indexOf, pixelsSeen, type Unit, unitIndex, type WeightAt } from './wiring.ts'

const { side, filters, classes } = digitsTask
const places = placesOf(digitsTask) ** 2

/** A hidden unit at work. */
export interface UnitPass {
  /** The pixels of its window, each with its weight. */
  readonly terms: readonly { readonly pixel: number; readonly input: number; readonly weight: number }[]
  readonly bias: number
  /** The sum of all products and the bias. */
  readonly sum: number
  /** The sum after relu. */
  readonly output: number
}

/** An answer, and the unit's share in it: weight · output. */
export interface AnswerPass {
  readonly weight: number
  readonly share: number
  /** The sum of the contributions of all other units. */
  readonly others: number
  readonly bias: number
  /** share + others + bias */
  readonly score: number
  /** e to the score, divided by the sum of the same of all answers. */
  readonly probability: number
}

export interface Pass {
  /** The outputs of all hidden units: a list for each filter, in the order of the places. */
  readonly outputs: readonly (readonly number[])[]
  readonly unit: UnitPass
  readonly answers: readonly AnswerPass[]
}

export function passOf(net: Sequential, name: NetName, image: ArrayLike<number>, unit: Unit): Pass {
  const { outputs, scores, probabilities } = run(net, name, image)
  const [, , outKernel, outBias] = net.parameters.map(({ value }) => value)
  const own = unitPass(net, name, image, unit)
  const answers = scores.map((score, digit) => {
    const weight = outKernel[unitIndex(unit) * classes + digit]
    const share = weight * own.output
    const bias = outBias[digit]
    return { weight, share, others: score - share - bias, bias, score, probability: probabilities[digit] }
  })
  const filterOutputs = (filter: number) =>
    Array.from({ length: places }, (_, place) => outputs[place * filters + filter])
  return { outputs: Array.from({ length: filters }, (_, filter) => filterOutputs(filter)), unit: own, answers }
}

function unitPass(net: Sequential, name: NetName, image: ArrayLike<number>, unit: Unit): UnitPass {
  const [kernel, biases] = net.parameters.map(({ value }) => value)
  const terms = pixelsSeen(name, unit.place).map((pixel, k) => ({
    pixel,
    input: image[pixel],
    weight: kernel[indexOf(name, unit, { of: 'window', k }).index],
  }))
  const bias = biases[indexOf(name, unit, { of: 'bias' }).index]
  const sum = terms.reduce((sum, { input, weight }) => sum + input * weight, bias)
  return { terms, bias, sum, output: Math.max(0, sum) }
}

function run(net: Sequential, name: NetName, image: ArrayLike<number>) {
  const [kernel, biases, outKernel, outBias] = net.parameters.map(({ value }) => value)
  const seen = Array.from({ length: places }, (_, place) => pixelsSeen(name, place))
  const outputs = Array.from({ length: places * filters }, (_, i) => {
    const unit = { place: Math.floor(i / filters), filter: i % filters }
    let sum = biases[indexOf(name, unit, { of: 'bias' }).index]
    const first = indexOf(name, unit, { of: 'window', k: 0 }).index
    const step = name === 'dense' ? places * filters : filters
    seen[unit.place].forEach((pixel, k) => {
      sum += image[pixel] * kernel[first + k * step]
    })
    return Math.max(0, sum)
  })
  const scores = Array.from(outBias, (bias, digit) =>
    outputs.reduce((sum, output, i) => sum + output * outKernel[i * classes + digit], bias),
  )
  const most = Math.max(...scores)
  const raised = scores.map(score => Math.exp(score - most))
  const total = raised.reduce((sum, value) => sum + value, 0)
  return { outputs, scores, probabilities: raised.map(value => value / total) }
}

export interface Sample {
  readonly image: ArrayLike<number>
  readonly label: number
}

/** The contribution of one picture to the gradient of a weight, before the mean over the pictures. */
export interface SampleGradient {
  readonly label: number
  /** Of each place that uses the weight: the pixel under it (of a bias, 1; of an answer's weight, what the unit gives) … */
  readonly parts: readonly {
    readonly place: number
    readonly input: number
    /** … and how the loss changes with the sum that the product is part of. */
    readonly slope: number
  }[]
  /** The sum of input · slope over the parts. */
  readonly total: number
}

export interface WeightGradient {
  readonly value: number
  readonly samples: readonly SampleGradient[]
  /** The mean of their totals: the gradient that training uses for these pictures. */
  readonly gradient: number
}

/** Where the gradient of the cross-entropy with respect to one weight comes from. */
export function gradientOf(
  net: Sequential,
  name: NetName,
  unit: Unit,
  at: WeightAt,
  samples: readonly Sample[],
): WeightGradient {
  const outKernel = net.parameters[2].value
  const found = samples.map(({ image, label }) => {
    const { outputs, probabilities } = run(net, name, image)
    const errors = probabilities.map((p, digit) => p - Number(digit === label))
    /** A unit that is off passes nothing back. */
    const slopeAt = (place: number) => {
      const index = unitIndex({ place, filter: unit.filter })
      if (outputs[index] <= 0) return 0
      return errors.reduce((sum, error, digit) => sum + outKernel[index * classes + digit] * error, 0)
    }
    const users = name === 'conv' ? Array.from({ length: places }, (_, place) => place) : [unit.place]
    const parts =
      at.of === 'answer'
        ? [{ place: unit.place, input: outputs[unitIndex(unit)], slope: errors[at.digit] }]
        : users.map(place => ({
            place,
            input: at.of === 'bias' ? 1 : image[pixelsSeen(name, place)[at.k]],
            slope: slopeAt(place),
          }))
    return { label, parts, total: parts.reduce((sum, { input, slope }) => sum + input * slope, 0) }
  })
  const { parameter, index } = indexOf(name, unit, at)
  const gradient = found.reduce((sum, { total }) => sum + total, 0) / samples.length
  return { value: net.parameters[parameter].value[index], samples: found, gradient }
}

/** The same by the library's own backward pass, to compare with. */
export function libraryGradient(
  net: Sequential,
  name: NetName,
  unit: Unit,
  at: WeightAt,
  samples: readonly Sample[],
): number {
  const x = Tensor.zeros([samples.length, side, side, 1])
  samples.forEach(({ image }, i) => {
    x.data.set(image, i * side * side)
  })
  const probabilities = net.forward(x, { training: true }).data
  // The slope of the mean cross-entropy along the probability of the right answer; along the others there is none.
  const slopes = Tensor.zeros([samples.length, classes])
  samples.forEach(({ label }, i) => {
    slopes.data[i * classes + label] = -1 / (probabilities[i * classes + label] * samples.length)
  })
  net.backward(slopes)
  const { parameter, index } = indexOf(name, unit, at)
  return net.gradients()[parameter].data[index]
}
