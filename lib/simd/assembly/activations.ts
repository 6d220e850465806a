// The activations of lib/kernels/activations.ts.

import { address, float, integer } from './scratch'
import { choose, erf, exp, sigmoid, softplus, tanh } from './math'
import { endOf, firstOf, write } from './elementwise'

// @ts-ignore: decorator
@inline
function all(x: f32): v128 {
  return f32x4.splat(x)
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b)
}

// @ts-ignore: decorator
@inline
function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b)
}

// @ts-ignore: decorator
@inline
function mul(a: v128, b: v128): v128 {
  return f32x4.mul(a, b)
}

// @ts-ignore: decorator
@inline
function isPositive(x: v128): v128 {
  return f32x4.gt(x, all(0))
}

const RELU = 0
const LEAKY_RELU = 1
const SIGMOID = 2
const HARD_SIGMOID = 3
const TANH = 4
const SOFTPLUS = 5
const SOFTSIGN = 6
const ELU = 7
const EXPONENTIAL = 8
const GELU = 9
const SWISH = 10
const BOUNDED_RELU = 11
const MISH = 12
const GELU_TANH = 13

const HARD_SLOPE: f32 = 0.2
const SQRT_HALF: f32 = 0.7071067811865476
const INV_SQRT_2PI: f32 = 0.3989422804014327

function normalDistribution(x: v128): v128 {
  return mul(add(all(1), erf(mul(x, all(SQRT_HALF)))), all(0.5))
}

const SQRT_2_PI: f32 = 0.7978845608028654
const CUBIC: f32 = 0.044715
const CUBIC_3: f32 = 0.134145
const TANH_IS_1: f32 = 7.90531110763549805

function geluTanhOf(x: v128): v128 {
  const argument = mul(all(SQRT_2_PI), add(x, mul(all(CUBIC), mul(mul(x, x), x))))
  const inside = choose(f32x4.lt(argument, all(-TANH_IS_1)), all(-1), tanh(argument))
  return choose(f32x4.gt(argument, all(TANH_IS_1)), all(1), inside)
}

/** y = f(x) of one activation, whose number is known when this is compiled. */
// @ts-ignore: decorator
@inline
function valueOf(f: i32, x: v128, a: v128, b: v128, c: v128): v128 {
  if (f === RELU) return f32x4.max(x, all(0))
  if (f === LEAKY_RELU) return choose(isPositive(x), x, mul(x, a))
  if (f === SIGMOID) return sigmoid(x)
  if (f === HARD_SIGMOID) {
    const z = add(mul(x, all(HARD_SLOPE)), all(0.5))
    // A comparison with NaN is false: NaN stays.
    return f32x4.pmin(f32x4.pmax(z, all(0)), all(1))
  }
  if (f === TANH) return tanh(x)
  if (f === SOFTPLUS) return softplus(x)
  if (f === SOFTSIGN) return f32x4.div(x, add(all(1), f32x4.abs(x)))
  if (f === ELU) {
    const below = mul(sub(exp(x), all(1)), mul(a, b))
    return choose(isPositive(x), mul(x, a), choose(f32x4.eq(x, all(0)), x, below))
  }
  if (f === EXPONENTIAL) return exp(x)
  if (f === GELU) return mul(x, normalDistribution(x))
  if (f === SWISH) return mul(x, sigmoid(x))
  if (f === MISH) return mul(x, tanh(softplus(x)))
  if (f === GELU_TANH) return mul(mul(x, all(0.5)), add(all(1), geluTanhOf(x)))
  // BOUNDED_RELU: a is alpha, b the maximum, c the threshold
  const minimum = choose(f32x4.lt(b, all(Infinity)), all(0), all(-Infinity))
  const dropped = choose(f32x4.eq(c, all(0)), all(0), mul(x, all(0)))
  const kept = choose(f32x4.le(x, c), dropped, x)
  const bounded = choose(f32x4.lt(kept, minimum), minimum, choose(f32x4.gt(kept, b), b, kept))
  const leaks = v128.and(f32x4.ne(a, all(0)), f32x4.lt(x, c))
  return choose(leaks, sub(bounded, mul(sub(c, x), a)), bounded)
}

/** dx = dy · f′(x); y is f(x). */
// @ts-ignore: decorator
@inline
function slopeOf(f: i32, dy: v128, x: v128, y: v128, a: v128, b: v128, c: v128): v128 {
  if (f === RELU) return v128.and(isPositive(x), dy)
  if (f === LEAKY_RELU) return choose(isPositive(x), dy, mul(dy, a))
  if (f === SIGMOID) return mul(mul(dy, y), sub(all(1), y))
  if (f === HARD_SIGMOID) {
    const z = add(mul(x, all(HARD_SLOPE)), all(0.5))
    return v128.and(v128.and(f32x4.ge(z, all(0)), f32x4.le(z, all(1))), mul(dy, all(HARD_SLOPE)))
  }
  if (f === TANH) return mul(dy, sub(all(1), mul(y, y)))
  if (f === SOFTPLUS) return mul(dy, sigmoid(x))
  if (f === SOFTSIGN) {
    const d = add(all(1), f32x4.abs(x))
    return f32x4.div(f32x4.div(dy, d), d)
  }
  if (f === ELU) {
    const below = choose(f32x4.eq(y, all(0)), mul(dy, c), mul(dy, add(y, mul(a, b))))
    return choose(isPositive(x), mul(dy, a), below)
  }
  if (f === EXPONENTIAL) return mul(dy, y)
  if (f === GELU) {
    const density = mul(exp(mul(mul(x, x), all(-0.5))), all(INV_SQRT_2PI))
    return mul(dy, add(normalDistribution(x), mul(x, density)))
  }
  if (f === SWISH) {
    const s = sigmoid(x)
    return mul(dy, mul(s, add(all(1), mul(x, sub(all(1), s)))))
  }
  if (f === MISH) {
    const t = tanh(softplus(x))
    const rest = mul(mul(x, sub(all(1), mul(t, t))), sigmoid(x))
    return mul(dy, add(t, rest))
  }
  if (f === GELU_TANH) {
    const t = geluTanhOf(x)
    const inner = mul(all(SQRT_2_PI), add(all(1), mul(all(CUBIC_3), mul(x, x))))
    const steep = mul(mul(x, all(0.5)), mul(sub(all(1), mul(t, t)), inner))
    return mul(dy, add(mul(add(all(1), t), all(0.5)), steep))
  }
  // BOUNDED_RELU
  const minimum = choose(f32x4.lt(b, all(Infinity)), all(0), all(-Infinity))
  const isRelu6 = v128.and(f32x4.eq(b, all(6)), f32x4.eq(c, all(0)))
  const atMost = v128.or(f32x4.lt(x, b), v128.andnot(f32x4.eq(x, b), isRelu6))
  const inside = v128.and(f32x4.ge(x, minimum), atMost)
  const below = v128.and(f32x4.lt(x, c), mul(dy, a))
  return choose(f32x4.gt(x, c), v128.and(inside, dy), below)
}

