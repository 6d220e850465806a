// Argument checks at the API boundary. Each returns the value in the form that internal code relies on, or throws.

import { ArgumentError } from './errors.ts'

/** The sizes of a tensor, axis by axis. */
export type Shape = readonly number[]
/** A shape whose sizes may be open (`null`), usually only the batch: `[null, 28, 28, 1]`. */
export type BatchShape = readonly (number | null)[]

/** The number of elements of a tensor of this shape; 1 for `[]`. */
export function sizeOf(shape: Shape): number {
  let size = 1
  if (Array.isArray(shape)) for (const n of shape) size *= typeof n === 'number' ? n : Number.NaN
  if (Array.isArray(shape) && size >= 0) return size
  throw new ArgumentError('shape', shape, 'a list of sizes')
}

/** For each axis, the distance in memory from one index to the next, in numbers. */
export const stridesOf = (shape: Shape): number[] => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))

/** The largest number of elements of an array that the library makes: 2 GiB of float32. */
const mostNumbers = 2 ** 29

/** Like `sizeOf`, for an array to be made. @throws ArgumentError when it would be too large; `advice` says what to do */
export function boundedSize(name: string, shape: Shape, advice = ''): number {
  const size = sizeOf(shape)
  if (size <= mostNumbers) return size
  throw new ArgumentError(name, shape, `a shape of at most ${mostNumbers} numbers (2 GiB)`, advice)
}

export function sameShape(a: BatchShape, b: BatchShape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i])
}

const isInteger = (value: unknown, least: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least

export function integer(name: string, value: unknown, least: number): number {
  if (isInteger(value, least)) return value
  throw new ArgumentError(name, value, expectedInteger(least))
}

function expectedInteger(least: number): string {
  if (least === 1) return 'a positive integer'
  return least === -Infinity ? 'an integer' : `an integer of at least ${least}`
}

export const positiveInteger = (name: string, value: unknown) => integer(name, value, 1)

/** A number that float32 can hold: beyond 3.4e38, it would be infinite. */
export function finite(name: string, value: unknown, least = -Infinity, most = Infinity): number {
  if (typeof value === 'number' && Number.isFinite(Math.fround(value)) && value >= least && value <= most) return value
  let expected = 'a finite number'
  if (most < Infinity) expected = `a number from ${least} to ${most}`
  else if (least > -Infinity) expected = `a finite number of at least ${least}`
  throw new ArgumentError(name, value, expected)
}

export function boolean(name: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw new ArgumentError(name, value, 'true or false')
}

export function oneOf<T extends string | number>(name: string, value: unknown, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T
  const listed = choices.map(choice => JSON.stringify(choice)).join(', ')
  throw new ArgumentError(name, value, `one of ${listed}`)
}

/** `3` means `[3, 3]`, as in Keras. */
export function pair(name: string, value: unknown, least = 1): [number, number] {
  const items = typeof value === 'number' ? [value, value] : value
  if (Array.isArray(items) && items.length === 2 && items.every(n => isInteger(n, least))) return [items[0], items[1]]
  throw new ArgumentError(name, value, `an integer of at least ${least}, or two of them [rows, columns]`)
}

/** `3` means `[3]`. */
export function single(name: string, value: unknown): [number] {
  const items = typeof value === 'number' ? [value] : value
  if (Array.isArray(items) && items.length === 1 && isInteger(items[0], 1)) return [items[0]]
  throw new ArgumentError(name, value, 'a positive integer')
}

/** A full shape: a list of integers, each at least `least`. */
export function shape(name: string, value: unknown, least = 0): number[] {
  if (Array.isArray(value) && [...value].every(n => isInteger(n, least))) return [...value]
  throw new ArgumentError(name, value, `a list of integers of at least ${least}`)
}

/** The shape of an array to be made. @throws ArgumentError when it would be too large */
export function boundedShape(name: string, value: unknown): number[] {
  const sizes = shape(name, value)
  boundedSize(name, sizes)
  return sizes
}

/** A shape that starts with the batch size, which may be `null`. @param open whether other sizes may be `null` too */
export function batchShape(name: string, value: unknown, least = 1, open = false): [number | null, ...number[]] {
  const fits = (n: unknown, i: number) => ((open || i === 0) && n === null) || isInteger(n, i === 0 ? 0 : least)
  if (Array.isArray(value) && value.length > 0 && [...value].every(fits)) return [value[0], ...value.slice(1)]
  throw new ArgumentError(name, value, `[batch, …]: the batch or null, then integers of at least ${least}`)
}

/** The input shape of a layer, batch first; sizes may be open. */
export const inputBatch = (inputShape: unknown) => batchShape('inputShape', inputShape, 0, true)

/** The input shapes of a layer with several inputs. */
export function inputBatches(inputShapes: unknown): BatchShape[] {
  if (Array.isArray(inputShapes) && inputShapes.length > 0) return Array.from(inputShapes, inputBatch)
  throw new ArgumentError('inputShape', inputShapes, 'a shape for each input')
}

/** A name, which can be a key of an object: `constructor` cannot, since every object has one. */
export function named(argument: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !(value in Object.prototype)) return value
  throw new ArgumentError(argument, value, 'a non-empty string, not the name of a property that all objects have')
}

export const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

/** @throws ArgumentError unless the value is an object that can hold options */
export function assertOptions(where: string, options: unknown): asserts options is object {
  if (!isObject(options) || Array.isArray(options)) throw new ArgumentError(where, options, 'an object with options')
}

/** Rejects unknown options, so that a misspelt option is not silently ignored. */
export function knownOptions(where: string, options: unknown, known: readonly string[]): void {
  assertOptions(where, options)
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new ArgumentError(`${where}, option`, name, `one of ${known.join(', ')}`)
}
