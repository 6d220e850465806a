// The activation kernels: y = f(x), and dx = dy · f′(x). Edge cases (0, ±∞, NaN, discontinuous slopes) follow Keras 2
// on TensorFlow. dx may be the same array as dy.

import { erf, exp, log, sigmoid as sigmoidOf, softplus as softplusOf, tanh as tanhOf } from '../core/math.ts'

const { fround, abs } = Math

/** An elementwise activation; `a`, `b`, `c` are its options, in the order its comment lists them. */
export interface ElementwiseKernel {
  readonly name: string
  forward(y: Float32Array, x: Float32Array, n: number, a: number, b: number, c: number): void
  backward(
    dx: Float32Array, // written
    dy: Float32Array,
    x: Float32Array,
    y: Float32Array,
    n: number,
    a: number,
    b: number,
    c: number,
  ): void
}

/** An activation of rows, each `length` numbers with stride `inner`, in `outer` blocks. */
export interface RowKernel {
  readonly name: string
  forward(y: Float32Array, x: Float32Array, outer: number, length: number, inner: number): void
  backward(dx: Float32Array, dy: Float32Array, y: Float32Array, outer: number, length: number, inner: number): void
}

/** max(x, 0) */
export const relu: ElementwiseKernel = {
  name: 'activations.elementwise.relu',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : x[i] <= 0 ? 0 : x[i]
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : 0
  },
}

/** x if positive, else alpha·x. Options: alpha. */
export const leakyRelu: ElementwiseKernel = {
  name: 'activations.elementwise.leakyRelu',
  forward(y, x, n, alpha) {
    for (let i = 0; i < n; i++) y[i] = x[i] > 0 ? x[i] : x[i] * alpha
  },
  backward(dx, dy, x, _y, n, alpha) {
    for (let i = 0; i < n; i++) dx[i] = x[i] > 0 ? dy[i] : dy[i] * alpha
  },
}

/**
 * x above the threshold, else 0; with a maximum, clipped to [0, maximum]; below the threshold, alpha·(threshold − x) is
 * subtracted. Options: alpha, maximum (∞: none), threshold.
 */
export const boundedRelu: ElementwiseKernel = {
  name: 'activations.elementwise.boundedRelu',
  forward(y, x, n, alpha, maximum, threshold) {
    const minimum = maximum < Infinity ? 0 : -Infinity
    for (let i = 0; i < n; i++) {
      const xi = x[i]
      let kept = xi
      if (xi <= threshold) kept = threshold === 0 ? 0 : xi * 0 // with a non-zero threshold, −∞ becomes NaN, as in Keras
      const bounded = kept < minimum ? minimum : kept > maximum ? maximum : kept
      y[i] = alpha !== 0 && xi < threshold ? bounded - fround(fround(threshold - xi) * alpha) : bounded
    }
  },
  /** The slope at the maximum is 1, but 0 for relu6. */
  backward(dx, dy, x, _y, n, alpha, maximum, threshold) {
    const minimum = maximum < Infinity ? 0 : -Infinity
    const isRelu6 = maximum === 6 && threshold === 0
    for (let i = 0; i < n; i++) {
      const xi = x[i]
      const inside = xi >= minimum && (xi < maximum || (xi === maximum && !isRelu6))
      if (xi > threshold) dx[i] = inside ? dy[i] : 0
      else dx[i] = xi < threshold ? dy[i] * alpha : 0
    }
  },
}

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: ElementwiseKernel = {
  name: 'activations.elementwise.sigmoid',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = sigmoidOf(x[i])
  },
  backward(dx, dy, _x, y, n) {
    for (let i = 0; i < n; i++) dx[i] = fround(dy[i] * y[i]) * fround(1 - y[i])
  },
}

