// Gradient check: compares the gradients from backward with slopes computed from forward alone.
//
// If the output is linear, the dot test ⟨A v, u⟩ = ⟨v, Aᵀ u⟩ checks all entries at once, exactly up to float32 rounding.
// Otherwise, the check moves each entry by ±step and takes the slope of ⟨output, u⟩. The cotangent u is random: with all
// ones, errors that cancel in the sum would go unnoticed (a softmax always sums to 1).

import {
  type BatchShape,
  boolean,
  shape as checkShape,
  finite,
  knownOptions,
  positiveInteger,
  type Shape,
  sizeOf,
} from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { normal, type Random, resume, type Seed, stream } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { dot } from '../kernels/sums.ts'
import type { Graph } from '../layers/graph.ts'
import { type LayerInput, standaloneContext } from '../layers/layer.ts'
import type { BuildContext } from '../layers/module.ts'
import type { Parameter } from '../weights/parameter.ts'

/** The members of a layer or model that `checkGradients` uses. */
export interface Differentiable {
  /** The name in the report. */
  readonly name: string
  /** Whether there are weights yet. */
  readonly built: boolean
  /** Whether the output is linear in each variable, so that the dot test is exact. */
  readonly isLinear: boolean
  /** Whether there is a gradient of the input. */
  readonly hasInputGradient: boolean
  /** The least and the largest number of inputs. */
  readonly inputCounts: readonly [number, number]
  /** The shapes of the inputs, batch first; `null` before the layer or model is built. */
  readonly inputShapes: readonly BatchShape[] | null
  /** The weights. */
  readonly parameters: readonly Parameter[]
  /** Makes the weights. @param inputShape batch first; of several inputs, a list */
  build(inputShape: BatchShape | readonly BatchShape[], context?: BuildContext): void
  /** An isolated graph of the layer or model. */
  probe(inputShapes: readonly Shape[]): Graph
}

/** The options of `checkGradients`. */
export interface GradientCheckOptions {
  /** The shape of one sample; of each input, if there are several. Required if the layer is not built. */
  readonly inputShape?: Shape | readonly Shape[]
  /** The batch to check at; a list, if there are several inputs. Default: random normal. */
  readonly x?: LayerInput
  /** Samples in the random batch. Default 2. */
  readonly batchSize?: number
  /** The seed of the random batch, the cotangent, and the weights of a layer that is not built. Default 0. */
  readonly seed?: Seed
  /** The step of the central differences. Default 0.01. */
  readonly step?: number
  /** The largest error allowed for central differences, relative to the gradient's size. Default 0.01. */
  readonly tolerance?: number
  /** Whether to run as in training. Default false. */
  readonly training?: boolean
}

/** The result for one variable. */
export interface GradientCheck {
  /** 'x' (of several inputs: 'x[0]', 'x[1]' …), or a weight's name. */
  readonly name: string
  /** How it was checked: exactly, where the output is linear in the variable, or by differences. */
  readonly method: 'dot test' | 'central differences'
  /** How many entries were checked. */
  readonly entries: number
  /** Entries that cannot be checked because the slope jumps within the step (a kink, as in relu). */
  readonly skipped: number
  /** The largest error, relative to the gradient's size. */
  readonly error: number
  /** The largest error allowed. */
  readonly tolerance: number
  /** Whether the error is within the tolerance. */
  readonly passed: boolean
  /** The entry with the largest error: its index, the gradient from backward, and the slope from forward. */
  readonly worst: { readonly index: readonly number[]; readonly analytic: number; readonly numeric: number }
}

/** The result of `checkGradients`. */
export interface GradientReport {
  /** Whether all checks passed. */
  readonly passed: boolean
  /** One for each variable. */
  readonly checks: readonly GradientCheck[]
  /** A line for each check. */
  toString(): string
}

/** The largest share of skipped entries with which a check can pass. */
const mostSkipped = 0.2
const dotTolerance = 1e-5
/** The number of entries at which rounding is measured. */
const mostProbes = 16
/** The largest rounding error tolerated, relative to the cotangent: some thousand roundings. */
const mostRounding = 2 ** -12

