// A layer under test: what it is called with, and what it returns, whatever arrays it is written for.

import { type Shape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError, show } from '../core/errors.ts'
import { Tensor } from '../core/tensor.ts'
import { gradients, type LayerCase, type LayerSizes, type Quantity, shapeOfResult, shapesOf } from './sizes.ts'

/**
 * The arrays that a layer works on. 'nested': nested arrays of numbers; 'windows': the same, with a kernel of six axes,
 * `[OH, OW, KH, KW, C, F]` in both data formats; 'flat': typed arrays; 'tensor': `Tensor`s.
 */
export type ArrayForm = 'nested' | 'windows' | 'flat' | 'tensor'
/** The numbers that a layer computes with. */
export type NumberType = 'float32' | 'float64'

type Rows = number[][]
type Flat<D extends NumberType> = D extends 'float64' ? Float64Array : Float32Array

interface Forms<D extends NumberType> {
  nested: { image: Rows[][]; kernel: Rows[]; bias: Rows[] }
  windows: { image: Rows[][]; kernel: Rows[][][][]; bias: Rows[] }
  flat: { image: Flat<D>; kernel: Flat<D>; bias: Flat<D> }
  tensor: { image: Tensor; kernel: Tensor; bias: Tensor }
}

/** The gradients that `backward` of a layer under test returns, with the shapes of `x`, `kernel` and `bias`. */
export interface CandidateGradients {
  /** The gradient of the input. */
  readonly dx: unknown
  /** The gradient of the kernel. */
  readonly dkernel: unknown
  /** The gradient of the bias. */
  readonly dbias: unknown
}

/**
 * A layer under test. `x` is `[B, H, W, C]` (with channels_first `[B, C, H, W]`), `kernel` `[OH·OW, KH·KW·C, F]`, `bias`
 * `[OH, OW, F]` (`[F, OH, OW]`), and `y` and `dy` `[B, OH, OW, F]` (`[B, F, OH, OW]`).
 */
export interface LayerCandidate<A extends ArrayForm = ArrayForm, D extends NumberType = NumberType> {
  /** Returns `y`, in any of the forms of arrays. */
  forward(x: Forms<D>[A]['image'], kernel: Forms<D>[A]['kernel'], bias: Forms<D>[A]['bias'], sizes: LayerSizes): unknown
  /** Called after `forward` with the same batch. The gradients of the sum of `y · dy`. */
  backward?(
    dy: Forms<D>[A]['image'],
    x: Forms<D>[A]['image'],
    kernel: Forms<D>[A]['kernel'],
    sizes: LayerSizes,
  ): CandidateGradients
}

/** What a layer returned for one quantity, or what it did instead. */
export type Answer =
  | { readonly kind: 'values'; readonly values: Float64Array; readonly shape: Shape | null }
  | { readonly kind: 'wrongType'; readonly text: string }
  | { readonly kind: 'throws'; readonly text: string }

/** An argument that a pass wrote into. */
export type Written = `${'forward' | 'backward'} ${'x' | 'kernel' | 'bias' | 'dy'}`

/** A call of both passes: an answer for each quantity, and the arguments that the layer wrote into. */
export interface Answers {
  readonly of: ReadonlyMap<Quantity, Answer>
  readonly written: readonly Written[]
}

export type Callable = { forward(...args: unknown[]): unknown; backward?(...args: unknown[]): unknown }

/** A function is a layer's forward. @throws ArgumentError unless there is a forward */
export function callableOf(candidate: unknown): Callable {
  if (typeof candidate === 'function') return { forward: (...args) => candidate(...args) }
  const { forward, backward } = (candidate ?? {}) as Partial<Callable>
  if (typeof forward !== 'function')
    throw new ArgumentError('candidate', candidate, 'an object with a function forward(x, kernel, bias, sizes)')
  if (backward !== undefined && typeof backward !== 'function')
    throw new ArgumentError('candidate.backward', backward, 'a function (dy, x, kernel, sizes), or nothing')
  return candidate as Callable
}

/** Calls both passes of a layer with a case. @param told options that the layer is told instead of those of the case */
export function ask(
  layer: Callable,
  { sizes, ...numbers }: LayerCase,
  form: ArrayForm,
  dtype: NumberType,
  told: Partial<LayerSizes> = {},
): Answers {
  const shapes = shapesOf(sizes)
  const answers = new Map<Quantity, Answer>()
  const written = new Set<Written>()
  const argument = (name: keyof typeof shapes) => {
    const isWindows = name === 'kernel' && form === 'windows'
    const data = isWindows ? toWindows(numbers.kernel, sizes) : numbers[name]
    return argumentOf(data, isWindows ? windowsShape(sizes) : shapes[name], form, dtype)
  }
  const call = (pass: 'forward' | 'backward', names: readonly (keyof typeof shapes)[]) => {
    const given = names.map(argument)
    const before = given.map(numbersOf)
    try {
      return layer[pass]?.(...given, { ...sizes, ...told })
    } finally {
      given.forEach((value, i) => {
        const after = numbersOf(value)
        if (!before[i].every((v, n) => Object.is(v, after[n]))) written.add(`${pass} ${names[i]}`)
      })
    }
  }
  const failed = (error: unknown): Answer => ({ kind: 'throws', text: String(error) })

  try {
    answers.set('y', read('y', call('forward', ['x', 'kernel', 'bias'])))
  } catch (error) {
    answers.set('y', failed(error))
  }
  if (layer.backward)
    try {
      const result = call('backward', ['dy', 'x', 'kernel'])
      for (const name of gradients) answers.set(name, readGradient(name, result, form, sizes))
    } catch (error) {
      for (const name of gradients) answers.set(name, failed(error))
    }
  return { of: answers, written: [...written] }
}