/** 0.2·x + 0.5, clipped to [0, 1] */
export const hardSigmoid: ElementwiseKernel = {
  name: 'activations.elementwise.hardSigmoid',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) {
      const z = fround(fround(x[i] * slope) + 0.5)
      y[i] = z < 0 ? 0 : z > 1 ? 1 : z
    }
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const z = fround(fround(x[i] * slope) + 0.5)
      dx[i] = z >= 0 && z <= 1 ? dy[i] * slope : 0
    }
  },
}
const slope = /* @__PURE__ */ fround(0.2)

export const tanh: ElementwiseKernel = {
  name: 'activations.elementwise.tanh',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = tanhOf(x[i])
  },
  backward(dx, dy, _x, y, n) {
    for (let i = 0; i < n; i++) dx[i] = dy[i] * fround(1 - fround(y[i] * y[i]))
  },
}

/** log(1 + eˣ) */
export const softplus: ElementwiseKernel = {
  name: 'activations.elementwise.softplus',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = softplusOf(x[i])
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) dx[i] = dy[i] * sigmoidOf(x[i])
  },
}

/** x / (1 + |x|) */
export const softsign: ElementwiseKernel = {
  name: 'activations.elementwise.softsign',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = x[i] / fround(1 + abs(x[i]))
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const d = fround(1 + abs(x[i]))
      dx[i] = fround(dy[i] / d) / d
    }
  },
}

/** scale·x if x is positive, else scale·alpha·(eˣ − 1). Options: scale, alpha, the slope at 0. */
export const elu: ElementwiseKernel = {
  name: 'activations.elementwise.elu',
  forward(y, x, n, scale, alpha) {
    const below = fround(scale * alpha)
    for (let i = 0; i < n; i++) {
      const xi = x[i]
      if (xi > 0) y[i] = xi * scale
      else y[i] = xi === 0 ? xi : fround(exp(xi) - 1) * below
    }
  },
  backward(dx, dy, x, y, n, scale, alpha, atZero) {
    const below = fround(scale * alpha)
    for (let i = 0; i < n; i++) {
      if (x[i] > 0) dx[i] = dy[i] * scale
      else dx[i] = y[i] === 0 ? dy[i] * atZero : dy[i] * fround(y[i] + below)
    }
  },
}

export const exponential: ElementwiseKernel = {
  name: 'activations.elementwise.exponential',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = exp(x[i])
  },
  backward(dx, dy, _x, y, n) {
    for (let i = 0; i < n; i++) dx[i] = dy[i] * y[i]
  },
}

/** x·Φ(x) = ½·x·(1 + erf(x/√2)), where Φ is the cumulative distribution function of the standard normal */
export const gelu: ElementwiseKernel = {
  name: 'activations.elementwise.gelu',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = x[i] * normalDistribution(x[i])
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const density = fround(exp(fround(fround(x[i] * x[i]) * -0.5)) * INV_SQRT_2PI)
      dx[i] = dy[i] * fround(normalDistribution(x[i]) + fround(x[i] * density))
    }
  },
}
const SQRT_HALF = /* @__PURE__ */ fround(Math.SQRT1_2)
const INV_SQRT_2PI = /* @__PURE__ */ fround(0.3989422804014327)
const normalDistribution = (x: number) => fround(fround(1 + erf(fround(x * SQRT_HALF))) * 0.5)

/** ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
export const geluTanh: ElementwiseKernel = {
  name: 'activations.elementwise.geluTanh',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = fround(x[i] * 0.5) * fround(1 + geluTanhOf(x[i]))
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const t = geluTanhOf(x[i])
      const inner = fround(SQRT_2_PI * fround(1 + fround(CUBIC_3 * fround(x[i] * x[i])))) // d argument / dx
      const steep = fround(fround(x[i] * 0.5) * fround(fround(1 - fround(t * t)) * inner))
      dx[i] = dy[i] * fround(fround(fround(1 + t) * 0.5) + steep)
    }
  },
}
const SQRT_2_PI = /* @__PURE__ */ fround(0.7978845608028654)
const CUBIC = /* @__PURE__ */ fround(0.044715)
const CUBIC_3 = /* @__PURE__ */ fround(3 * 0.044715)
/** Like TensorFlow's tanh, returns ±1 beyond ±7.905; the steep factor in the gradient would amplify a difference. */
function geluTanhOf(x: number): number {
  const argument = fround(SQRT_2_PI * fround(x + fround(CUBIC * fround(fround(x * x) * x))))
  return argument > TANH_IS_1 ? 1 : argument < -TANH_IS_1 ? -1 : tanhOf(argument)
}
const TANH_IS_1 = /* @__PURE__ */ fround(7.90531110763549805)