/**
 * Checks the gradients of a layer or model with respect to its input and every trainable weight. Restores all weights,
 * including moving averages, and uses its own buffers, gradients and random streams. Redraws a random batch, up to three
 * times, if too many entries are at kinks there.
 * @throws ArgumentError if the input's shape is not known
 */
export function checkGradients(target: Differentiable, options: GradientCheckOptions = {}): GradientReport {
  const known = ['inputShape', 'x', 'batchSize', 'seed', 'step', 'tolerance', 'training']
  knownOptions('checkGradients', options, known)
  const { seed = 0, step = 0.01, tolerance = 0.01, training = false } = options
  if (typeof target?.build !== 'function' || typeof target.probe !== 'function')
    throw new ArgumentError('target', target, 'a layer or a model')
  if (finite('step', step, 0) === 0) throw new ArgumentError('step', step, 'a positive number')
  finite('tolerance', tolerance, 0)
  const settings = { seed, step, tolerance, training: boolean('training', training) }
  if (options.x !== undefined) return checkAt(options.x, target, settings)
  for (let draw = 0; ; draw++) {
    const report = checkAt(randomInput(target, options, draw), target, settings)
    const isWrong = report.checks.some(({ error, tolerance }) => error > tolerance)
    if (report.passed || isWrong || draw === 3) return report
  }
}

function checkAt(input: LayerInput, target: Differentiable, settings: Settings): GradientReport {
  const given = hasSeveral(target) ? (input as readonly TensorLike[]) : [input as TensorLike]
  const xs = given.map(each => toTensor('x', each).clone())
  for (const x of xs) if (x.shape.length === 0) throw new ArgumentError('x', x, 'a batch: at least one axis')
  const shapes = xs.map(({ shape }) => shape.slice(1))
  if (!target.built) {
    const batches = shapes.map((shape): BatchShape => [null, ...shape])
    target.build(hasSeveral(target) ? batches : batches[0], standaloneContext(settings.seed))
  }
  const before = target.parameters.map(({ value }) => value.slice())
  const graph = target.probe(shapes)
  try {
    return check(target, graph, xs, settings)
  } finally {
    graph.dispose()
    target.parameters.forEach(({ value }, i) => {
      value.set(before[i])
    })
  }
}

/** Whether several inputs are given as a list. */
const hasSeveral = ({ inputCounts }: Differentiable) => inputCounts[1] > 1

interface Settings {
  readonly seed: Seed
  readonly step: number
  readonly tolerance: number
  readonly training: boolean
}

function check(target: Differentiable, graph: Graph, xs: readonly Tensor[], settings: Settings): GradientReport {
  const { seed, step, tolerance, training } = settings
  const draws = graph.streams.map(({ random }) => random.state())
  const run = () => {
    graph.streams.forEach((own, i) => {
      own.random = resume(draws[i])
    })
    return joined(graph.forward(xs, { training }))
  }

  const u = randomTensor(run().shape, stream(seed, 'cotangent'))
  const backward = (cotangent: Tensor) => {
    run()
    const dxs = graph.backward(partsLike(graph.outputs, cotangent, xs[0].shape[0]))
    const weights = graph.trainableParameters.map(({ gradient }) => gradient.array.slice())
    return target.hasInputGradient ? [...dxs.map(({ data }) => data), ...weights] : weights
  }
  backward(u)
  graph.spoil() // so that a layer fails if it adds to old gradients or omits entries
  const gradients = backward(u)
  const noises = roundingOf(backward, u, gradients)
  // All memory is allocated by now, so these arrays stay valid.
  const variables = [
    ...(target.hasInputGradient ? xs : []).map(({ shape, data }, i) => ({
      name: xs.length === 1 ? 'x' : `x[${i}]`,
      shape,
      value: data,
    })),
    ...graph.trainableParameters.map(({ name, shape, value }) => ({ name, shape, value })),
  ]
  const checks = variables.map(({ name, shape, value }, i) => {
    const gradient = gradients[i]
    const entries = value.length
    const byDot = target.isLinear ? dotTest(run, u, value, gradient, stream(seed, 'direction', name)) : null
    const found = byDot?.passed
      ? { ...byDot, skipped: 0, worst: 0 }
      : differences(run, u, value, gradient, noises[i], step, tolerance)
    const { skipped, worst, analytic, numeric } = found
    const { error } = byDot ?? found
    return {
      name,
      entries,
      skipped,
      error,
      method: byDot ? ('dot test' as const) : ('central differences' as const),
      tolerance: byDot ? dotTolerance : tolerance,
      passed: byDot ? byDot.passed : error <= tolerance && skipped <= mostSkipped * entries,
      worst: { index: unravel(worst, shape), analytic, numeric },
    }
  })
  return { passed: checks.every(check => check.passed), checks, toString: () => checks.map(line).join('\n') }
}

