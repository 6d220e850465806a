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

/** Places along a side of the output; 0 where no window fits. */
export const outputSide = ({ size, kernel, stride, padding }: Look): number =>
  padding === 'same' ? Math.ceil(size / stride) : Math.max(0, Math.floor((size - kernel) / stride) + 1)

export function countsOf(look: Look): PerNet<Counts> {
  const { size, kernel, filters } = look
  const side = outputSide(look)
  const units = side * side * filters
  const window = kernel * kernel
  const pixels = size * size
  const shape = `${side}·${side}·${filters}`
  const counts = {
    dense: {
      links: units * (pixels + 1),
      weights: units * (pixels + 1),
      macs: units * pixels,
      formula: `${size}·${size} · ${shape} + ${shape}`,
    },
    local: {
      links: units * (window + 1),
      weights: units * (window + 1),
      macs: units * window,
      formula: `${kernel}·${kernel} · ${shape} + ${shape}`,
    },
    conv: {
      links: units * (window + 1),
      weights: filters * (window + 1),
      macs: units * window,
      formula: `${kernel}·${kernel} · ${filters} + ${filters}`,
    },
  }
  return perNet(name => counts[name])
}

/** The lines that Keras' `summary()` has for each of the three layers. */
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