/** x·sigmoid(x), also called silu */
export const swish: ElementwiseKernel = {
  name: 'activations.elementwise.swish',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = x[i] * sigmoidOf(x[i])
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const s = sigmoidOf(x[i])
      dx[i] = dy[i] * fround(s * fround(1 + fround(x[i] * fround(1 - s))))
    }
  },
}

/** x·tanh(softplus(x)) */
export const mish: ElementwiseKernel = {
  name: 'activations.elementwise.mish',
  forward(y, x, n) {
    for (let i = 0; i < n; i++) y[i] = x[i] * tanhOf(softplusOf(x[i]))
  },
  backward(dx, dy, x, _y, n) {
    for (let i = 0; i < n; i++) {
      const t = tanhOf(softplusOf(x[i]))
      const rest = fround(fround(x[i] * fround(1 - fround(t * t))) * sigmoidOf(x[i]))
      dx[i] = dy[i] * fround(t + rest)
    }
  },
}

/** e^(x − max), divided by its sum */
export const softmax: RowKernel = {
  name: 'activations.rows.softmax',
  forward(y, x, outer, length, inner) {
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < inner; j++) {
        const row = o * length * inner + j
        const top = maximum(x, row, length, inner)
        let sum = 0
        for (let k = 0, i = row; k < length; k++, i += inner) {
          y[i] = exp(fround(x[i] - top))
          sum = fround(sum + y[i])
        }
        for (let k = 0, i = row; k < length; k++, i += inner) y[i] = y[i] / sum
      }
  },
  backward(dx, dy, y, outer, length, inner) {
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < inner; j++) {
        const row = o * length * inner + j
        let sum = 0
        for (let k = 0, i = row; k < length; k++, i += inner) sum = fround(sum + fround(dy[i] * y[i]))
        for (let k = 0, i = row; k < length; k++, i += inner) dx[i] = fround(dy[i] - sum) * y[i]
      }
  },
}

/** x − max − log Σ e^(x − max) */
export const logSoftmax: RowKernel = {
  name: 'activations.rows.logSoftmax',
  forward(y, x, outer, length, inner) {
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < inner; j++) {
        const row = o * length * inner + j
        const top = maximum(x, row, length, inner)
        let sum = 0
        for (let k = 0, i = row; k < length; k++, i += inner) sum = fround(sum + exp(fround(x[i] - top)))
        const logSum = log(sum)
        for (let k = 0, i = row; k < length; k++, i += inner) y[i] = fround(x[i] - top) - logSum
      }
  },
  backward(dx, dy, y, outer, length, inner) {
    for (let o = 0; o < outer; o++)
      for (let j = 0; j < inner; j++) {
        const row = o * length * inner + j
        let sum = 0
        for (let k = 0, i = row; k < length; k++, i += inner) sum = fround(sum + dy[i])
        for (let k = 0, i = row; k < length; k++, i += inner) dx[i] = dy[i] - fround(exp(y[i]) * sum)
      }
  },
}

/** The largest number of a row; arbitrary for rows with NaN, whose result is NaN anyway. */
function maximum(x: Float32Array, row: number, length: number, inner: number): number {
  let top = x[row]
  for (let k = 1, i = row + inner; k < length; k++, i += inner) if (x[i] > top) top = x[i]
  return top
}