/** ⟨f(v) − f(0), u⟩ against ⟨v, gradient⟩ for a random v, relative to the sizes of the vectors. */
function dotTest(run: () => Tensor, u: Tensor, value: Float32Array, gradient: Float32Array, random: Random) {
  const kept = value.slice()
  value.fill(0)
  const origin = run()
  const v = value.map(() => normal(random))
  value.set(v)
  const change = run().data.map((y, i) => y - origin.data[i])
  value.set(kept)
  const numeric = dot(change, u.data, change.length)
  const analytic = dot(v, gradient, v.length)
  const size = Math.sqrt(dot(change, change, change.length) * dot(u.data, u.data, u.size))
  const error = relative(analytic, numeric, size)
  return { analytic, numeric, error, passed: error <= dotTolerance }
}

/**
 * Measures the rounding error of each gradient. Backward is linear in the cotangent: in exact arithmetic, the gradient for
 * `factor · u` is `factor` times that for `u`, so any deviation is rounding. This matters if large terms cancel: a bias
 * before BatchNormalization has the gradient 0, and float32 leaves only noise. Tolerates at most `mostRounding`.
 */
function roundingOf(
  backward: (cotangent: Tensor) => readonly Float32Array[],
  u: Tensor,
  gradients: readonly Float32Array[],
): number[] {
  const noises = gradients.map(() => 0)
  for (const factor of [0.6, 0.7, 0.9, 1.1, 1.3]) {
    const scaled = u.clone()
    scaled.data.forEach((v, i) => {
      scaled.data[i] = factor * v
    })
    backward(scaled).forEach((gradient, i) => {
      gradient.forEach((v, j) => {
        noises[i] = Math.max(noises[i], Math.abs(v / factor - gradients[i][j]))
      })
    })
  }
  const most = mostRounding * Math.sqrt(dot(u.data, u.data, u.size) / Math.max(u.size, 1))
  return noises.map(noise => Math.min(4 * noise, most))
}

/** Compares the slope of ⟨output, u⟩ along every entry with the gradient. @param rounding the gradient's error */
function differences(
  run: () => Tensor,
  u: Tensor,
  value: Float32Array,
  gradient: Float32Array,
  rounding: number,
  step: number,
  tolerance: number,
) {
  const sum = () => dot(run().data, u.data, u.size)
  const centre = sum()
  /** The slope across the entry, and the difference between the slopes to its right and left. */
  const slopes = (i: number, h: number) => {
    const kept = value[i]
    value[i] = kept + h
    const [above, high] = [sum(), value[i]]
    value[i] = kept - h
    const [below, low] = [sum(), value[i]]
    value[i] = kept
    const bend = (above - centre) / (high - kept) - (centre - below) / (kept - low)
    return { across: (above - below) / (high - low), bend }
  }
  // To estimate the sum's rounding error: with a tiny step, its second difference is only noise.
  const little = step / 1024
  const terms = run().data.map((y, i) => y * u.data[i])
  const bends: number[] = []
  for (let n = 0; n < mostProbes && value.length > 0; n++)
    bends.push(Math.abs(slopes(Math.floor((n * value.length) / mostProbes), little).bend))
  // The median, because a probe next to a kink measures the kink.
  const typical = bends.sort((a, b) => a - b)[bends.length >> 1] ?? 0
  const least = Math.max(2 ** -21 * Math.sqrt(dot(terms, terms, terms.length)), 4 * little * typical)
  const size = Math.sqrt(dot(gradient, gradient, gradient.length) / Math.max(gradient.length, 1))
  const result = { error: 0, skipped: 0, worst: 0, analytic: gradient[0] ?? 0, numeric: gradient[0] ?? 0 }
  for (let i = 0; i < value.length; i++) {
    let [numeric, error] = [0, 0]
    // If the slope depends on the step, or a shorter step bends no less, there is a kink, which an even shorter step may
    // avoid. A gradient is wrong if it deviates for every step and the last slopes agree with each other.
    const seen: boolean[] = [] // whether each step, compared with the one before, shows a kink
    let before: ReturnType<typeof slopes> | null = null
    for (const h of [step, step / 2, step / 4, step / 8, step / 16]) {
      const now = slopes(i, h)
      numeric = now.across
      if (before) {
        const noise = (little * typical) / h
        const bent = tolerance * Math.max(Math.abs(numeric), size) + 2 * noise
        const depends = relative(before.across, numeric, size, noise) > tolerance / 4
        seen.push(depends || isJump(before.bend, now.bend, bent))
      }
      error = relative(gradient[i], numeric, size, rounding + least / (seen.includes(true) ? h : step))
      if (error <= tolerance) break
      before = now
    }
    if (error > tolerance && seen.slice(-2).includes(true)) result.skipped++
    else if (error > result.error || i === 0) Object.assign(result, { error, worst: i, analytic: gradient[i], numeric })
  }
  return result
}