// @ts-ignore: decorator
@inline
function forward(f: i32, from: i32, to: i32): void {
  const y = address(0)
  const x = address(1)
  const end = endOf(to, integer(2))
  const a = all(float(3))
  const b = all(float(4))
  const c = all(float(5))
  for (let i = firstOf(from); i < end; i += 16) write(y, i, end, valueOf(f, v128.load(x + i), a, b, c))
}

// @ts-ignore: decorator
@inline
function backward(f: i32, from: i32, to: i32): void {
  const dx = address(0)
  const dy = address(1)
  const x = address(2)
  const y = address(3)
  const end = endOf(to, integer(4))
  const a = all(float(5))
  const b = all(float(6))
  const c = all(float(7))
  for (let i = firstOf(from); i < end; i += 16)
    write(dx, i, end, slopeOf(f, v128.load(dy + i), v128.load(x + i), v128.load(y + i), a, b, c))
}

export function reluForward(from: i32, to: i32, scratch: usize): void {
  forward(RELU, from, to)
}
export function reluBackward(from: i32, to: i32, scratch: usize): void {
  backward(RELU, from, to)
}
export function leakyReluForward(from: i32, to: i32, scratch: usize): void {
  forward(LEAKY_RELU, from, to)
}
export function leakyReluBackward(from: i32, to: i32, scratch: usize): void {
  backward(LEAKY_RELU, from, to)
}
export function sigmoidForward(from: i32, to: i32, scratch: usize): void {
  forward(SIGMOID, from, to)
}
export function sigmoidBackward(from: i32, to: i32, scratch: usize): void {
  backward(SIGMOID, from, to)
}
export function hardSigmoidForward(from: i32, to: i32, scratch: usize): void {
  forward(HARD_SIGMOID, from, to)
}
export function hardSigmoidBackward(from: i32, to: i32, scratch: usize): void {
  backward(HARD_SIGMOID, from, to)
}
export function tanhForward(from: i32, to: i32, scratch: usize): void {
  forward(TANH, from, to)
}
export function tanhBackward(from: i32, to: i32, scratch: usize): void {
  backward(TANH, from, to)
}
export function softplusForward(from: i32, to: i32, scratch: usize): void {
  forward(SOFTPLUS, from, to)
}
export function softplusBackward(from: i32, to: i32, scratch: usize): void {
  backward(SOFTPLUS, from, to)
}
export function softsignForward(from: i32, to: i32, scratch: usize): void {
  forward(SOFTSIGN, from, to)
}
export function softsignBackward(from: i32, to: i32, scratch: usize): void {
  backward(SOFTSIGN, from, to)
}
export function eluForward(from: i32, to: i32, scratch: usize): void {
  forward(ELU, from, to)
}
export function eluBackward(from: i32, to: i32, scratch: usize): void {
  backward(ELU, from, to)
}
export function exponentialForward(from: i32, to: i32, scratch: usize): void {
  forward(EXPONENTIAL, from, to)
}
export function exponentialBackward(from: i32, to: i32, scratch: usize): void {
  backward(EXPONENTIAL, from, to)
}
export function geluForward(from: i32, to: i32, scratch: usize): void {
  forward(GELU, from, to)
}
export function geluBackward(from: i32, to: i32, scratch: usize): void {
  backward(GELU, from, to)
}
export function swishForward(from: i32, to: i32, scratch: usize): void {
  forward(SWISH, from, to)
}
export function swishBackward(from: i32, to: i32, scratch: usize): void {
  backward(SWISH, from, to)
}
export function boundedReluForward(from: i32, to: i32, scratch: usize): void {
  forward(BOUNDED_RELU, from, to)
}
export function boundedReluBackward(from: i32, to: i32, scratch: usize): void {
  backward(BOUNDED_RELU, from, to)
}
export function mishForward(from: i32, to: i32, scratch: usize): void {
  forward(MISH, from, to)
}
export function mishBackward(from: i32, to: i32, scratch: usize): void {
  backward(MISH, from, to)
}
export function geluTanhForward(from: i32, to: i32, scratch: usize): void {
  forward(GELU_TANH, from, to)
}
export function geluTanhBackward(from: i32, to: i32, scratch: usize): void {
  backward(GELU_TANH, from, to)
}