function readGradient(name: 'dx' | 'dkernel' | 'dbias', result: unknown, form: ArrayForm, sizes: LayerSizes): Answer {
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
  if (!isObject || !(name in result)) {
    const text = `backward returns ${show(result)}, where { dx, dkernel, dbias } is expected`
    return { kind: 'wrongType', text }
  }
  const answer = read(name, (result as Record<string, unknown>)[name])
  if (name !== 'dkernel' || form !== 'windows' || answer.kind !== 'values') return answer
  const { values, shape } = answer
  if (shape && String(shape) !== String(windowsShape(sizes))) return answer
  if (values.length !== sizeOf(shapesOf(sizes).kernel)) return answer
  return { kind: 'values', values: fromWindows(values, sizes), shape: shapeOfResult(name, sizes) }
}

/** Reads nested arrays, typed arrays and tensors. */
function read(name: Quantity, result: unknown): Answer {
  const wrong = (what: string): Answer => ({ kind: 'wrongType', text: `${name} is ${what}` })
  if (result === undefined) return wrong('undefined: does the function return something?')
  if (typeof (result as PromiseLike<unknown> | null)?.then === 'function')
    return wrong('a Promise, where numbers are expected: the function must not be async')
  if (result instanceof Tensor) return { kind: 'values', values: Float64Array.from(result.data), shape: result.shape }
  if (ArrayBuffer.isView(result) && !(result instanceof DataView)) {
    const values = Float64Array.from(result as Float32Array)
    return { kind: 'values', values, shape: null }
  }
  if (!Array.isArray(result)) return wrong(`${show(result)}, where arrays of numbers are expected`)
  const shape: number[] = []
  for (let level: unknown = result; Array.isArray(level); level = level[0]) shape.push(level.length)
  const values: number[] = []
  const copy = (level: unknown, axis: number): string | null => {
    if (axis === shape.length) {
      if (level !== undefined && typeof level !== 'number') return `not all numbers: it holds ${show(level)}`
      values.push(level ?? Number.NaN)
      return null
    }
    const isRow = Array.isArray(level) || ArrayBuffer.isView(level)
    if (!isRow || (level as unknown[]).length !== shape[axis]) return 'not a full array: its rows differ in length'
    for (const part of Array.from(level as unknown[])) {
      const problem = copy(part, axis + 1)
      if (problem) return problem
    }
    return null
  }
  // rows may be typed arrays
  let first: unknown = result
  for (let i = 0; i < shape.length; i++) first = (first as unknown[])[0]
  if (ArrayBuffer.isView(first)) shape.push((first as Float32Array).length)
  const problem = copy(result, 0)
  if (problem) return wrong(problem)
  return { kind: 'values', values: Float64Array.from(values), shape: shape.length === 1 ? null : shape }
}

function argumentOf(values: Float64Array, shape: Shape, form: ArrayForm, dtype: NumberType): unknown {
  if (form === 'tensor') return new Tensor(shape, Float32Array.from(values))
  if (form === 'flat') return dtype === 'float64' ? values.slice() : Float32Array.from(values)
  return nest(values, shape)
}

/** The numbers as nested arrays. */
export function nest(values: ArrayLike<number>, shape: Shape, axis = 0, offset = 0): unknown {
  if (axis === shape.length) return values[offset]
  const step = sizeOf(shape.slice(axis + 1))
  return Array.from({ length: shape[axis] }, (_, n) => nest(values, shape, axis + 1, offset + n * step))
}

/** The numbers of an argument, in one list. */
function numbersOf(argument: unknown): readonly number[] {
  const flat = argument instanceof Tensor ? argument.data : argument
  const list = ArrayBuffer.isView(flat) ? Array.from(flat as Float32Array) : (flat as number[]).flat(9)
  return list
}

const windowsShape = (sizes: LayerSizes): Shape => {
  const { KH, KW, C, F, dataFormat } = sizes
  const { bias } = shapesOf(sizes)
  const [OH, OW] = dataFormat === 'channels_first' ? bias.slice(1) : bias
  return [OH, OW, KH, KW, C, F]
}

/** For each number of a kernel of six axes, its index in the kernel of three. */
function windowsOrder(sizes: LayerSizes): number[] {
  const { KH, KW, C, F, dataFormat } = sizes
  const shape = windowsShape(sizes)
  const [, ow, kh, kw, ch] = stridesOf(shape)
  const K = KH * KW * C
  return Array.from({ length: sizeOf(shape) }, (_, n) => {
    const f = n % F
    const c = Math.floor(n / ch) % C
    const col = Math.floor(n / kw) % KW
    const row = Math.floor(n / kh) % KH
    const k = dataFormat === 'channels_first' ? (c * KH + row) * KW + col : (row * KW + col) * C + c
    return (Math.floor(n / ow) * K + k) * F + f
  })
}

const toWindows = (kernel: Float64Array, sizes: LayerSizes) =>
  Float64Array.from(windowsOrder(sizes), from => kernel[from])

function fromWindows(values: Float64Array, sizes: LayerSizes): Float64Array {
  const kernel = new Float64Array(values.length)
  windowsOrder(sizes).forEach((to, n) => {
    kernel[to] = values[n]
  })
  return kernel
}
