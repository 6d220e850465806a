// The functions of the Lambda layers in graphs.json, by the names that the file has for them; make_graphs.py has them in
// Python.

import type { LambdaFunction, Tensor } from 'unshared'

/** A function of each number alone. */
const each = (f: (x: number) => number, slope: (x: number) => number): LambdaFunction => ({
  forward: (y, [x]) => {
    y.data.set(x.data.map(f))
  },
  backward: ([dx], dy, [x]) => {
    dx.data.set(x.data.map((v, i) => dy.data[i] * slope(v)))
  },
})

/** A function of two tensors of one shape, number by number. */
const pair = (
  f: (a: number, b: number) => number,
  slopes: (a: number, b: number) => readonly [number, number],
): LambdaFunction => ({
  forward: (y, [a, b]) => {
    y.data.set(a.data.map((v, i) => f(v, b.data[i])))
  },
  backward: (dxs, dy, [a, b]) => {
    for (const [t, dx] of dxs.entries()) dx.data.set(dy.data.map((d, i) => d * slopes(a.data[i], b.data[i])[t]))
  },
})

/**
 * A function that moves numbers, or adds up some.
 * @param place where the number goes that stands at an index within its sample: an index of the output, or −1 for nowhere
 */
const moved = (
  outputShape: (input: readonly number[]) => number[],
  place: (index: number, input: readonly number[]) => number,
  factor: (input: readonly number[]) => number = () => 1,
): LambdaFunction => {
  /** Calls `visit` with each number's place in the input, and in the output. */
  const walk = (x: Tensor, y: Tensor, visit: (from: number, to: number) => void) => {
    const [sample, from, to] = [x.shape.slice(1), x.size / x.shape[0], y.size / y.shape[0]]
    for (let i = 0; i < x.size; i++) {
      const at = place(i % from, sample)
      if (at >= 0) visit(i, Math.floor(i / from) * to + at)
    }
  }
  return {
    outputShape: shape => outputShape(shape),
    forward: (y, [x]) => {
      y.data.fill(0)
      walk(x, y, (i, at) => {
        y.data[at] += x.data[i] * factor(x.shape.slice(1))
      })
    },
    backward: ([dx], dy, [x]) => {
      dx.data.fill(0)
      walk(x, dy, (i, at) => {
        dx.data[i] = dy.data[at] * factor(x.shape.slice(1))
      })
    },
  }
}

export const lambdaFunctions: Readonly<Record<string, LambdaFunction>> = {
  abs_difference: pair(
    (a, b) => Math.abs(a - b),
    (a, b) => [Math.sign(a - b), Math.sign(b - a)],
  ),
  ratio: pair(
    (a, b) => a / b,
    (a, b) => [1 / b, -a / b ** 2],
  ),
  half: each(
    x => x * 0.5,
    () => 0.5,
  ),
  square: each(
    x => x * x,
    x => 2 * x,
  ),
  plus_one: each(
    x => x + 1,
    () => 1,
  ),
  expand_last: moved(
    shape => [...shape, 1],
    i => i,
  ),
  first_step: moved(
    ([, ...rest]) => rest,
    (i, [, channels]) => (i < channels ? i : -1),
  ),
  crop_ends: moved(
    ([steps, channels]) => [steps - 2, channels],
    (i, [steps, channels]) => (i < channels || i >= (steps - 1) * channels ? -1 : i - channels),
  ),
  left_half: moved(
    ([steps, channels]) => [steps, Math.floor(channels / 2)],
    (i, [, channels]) => {
      const [step, channel, left] = [Math.floor(i / channels), i % channels, Math.floor(channels / 2)]
      return channel < left ? step * left + channel : -1
    },
  ),
  mean_of_steps: moved(
    ([, channels]) => [channels],
    (i, [, channels]) => i % channels,
    ([steps]) => 1 / steps,
  ),
  sum_of_last: moved(
    shape => [...shape.slice(0, -1), 1],
    (i, shape) => Math.floor(i / (shape.at(-1) as number)),
  ),
  pad_front: moved(
    ([steps, channels]) => [steps + 1, channels],
    (i, [, channels]) => i + channels,
  ),
}
