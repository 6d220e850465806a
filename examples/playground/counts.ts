// How many connections, weights and multiplications the three ways to look have.

import { type PerNet, perNet } from './nets.ts'

export interface Look {
  /** Pictures are size × size, of one channel. */
  readonly size: number
  readonly kernel: number
  readonly stride: number
  readonly filters: number
  readonly padding: 'valid' | 'same'
}

export interface Counts {
  /** Lines from a pixel, or from the constant 1 of a bias, to a unit. */
  readonly links: number
  /** Numbers to learn, biases included. */
  readonly weights: number
  /** Multiply-adds for one picture. */
  readonly macs: number
  /** How the weights are counted. */
  readonly formula: string
}

/** Pixels under the windows along a side, over all places: at a padded border, a window's outside is none. */
function pixelsUnder(look: Look): number {
  const side = outputSide(look)
  const { size, kernel, stride, padding } = look
  const before = padding === 'same' ? Math.floor(Math.max(0, (side - 1) * stride + kernel - size) / 2) : 0
  let sum = 0
  for (let place = 0; place < side; place++) {
    const from = place * stride - before
    sum += Math.min(size, from + kernel) - Math.max(0, from)
  }
  return sum
}

/** Places along a side of the output; 0 where no window fits. */
export const outputSide = ({ size, kernel, stride, padding }: Look): number =>
  padding === 'same' ? Math.ceil(size / stride) : Math.max(0, Math.floor((size - kernel) / stride) + 1)

export function countsOf(look: Look): PerNet<Counts> {
  const { size, kernel, filters, padding } = look
  const side = outputSide(look)
  const units = side * side * filters
  const pixels = size * size
  const under = pixelsUnder(look)
  const seen = under * under * filters // by all units together
  const shape = `${side}·${side}·${filters}`
  const counts = {
    dense: {
      links: units * (pixels + 1),
      weights: units * (pixels + 1),
      macs: units * pixels,
      formula: `${size}·${size} · ${shape} + ${shape}`,
    },
    local: {
      links: seen + units,
      weights: seen + units,
      macs: seen,
      formula:
        padding === 'same' ? `${under}·${under} · ${filters} + ${shape}` : `${kernel}·${kernel} · ${shape} + ${shape}`,
    },
    conv: {
      links: seen + units,
      weights: filters * (kernel * kernel + 1),
      macs: seen,
      formula: `${kernel}·${kernel} · ${filters} + ${filters}`,
    },
  }
  return perNet(name => counts[name])
}

/** The lines that Keras' `summary()` has for each of the three layers; for `same`, with implementation 3. */
export function kerasSummary(look: Look): string {
  const side = outputSide(look)
  const counts = countsOf(look)
  const shape = `(None, ${side}, ${side}, ${look.filters})`
  const rows = [
    ['Layer (type)', 'Output Shape', 'Param #'],
    ['dense (Dense)', `(None, ${side * side * look.filters})`, `${counts.dense.weights}`],
    ['locally_connected2d (LocallyConnected2D)', shape, `${counts.local.weights}`],
    ['conv2d (Conv2D)', shape, `${counts.conv.weights}`],
  ]
  return rows.map(([a, b, c]) => `${a.padEnd(42)}${b.padEnd(22)}${c}`).join('\n')
}
