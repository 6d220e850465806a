// Where each of the three nets looks, and where the library keeps the weights with which it does.

import { digitsTask, type NetName, placesOf, type Task } from './nets.ts'

/** A hidden unit: its place, counted row by row, and its filter. */
export interface Unit {
  readonly place: number
  readonly filter: number
}

/** One of the numbers that a hidden unit has: a weight of its window, its bias, or its weight in an answer. */
export type WeightAt =
  | { readonly of: 'window'; readonly k: number }
  | { readonly of: 'bias' }
  | { readonly of: 'answer'; readonly digit: number }

/** The pixels that units of a place see. */
export function pixelsSeen(name: NetName, place: number, task: Task = digitsTask): number[] {
  const { side, kernelSize, strides } = task
  if (name === 'dense') return Array.from({ length: side * side }, (_, i) => i)
  const places = placesOf(task)
  const [top, left] = [Math.floor(place / places) * strides, (place % places) * strides]
  return Array.from(
    { length: kernelSize * kernelSize },
    (_, k) => (top + Math.floor(k / kernelSize)) * side + left + (k % kernelSize),
  )
}

export const unitIndex = ({ place, filter }: Unit, { filters }: Task = digitsTask): number => place * filters + filter

/** Which of the net's parameters (kernel, bias, and those of the answers) has the number, and where. */
export function indexOf(
  name: NetName,
  unit: Unit,
  at: WeightAt,
  task: Task = digitsTask,
): { parameter: 0 | 1 | 2; index: number } {
  const { filters, kernelSize, classes } = task
  const all = unitIndex(unit, task)
  if (at.of === 'answer') return { parameter: 2, index: all * classes + at.digit }
  if (at.of === 'bias') return { parameter: 1, index: name === 'conv' ? unit.filter : all }
  if (name === 'dense') return { parameter: 0, index: at.k * placesOf(task) ** 2 * filters + all }
  const first = name === 'local' ? unit.place * kernelSize * kernelSize : 0
  return { parameter: 0, index: (first + at.k) * filters + unit.filter }
}
