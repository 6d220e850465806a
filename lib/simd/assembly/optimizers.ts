// The steps of lib/kernels/optimizers.ts. Arguments, in the same order as there: arrays, their length, then numbers.

import { address, float, integer } from './scratch'
import { choose } from './math'
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
    for (; i < stop; i += 16) write(w, i, end, sub(v128.load(w + i), mul(lr, v128.load(g + i))))
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
    write(v, i, end, next)
    write(w, i, end, add(v128.load(w + i), nesterov ? sub(mul(momentum, next), step) : next))
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
    write(w, i, end, sub(v128.load(w + i), mul(lr, sign)))
    write(m, i, end, fading(add(mul(mi, beta2), mul(gi, rest2))))
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
    write(a, i, end, sum)
    write(w, i, end, sub(v128.load(w + i), div(mul(lr, gi), f32x4.sqrt(add(sum, epsilon)))))
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
    write(v, i, end, next)
    write(w, i, end, sub(v128.load(w + i), mul(mul(lr, gi), div(all(1), root))))
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
    write(a, i, end, sum)
    write(d, i, end, fading(add(mul(rho, di), mul(mul(rest, delta), delta))))
    write(w, i, end, add(v128.load(w + i), mul(lr, delta)))
  }
}

/** Writes a whole vector, or its part before `end`. A loop without the latter keeps its constants in registers. */
// @ts-ignore: decorator
@inline
function put(isWhole: bool, array: usize, i: usize, end: usize, v: v128): void {
  if (isWhole) v128.store(array + i, v)
  else write(array, i, end, v)
}

// @ts-ignore: decorator
@inline
function adamAt(i: usize, end: usize, isWhole: bool, w: usize, m: usize, v: usize, g: usize, alpha: v128, rest1: v128, rest2: v128, epsilon: v128): void {
  const gi = v128.load(g + i)
  const mi = v128.load(m + i)
  const vi = v128.load(v + i)
  const mean = fading(add(mi, mul(sub(gi, mi), rest1)))
  const square = fading(add(vi, mul(sub(mul(gi, gi), vi), rest2)))
  put(isWhole, m, i, end, mean)
  put(isWhole, v, i, end, square)
  put(isWhole, w, i, end, sub(v128.load(w + i), div(mul(mean, alpha), add(f32x4.sqrt(square), epsilon))))
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
  let i = firstOf(from)
  for (; i + 16 <= end; i += 16) adamAt(i, end, true, w, m, v, g, alpha, rest1, rest2, epsilon)
  if (i < end) adamAt(i, end, false, w, m, v, g, alpha, rest1, rest2, epsilon)
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
    write(m, i, end, mean)
    write(v, i, end, square)
    write(u, i, end, most)
    write(w, i, end, sub(v128.load(w + i), div(mul(mean, alpha), add(f32x4.sqrt(most), epsilon))))
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
    write(m, i, end, mean)
    write(u, i, end, most)
    write(w, i, end, sub(v128.load(w + i), div(mul(lr, mean), mul(restPower, add(most, epsilon)))))
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
    write(m, i, end, mean)
    write(v, i, end, square)
    const root = f32x4.sqrt(div(square, vRest))
    write(w, i, end, sub(v128.load(w + i), div(mul(mHat, lr), add(root, epsilon))))
  }
}

export function decay(from: i32, to: i32, scratch: usize): void {
  const w = address(0)
  const end = endOf(to, integer(1))
  const rate = all(float(2))
  const lr = all(float(3))
  for (let i = firstOf(from); i < end; i += 16) {
    const wi = v128.load(w + i)
    write(w, i, end, sub(wi, mul(mul(wi, rate), lr)))
  }
}

export function average(from: i32, to: i32, scratch: usize): void {
  const a = address(0)
  const w = address(1)
  const end = endOf(to, integer(2))
  const momentum = all(float(3))
  const rest = all(float(4))
  for (let i = firstOf(from); i < end; i += 16)
    write(a, i, end, fading(add(mul(momentum, v128.load(a + i)), mul(rest, v128.load(w + i)))))
}

export function clipNorm(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const most = all(float(3))
  const divisor = f32x4.max(all(float(2)), most)
  for (let i = firstOf(from); i < end; i += 16) write(g, i, end, div(mul(v128.load(g + i), most), divisor))
}

export function scale(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const factor = all(float(2))
  for (let i = firstOf(from); i < end; i += 16) write(g, i, end, mul(v128.load(g + i), factor))
}

export function clipValue(from: i32, to: i32, scratch: usize): void {
  const g = address(0)
  const end = endOf(to, integer(1))
  const most = all(float(2))
  for (let i = firstOf(from); i < end; i += 16)
    write(g, i, end, f32x4.max(f32x4.min(v128.load(g + i), most), f32x4.neg(most)))
}
