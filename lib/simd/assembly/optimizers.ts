// The steps of lib/kernels/optimizers.ts. Arguments, in the same order as there: arrays, their length, then numbers.

import { address, float, integer } from './scratch'
import { choose } from './math'
import { endOf, firstOf } from './elementwise'

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
function div(a: v128, b: v128): v128 {
  return f32x4.div(a, b)
}

/** Replaces subnormal numbers with 0, so that decaying state doesn't stay in the slow subnormal range. */
// @ts-ignore: decorator
@inline
function fading(x: v128): v128 {
  return v128.andnot(x, f32x4.lt(f32x4.abs(x), all(f32.MIN_NORMAL_VALUE)))
}

export function sgd(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const g = address(1)
  const end = endOf(to, integer(2))
  const lr = all(float(3))
  // If lr · 0 is +0, a gradient of +0 leaves its weight unchanged, so the weight need not be read. Most gradients of a
  // dense locally connected kernel are +0.
  const zeroStays = !v128.any_true(mul(lr, all(0)))
  let i = firstOf(from)
  while (i < end) {
    if (zeroStays)
      while (i + 64 <= end) {
        const at = g + i
        const a = v128.or(v128.load(at), v128.load(at, 16))
        const b = v128.or(v128.load(at, 32), v128.load(at, 48))
        if (v128.any_true(v128.or(a, b))) break
        i += 64
      }
    const stop = min(i + 64, end)
    for (; i < stop; i += 16) v128.store(w + i, sub(v128.load(w + i), mul(lr, v128.load(g + i))))
  }
}

/** Uses Nesterov momentum if the last argument is 1. */
export function sgdMomentum(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const v = address(1)
  const g = address(2)
  const end = endOf(to, integer(3))
  const lr = all(float(4))
  const momentum = all(float(5))
  const nesterov = integer(6)
  for (let i = firstOf(from); i < end; i += 16) {
    const step = mul(lr, v128.load(g + i))
    const next = fading(sub(mul(momentum, v128.load(v + i)), step))
    v128.store(v + i, next)
    v128.store(w + i, add(v128.load(w + i), nesterov ? sub(mul(momentum, next), step) : next))
  }
}

export function lion(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const m = address(1)
  const g = address(2)
  const end = endOf(to, integer(3))
  const lr = all(float(4))
  const beta1 = all(float(5))
  const beta2 = all(float(6))
  const rest1 = sub(all(1), beta1)
  const rest2 = sub(all(1), beta2)
  for (let i = firstOf(from); i < end; i += 16) {
    const mi = v128.load(m + i)
    const gi = v128.load(g + i)
    const way = add(mul(mi, beta1), mul(gi, rest1))
    // ±1, or `way` itself if it is ±0 or NaN.
    const sign = choose(f32x4.gt(way, all(0)), all(1), choose(f32x4.lt(way, all(0)), all(-1), way))
    v128.store(w + i, sub(v128.load(w + i), mul(lr, sign)))
    v128.store(m + i, fading(add(mul(mi, beta2), mul(gi, rest2))))
  }
}

export function adagrad(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const a = address(1)
  const g = address(2)
  const end = endOf(to, integer(3))
  const lr = all(float(4))
  const epsilon = all(float(5))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const sum = add(v128.load(a + i), mul(gi, gi))
    v128.store(a + i, sum)
    v128.store(w + i, sub(v128.load(w + i), div(mul(lr, gi), f32x4.sqrt(add(sum, epsilon)))))
  }
}

export function rmsprop(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const v = address(1)
  const g = address(2)
  const end = endOf(to, integer(3))
  const lr = all(float(4))
  const rho = all(float(5))
  const rest = all(float(6))
  const epsilon = all(float(7))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const next = fading(add(mul(rho, v128.load(v + i)), mul(rest, mul(gi, gi))))
    const root = f32x4.sqrt(add(next, epsilon))
    v128.store(v + i, next)
    v128.store(w + i, sub(v128.load(w + i), mul(mul(lr, gi), div(all(1), root))))
  }
}

export function adadelta(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const a = address(1)
  const d = address(2)
  const g = address(3)
  const end = endOf(to, integer(4))
  const lr = all(float(5))
  const rho = all(float(6))
  const rest = all(float(7))
  const epsilon = all(float(8))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const di = v128.load(d + i)
    const sum = fading(add(mul(rho, v128.load(a + i)), mul(mul(rest, gi), gi)))
    const rootD = f32x4.sqrt(add(di, epsilon))
    const delta = div(mul(f32x4.neg(rootD), gi), f32x4.sqrt(add(sum, epsilon)))
    v128.store(a + i, sum)
    v128.store(d + i, fading(add(mul(rho, di), mul(mul(rest, delta), delta))))
    v128.store(w + i, add(v128.load(w + i), mul(lr, delta)))
  }
}

