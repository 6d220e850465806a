// Predictions as JSON, CSV, npy or npz.

import { sizeOf } from '../../core/check.ts'
import type { NestedArray, Tensor } from '../../core/tensor.ts'
import { toNpy, toNpz } from '../../data/index.ts'
import { Failure } from './command.ts'

export const resultFormats = ['json', 'csv', 'npy', 'npz'] as const
export type ResultFormat = (typeof resultFormats)[number]

/** The outputs in a format. @throws Failure for several outputs in a format that holds one */
export async function formatted(
  outputs: readonly Tensor[],
  names: readonly string[],
  format: ResultFormat,
): Promise<string | Uint8Array> {
  const named = Object.fromEntries(names.map((name, i) => [name, outputs[i]]))
  if (format === 'npz') return toNpz(named)
  if (format === 'json') return `${jsonOf(outputs, names)}\n`
  if (outputs.length > 1)
    throw new Failure(`${format} holds one output, and the model has ${names.join(', ')}: use json or npz`)
  return format === 'npy' ? toNpy(outputs[0]) : csvOf(outputs[0])
}

/** Nested lists; of several outputs, by name. JSON has no NaN and no infinity: null. */
function jsonOf(outputs: readonly Tensor[], names: readonly string[]): string {
  const lists = outputs.map(tensor => short(tensor.toArray()))
  return JSON.stringify(lists.length === 1 ? lists[0] : Object.fromEntries(names.map((name, i) => [name, lists[i]])))
}

const short = (numbers: NestedArray): NestedArray =>
  Array.isArray(numbers) ? numbers.map(short) : Number(shortest(Number(numbers)))

function csvOf({ shape, data }: Tensor): string {
  const size = sizeOf(shape.slice(1))
  const rows = Array.from({ length: shape[0] }, (_, row) => data.subarray(row * size, (row + 1) * size))
  return rows.map(row => `${Array.from(row, shortest).join(',')}\n`).join('')
}

/** The shortest decimal number that float32 rounds to this one. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)))
    if (Math.fround(Number(text)) === value) return text
  }
  return String(Number(value.toPrecision(9)))
}
