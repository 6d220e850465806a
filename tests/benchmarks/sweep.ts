// How the cost grows: one size changes at a time, around 16×16×8 → 14×14×16, 3×3, batch 16.

import { type LayerCase, layerCase } from './cases.ts'

export interface Axis {
  readonly name: 'batch' | 'image' | 'filters' | 'strides'
  readonly values: readonly number[]
}

export const axes: readonly Axis[] = [
  { name: 'batch', values: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
  { name: 'image', values: [8, 16, 24, 32, 48, 64] },
  { name: 'filters', values: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
  { name: 'strides', values: [1, 2, 3, 4] },
]

const middle: Readonly<Record<Axis['name'], number>> = { batch: 16, image: 16, filters: 16, strides: 1 }

function sweepCase(name: Axis['name'], value: number): LayerCase {
  const sizes: typeof middle = { ...middle, [name]: value }
  const { batch, image, filters, strides } = sizes
  return layerCase(`${name}-${value}`, batch, { inputShape: [image, image, 8], filters, window: 3, stride: strides })
}

export const sweepCases: readonly LayerCase[] = axes.flatMap(({ name, values }) =>
  values.map(value => sweepCase(name, value)),
)

/** The place of a case in the sweep: which axis, and where on it. */
export function placeOf(id: string): { readonly axis: string; readonly value: number } {
  const [axis, value] = id.split('-')
  return { axis, value: Number(value) }
}