/** The bend of a curve shrinks with the step; that of a kink does not. */
const isJump = (wide: number, narrow: number, least: number) =>
  Math.abs(wide) > least && Math.abs(narrow) > 0.75 * Math.abs(wide)

/** |a − b| relative to the largest of |a|, |b| and `size`; 0 if |a − b| is within `rounding`, Infinity for NaN. */
function relative(a: number, b: number, size: number, rounding = 0): number {
  const scale = Math.max(Math.abs(a), Math.abs(b), size)
  const difference = Math.abs(a - b)
  const error = scale === 0 || difference <= rounding ? 0 : difference / scale
  return Number.isNaN(error) ? Infinity : error
}

function randomInput(
  target: Differentiable,
  { inputShape, batchSize = 2, seed = 0 }: GradientCheckOptions,
  draw: number,
): LayerInput {
  positiveInteger('batchSize', batchSize)
  const given = Array.isArray(inputShape) && !Array.isArray(inputShape[0]) ? [inputShape] : inputShape
  const known = target.inputShapes?.map(shape => shape.slice(1) as number[]) ?? given
  if (!Array.isArray(known))
    throw new ArgumentError('inputShape', inputShape, `the shape of one sample, since ${target.name} is not built`)
  const random = draw === 0 ? stream(seed, 'x') : stream(seed, 'x', draw)
  const xs = known.map(shape => randomTensor([batchSize, ...checkShape('inputShape', shape, 1)], random))
  return hasSeveral(target) ? xs : xs[0]
}

/** All numbers of several tensors, as one. */
function joined(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0]
  return Tensor.from(tensors.flatMap(({ data }) => [...data]))
}

/** Undoes `joined`: the numbers in a tensor for each output. */
function partsLike(outputs: readonly { readonly shape: Shape }[], { data }: Tensor, batch: number): Tensor[] {
  let at = 0
  return outputs.map(({ shape }) => {
    const from = at
    at += batch * sizeOf(shape)
    return new Tensor([batch, ...shape], data.slice(from, at))
  })
}

function randomTensor(shape: Shape, random: Random): Tensor {
  return new Tensor(
    shape,
    new Float32Array(sizeOf(shape)).map(() => normal(random)),
  )
}

function unravel(offset: number, shape: Shape): number[] {
  const index: number[] = []
  for (let axis = shape.length - 1, rest = offset; axis >= 0; axis--) {
    index.unshift(rest % shape[axis])
    rest = Math.floor(rest / shape[axis])
  }
  return index
}

function line({ name, method, passed, entries, skipped, error, tolerance, worst }: GradientCheck): string {
  const place = `worst at [${worst.index.join(', ')}]: backward ${worst.analytic}, forward ${worst.numeric}`
  const left = skipped > 0 ? `, ${skipped} at kinks skipped` : ''
  const verdict = `${passed ? 'passed' : 'FAILED'} (${entries} entries${left}, error ${error.toExponential(1)} of ${tolerance})`
  return `${name}: ${method} ${verdict}${passed && method === 'dot test' ? '' : `; ${place}`}`
}
