// The cases that layers are tried with: a battery in which every fault shows, and small ones in which it can be seen.

import { sizeOf } from '../core/check.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'
import { normal, type Random, type Seed, stream } from '../core/random.ts'
import { type LayerCase, type LayerNumbers, type LayerSizes, shapesOf } from './sizes.ts'

type Geometry = Omit<LayerSizes, 'padding' | 'dataFormat'>

/** No two sizes of the first ones are alike, so that a mistaken one is noticed; strides leave pixels over. */
const battery: readonly Geometry[] = [
  { B: 2, H: 5, W: 8, C: 2, KH: 2, KW: 3, SH: 2, SW: 1, F: 3 },
  { B: 3, H: 6, W: 5, C: 3, KH: 3, KW: 2, SH: 1, SW: 2, F: 2 },
  { B: 1, H: 4, W: 4, C: 1, KH: 2, KW: 2, SH: 1, SW: 1, F: 1 },
  { B: 2, H: 3, W: 6, C: 2, KH: 3, KW: 3, SH: 1, SW: 2, F: 4 },
  { B: 2, H: 7, W: 4, C: 1, KH: 3, KW: 1, SH: 3, SW: 2, F: 2 },
  { B: 2, H: 5, W: 5, C: 4, KH: 1, KW: 4, SH: 1, SW: 1, F: 2 },
  { B: 2, H: 6, W: 6, C: 2, KH: 2, KW: 2, SH: 2, SW: 2, F: 2 },
  { B: 1, H: 1, W: 8, C: 3, KH: 1, KW: 3, SH: 1, SW: 2, F: 2 },
  { B: 2, H: 4, W: 3, C: 2, KH: 4, KW: 3, SH: 1, SW: 1, F: 3 },
  { B: 2, H: 5, W: 6, C: 2, KH: 3, KW: 2, SH: 2, SW: 1, F: 2 },
  { B: 1, H: 6, W: 6, C: 1, KH: 3, KW: 3, SH: 2, SW: 2, F: 2 },
]

/** Draws the numbers of a case, in the order of their names. */
export function drawCase(sizes: LayerSizes, draw: () => number): LayerCase {
  const shapes = shapesOf(sizes)
  const numbers = (name: keyof LayerNumbers) => Float64Array.from({ length: sizeOf(shapes[name]) }, draw)
  return { sizes, x: numbers('x'), kernel: numbers('kernel'), bias: numbers('bias'), dy: numbers('dy') }
}

/** What cases are meant for. */
interface Purpose {
  readonly padding: Padding
  readonly dataFormat: DataFormat
  readonly strides: boolean
  readonly seed: Seed
  readonly dtype: 'float32' | 'float64'
}

/** All geometries in one format and padding, with normal numbers. */
export function batteryOf({ padding, dataFormat, strides, seed, dtype }: Purpose): LayerCase[] {
  return battery.map((geometry, i) => {
    const random = stream(seed, 'layer case', padding, dataFormat, i)
    const sizes = { ...geometry, ...(!strides && { SH: 1, SW: 1 }), padding, dataFormat }
    return drawCase(sizes, dtype === 'float32' ? () => Math.fround(normal(random)) : () => precise(random))
  })
}

/** A normal number with all bits of float64. */
const precise = (random: Random) => normal(random) + (random() - 0.5) * 2 ** -10

const drawn = new Map<string, LayerCase[]>()

/** Small cases, the smallest first, with numbers from 1 to 9: they can be followed by hand. Each is drawn once. */
export function* smallCases(padding: Padding, dataFormat: DataFormat): Generator<LayerCase> {
  const kind = `${padding} ${dataFormat}`
  const cases = drawn.get(kind) ?? []
  drawn.set(kind, cases)
  for (const [i, geometry] of smallGeometries().entries()) {
    cases[i] ??= smallCase({ ...geometry, padding, dataFormat }, stream(0, 'small case', ...Object.values(geometry)))
    yield cases[i]
  }
}

const smallCase = (sizes: LayerSizes, random: Random) => drawCase(sizes, () => 1 + Math.floor(9 * random()))

let small: readonly Geometry[] | null = null

function smallGeometries(): readonly Geometry[] {
  if (small) return small
  const found: Geometry[] = []
  const to = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
  for (const H of to(4))
    for (const W of to(4))
      for (const KH of to(Math.min(H, 3)))
        for (const KW of to(Math.min(W, 3)))
          for (const SH of to(2))
            for (const SW of to(2))
              for (const C of to(2))
                for (const F of to(2)) for (const B of to(2)) found.push({ B, H, W, C, KH, KW, SH, SW, F })
  const size = ({ B, H, W, C, KH, KW, SH, SW, F }: Geometry) => {
    const P = (Math.floor((H - KH) / SH) + 1) * (Math.floor((W - KW) / SW) + 1)
    // all numbers to look at, then plain strides
    return B * H * W * C + P * KH * KW * C * F + B * P * F + (SH + SW) / 100
  }
  small = found.sort((a, b) => size(a) - size(b))
  return small
}
