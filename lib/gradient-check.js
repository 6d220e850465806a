// Are the gradients right? Every backward pass is compared with what forward itself says about slopes.
//
// Where the output is linear, the dot test ⟨A v, u⟩ = ⟨v, Aᵀ u⟩ checks all entries at once, exactly but for float32
// rounding. Elsewhere each entry is moved by ±step and the slope of ⟨output, u⟩ is taken. The cotangent u is random:
// with all ones, errors that cancel in the sum would pass (a softmax always sums to 1).
import { finite, knownOptions, positiveInteger, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import { dot } from './kernels/sums.ts'
import { standaloneContext } from './layers/layer.ts'
import { normal, resume, stream } from './random.ts'
import { Tensor } from './tensor.ts'

/** The share of entries that may lie at a kink before a check means nothing. */
const mostSkipped = 0.2
const dotTolerance = 1e-5
/**
 * Checks the gradients of a layer or model, in its input and in every trainable weight. Weights are moved and put
 * back; nothing else is changed.
 * @throws ArgumentError when the input's shape isn't known
 */
export function checkGradients(target, options = {}) {
  const known = ['inputShape', 'x', 'batchSize', 'seed', 'step', 'tolerance', 'training']
  knownOptions('checkGradients', options, known)
  const { seed = 0, step = 0.01, tolerance = 0.01, training = false } = options
  finite('step', step, 0)
  finite('tolerance', tolerance, 0)
  const x = options.x === undefined ? randomInput(target, options) : Tensor.from(options.x)
  if (!target.built) target.build([null, ...x.shape.slice(1)], standaloneContext(seed))
  const draws = target.randomStreams.map(layer => layer.random.state())
  const run = () => {
    target.randomStreams.forEach((layer, i) => {
      layer.random = resume(draws[i])
    })
    return target.forward(x, { training })
  }
  const y = run()
  const u = randomTensor(y.shape, stream(seed, 'cotangent'))
  const dx = target.backward(u)
  const variables = [
    ...(target.hasInputGradient ? [{ name: 'x', shape: x.shape, value: x.data, gradient: dx.data }] : []),
    ...target.trainableParameters.map(p => ({
      name: p.name,
      shape: p.shape,
      value: p.value,
      gradient: p.grad.slice(),
    })),
  ]
  const checks = variables.map(variable => {
    const { name, shape, value, gradient } = variable
    const entries = value.length
    const byDot = target.isLinear ? dotTest(run, u, value, gradient, stream(seed, 'direction', name)) : null
    const found = byDot?.passed
      ? { ...byDot, skipped: 0, worst: 0, analytic: byDot.analytic, numeric: byDot.numeric }
      : differences(run, u, value, gradient, step, tolerance)
    const allowed = byDot ? dotTolerance : tolerance
    const passed = byDot ? byDot.passed : found.error <= allowed && found.skipped <= mostSkipped * entries
    return {
      ...{ name, entries, passed, skipped: found.skipped, tolerance: allowed },
      method: byDot ? 'dot test' : 'central differences',
      error: byDot ? byDot.error : found.error,
      worst: { index: unravel(found.worst, shape), analytic: found.analytic, numeric: found.numeric },
    }
  })
  return { passed: checks.every(check => check.passed), checks, toString: () => checks.map(line).join('\n') }
}
/** ⟨f(v) − f(0), u⟩ against ⟨v, gradient⟩ for a random v, relative to the sizes of the vectors. */
function dotTest(run, u, value, gradient, random) {
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
/** The slope of ⟨output, u⟩ along every entry. */
function differences(run, u, value, gradient, step, tolerance) {
  const slope = (i, h) => {
    const kept = value[i]
    value[i] = kept + h
    const [above, high] = [dot(run().data, u.data, u.size), value[i]]
    value[i] = kept - h
    const [below, low] = [dot(run().data, u.data, u.size), value[i]]
    value[i] = kept
    return (above - below) / (high - low)
  }
  const size = Math.sqrt(dot(gradient, gradient, gradient.length) / Math.max(gradient.length, 1))
  const result = { error: 0, skipped: 0, worst: 0, analytic: gradient[0] ?? 0, numeric: gradient[0] ?? 0 }
  for (let i = 0; i < value.length; i++) {
    let [numeric, error, isKink] = [0, 0, false]
    // Where the slope depends on the step there is a kink: a shorter step may lie beside it. A wrong gradient differs
    // from slopes that agree.
    for (const h of [step, step / 8]) {
      numeric = slope(i, h)
      error = relative(gradient[i], numeric, size)
      isKink = error > tolerance && relative(numeric, slope(i, h / 2), size) > tolerance / 4
      if (!isKink) break
    }
    if (isKink) result.skipped++
    else if (error > result.error) Object.assign(result, { error, worst: i, analytic: gradient[i], numeric })
  }
  return result
}
/** How far two numbers are apart, relative to the larger or to a typical size; NaN is infinitely far. */
function relative(a, b, size) {
  const scale = Math.max(Math.abs(a), Math.abs(b), size)
  const error = scale === 0 ? 0 : Math.abs(a - b) / scale
  return Number.isNaN(error) ? Infinity : error
}
function randomInput(target, { inputShape, batchSize = 2, seed = 0 }) {
  positiveInteger('batchSize', batchSize)
  const known = target.built && target.inputShape ? target.inputShape.filter(n => n !== null) : inputShape
  if (known) return randomTensor([batchSize, ...known], stream(seed, 'x'))
  throw new ArgumentError(
    'inputShape',
    inputShape,
    `the shape of one sample, since ${target.name} is not built`,
  )
}
function randomTensor(shape, random) {
  return new Tensor(
    shape,
    new Float32Array(sizeOf(shape)).map(() => normal(random)),
  )
}
function unravel(offset, shape) {
  const index = []
  for (let axis = shape.length - 1, rest = offset; axis >= 0; axis--) {
    index.unshift(rest % shape[axis])
    rest = Math.floor(rest / shape[axis])
  }
  return index
}
function line({ name, method, passed, entries, skipped, error, tolerance, worst }) {
  const place = `worst at [${worst.index.join(', ')}]: backward ${worst.analytic}, forward ${worst.numeric}`
  const left = skipped > 0 ? `, ${skipped} at kinks skipped` : ''
  const verdict = `${passed ? 'passed' : 'FAILED'} (${entries} entries${left}, error ${error.toExponential(1)} of ${tolerance})`
  return `${name}: ${method} ${verdict}${passed && method === 'dot test' ? '' : `; ${place}`}`
}