export function adam(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const m = address(1)
  const v = address(2)
  const g = address(3)
  const end = endOf(to, integer(4))
  const alpha = all(float(5))
  const rest1 = all(float(6))
  const rest2 = all(float(7))
  const epsilon = all(float(8))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    // The root takes longest, so its argument comes first.
    const vi = v128.load(v + i)
    const square = fading(add(vi, mul(sub(mul(gi, gi), vi), rest2)))
    const mi = v128.load(m + i)
    const mean = fading(add(mi, mul(sub(gi, mi), rest1)))
    v128.store(m + i, mean)
    v128.store(v + i, square)
    v128.store(w + i, sub(v128.load(w + i), div(mul(mean, alpha), add(f32x4.sqrt(square), epsilon))))
  }
}

export function amsgrad(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const m = address(1)
  const v = address(2)
  const u = address(3)
  const g = address(4)
  const end = endOf(to, integer(5))
  const alpha = all(float(6))
  const rest1 = all(float(7))
  const rest2 = all(float(8))
  const epsilon = all(float(9))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const mi = v128.load(m + i)
    const vi = v128.load(v + i)
    const mean = fading(add(mi, mul(sub(gi, mi), rest1)))
    const square = fading(add(vi, mul(sub(mul(gi, gi), vi), rest2)))
    const most = f32x4.max(v128.load(u + i), square)
    v128.store(m + i, mean)
    v128.store(v + i, square)
    v128.store(u + i, most)
    v128.store(w + i, sub(v128.load(w + i), div(mul(mean, alpha), add(f32x4.sqrt(most), epsilon))))
  }
}

export function adamax(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const m = address(1)
  const u = address(2)
  const g = address(3)
  const end = endOf(to, integer(4))
  const lr = all(float(5))
  const rest1 = all(float(6))
  const restPower = all(float(7))
  const beta2 = all(float(8))
  const epsilon = all(float(9))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const mi = v128.load(m + i)
    const mean = fading(add(mi, mul(sub(gi, mi), rest1)))
    const most = fading(f32x4.max(mul(beta2, v128.load(u + i)), f32x4.abs(gi)))
    v128.store(m + i, mean)
    v128.store(u + i, most)
    v128.store(w + i, sub(v128.load(w + i), div(mul(lr, mean), mul(restPower, add(most, epsilon)))))
  }
}

export function nadam(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const m = address(1)
  const v = address(2)
  const g = address(3)
  const end = endOf(to, integer(4))
  const lr = all(float(5))
  const rest1 = all(float(6))
  const rest2 = all(float(7))
  const next = all(float(8))
  const nextRest = all(float(9))
  const now = all(float(10))
  const nowRest = all(float(11))
  const vRest = all(float(12))
  const epsilon = all(float(13))
  for (let i = firstOf(from); i < end; i += 16) {
    const gi = v128.load(g + i)
    const mi = v128.load(m + i)
    const vi = v128.load(v + i)
    const mean = fading(add(mi, mul(sub(gi, mi), rest1)))
    const square = fading(add(vi, mul(sub(mul(gi, gi), vi), rest2)))
    const mHat = add(div(mul(next, mean), nextRest), div(mul(now, gi), nowRest))
    v128.store(m + i, mean)
    v128.store(v + i, square)
    const root = f32x4.sqrt(div(square, vRest))
    v128.store(w + i, sub(v128.load(w + i), div(mul(mHat, lr), add(root, epsilon))))
  }
}

export function decay(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const end = endOf(to, integer(1))
  const rate = all(float(2))
  const lr = all(float(3))
  for (let i = firstOf(from); i < end; i += 16) {
    const wi = v128.load(w + i)
    v128.store(w + i, sub(wi, mul(mul(wi, rate), lr)))
  }
}

export function average(from: i32, to: i32, scratch: usize): void {
  const a = address(0)
  const w = address(1)
  const end = endOf(to, integer(2))
  const momentum = all(float(3))
  const rest = all(float(4))
  for (let i = firstOf(from); i < end; i += 16)
    v128.store(a + i, fading(add(mul(momentum, v128.load(a + i)), mul(rest, v128.load(w + i)))))
}

export function clipNorm(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const most = all(float(3))
  const divisor = f32x4.max(all(float(2)), most)
  for (let i = firstOf(from); i < end; i += 16) v128.store(g + i, div(mul(v128.load(g + i), most), divisor))
}

export function scale(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const factor = all(float(2))
  for (let i = firstOf(from); i < end; i += 16) v128.store(g + i, mul(v128.load(g + i), factor))
}

export function clipValue(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const most = all(float(2))
  for (let i = firstOf(from); i < end; i += 16)
    v128.store(g + i, f32x4.max(f32x4.min(v128.load(g + i), most), f32x4.neg(most)))
}
