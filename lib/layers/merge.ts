// Layers with several inputs: sums, products, extremes, concatenation and the dot product.

import { type BatchShape, boolean, inputBatches, type Shape, sizeOf, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field } from '../core/options.ts'
import { type DotSizes, dotProduct, merge } from '../kernels/merge.ts'
import { normalization } from '../kernels/normalization.ts'
import { GroupTable, sampleAxes } from './axes.ts'
import type { BatchBuffer, Call } from './call.ts'
import { Layer, type LayerOptions } from './layer.ts'
import { offsetsOf } from './rearrangement.ts'

/** The shapes of the inputs' samples, for messages. */
const samplesText = (inputShapes: readonly BatchShape[]) =>
  inputShapes.map(shape => `[${shape.slice(1).join(', ')}]`).join(' and ')

/** A layer that takes any number of inputs: `new Add().apply([a, b])`. */
export abstract class Merge<S> extends Layer<S> {
  override get inputCounts(): readonly [number, number] {
    return [1, Infinity]
  }
}

// ---- Number by number ---------------------------------------------------------------------------------------------

interface Broadcast {
  /** For each input, the number that each number of the result is made of; `null` if they are in the same places. */
  readonly tables: readonly (Int32Array | null)[]
  /** The gradient of an input before it is added up; and the part of the gradient that no input has taken yet. */
  readonly own: BatchBuffer
  readonly left: BatchBuffer
}

/**
 * Combines the inputs element by element. As in NumPy, shapes are aligned at their ends, and sizes of 1 are repeated.
 */
abstract class Elementwise extends Merge<Broadcast> {
  /** Whether backward needs a copy of the gradient. */
  protected get needsRest(): boolean {
    return false
  }

  /** How a further input changes the result so far. */
  protected abstract readonly step: Step

  computeOutputShape(...inputShapes: BatchShape[]): BatchShape {
    const rank = Math.max(...inputBatches(inputShapes).map(({ length }) => length))
    const sizes = Array.from({ length: rank - 1 }, (_, i) => {
      const own = inputShapes.map(shape => shape[shape.length - rank + 1 + i] ?? 1).filter(n => n !== 1)
      if (new Set(own).size <= 1) return own[0] ?? 1
      const shapes = samplesText(inputShapes)
      throw new ArgumentError(
        `inputs of ${this.name}`,
        shapes,
        'samples of shapes that are equal, or 1 where they differ',
      )
    })
    return [inputShapes[0][0], ...sizes]
  }

  override prepare(call: Call): Broadcast {
    const { outputShape } = call
    const size = sizeOf(outputShape)
    const tables = call.inputs.map(({ shape }) => (sizeOf(shape) === size ? null : broadcast(shape, outputShape)))
    const isPlain = tables.every(table => table === null)
    return {
      tables,
      own: call.gradientBuffer(isPlain ? 0 : size),
      left: call.gradientBuffer(this.needsRest ? size : 0),
    }
  }

  forwardInto(y: Float32Array, _x: Float32Array, call: Call<Broadcast>): void {
    for (let i = 0; i < call.inputs.length; i++) combine(i === 0 ? 'copy' : this.step, y, call, i)
  }

  /** Writes the gradient of one input to `own`, one number for each of the result. */
  protected abstract gradientOf(input: number, own: Float32Array, dy: Float32Array, call: Call<Broadcast>): void

  backwardInto(_dx: Float32Array, dy: Float32Array, call: Call<Broadcast>): void {
    const { tables, own } = call.state
    for (let i = 0; i < tables.length; i++) {
      const { array, itemSize } = call.inputGradients[i]
      const table = tables[i]
      this.gradientOf(i, table ? own.array : array, dy, call)
      if (table) call.kernel(merge).scatter(array, own.array, table, call.batch, itemSize)
    }
  }
}

type Step = 'copy' | 'add' | 'subtract' | 'multiply' | 'maximum' | 'minimum'

function combine(step: Step, y: Float32Array, call: Call<Broadcast>, input: number): void {
  const { y: x, shape } = call.inputs[input]
  call.kernel(merge)[step](y, x, call.state.tables[input], call.batch, sizeOf(shape))
}

/** For each number of the result, its place in an input whose sizes of 1 are repeated. */
function broadcast(shape: Shape, result: Shape): Int32Array {
  const ownStrides = stridesOf(shape)
  const strides = result.map((_, i) => {
    const axis = i - result.length + shape.length
    return axis < 0 || shape[axis] === 1 ? 0 : ownStrides[axis]
  })
  return offsetsOf(result, strides)
}

/** The sum of the inputs. */
export class Add extends Elementwise {
  declare readonly className: 'Add'
  protected readonly step = 'add'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Add', fields: {} })
  }

  override get isLinear(): boolean {
    return true
  }

  protected gradientOf(_input: number, own: Float32Array, dy: Float32Array): void {
    own.set(dy)
  }
}

/** The first input minus the second. */
export class Subtract extends Elementwise {
  declare readonly className: 'Subtract'
  protected readonly step = 'subtract'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Subtract', fields: {} })
  }

  override get inputCounts(): readonly [number, number] {
    return [2, 2]
  }

  override get isLinear(): boolean {
    return true
  }

  protected gradientOf(input: number, own: Float32Array, dy: Float32Array, call: Call<Broadcast>): void {
    call.kernel(merge).divide(own, dy, input === 0 ? 1 : -1)
  }
}

/** The mean of the inputs. */
export class Average extends Elementwise {
  declare readonly className: 'Average'
  protected readonly step = 'add'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Average', fields: {} })
  }

  override get isLinear(): boolean {
    return true
  }

  override forwardInto(y: Float32Array, x: Float32Array, call: Call<Broadcast>): void {
    super.forwardInto(y, x, call)
    call.kernel(merge).divide(y, y, call.inputs.length)
  }

  protected gradientOf(_input: number, own: Float32Array, dy: Float32Array, call: Call<Broadcast>): void {
    call.kernel(merge).divide(own, dy, call.inputs.length)
  }
}

/** The product of the inputs. */
export class Multiply extends Elementwise {
  declare readonly className: 'Multiply'
  protected readonly step = 'multiply'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Multiply', fields: {} })
  }

  protected gradientOf(input: number, own: Float32Array, dy: Float32Array, call: Call<Broadcast>): void {
    own.set(dy)
    for (let i = 0; i < call.inputs.length; i++) if (i !== input) combine('multiply', own, call, i)
  }
}

abstract class Extreme extends Elementwise {
  protected override get needsRest(): boolean {
    return true
  }

  protected gradientOf(input: number, own: Float32Array, dy: Float32Array, call: Call<Broadcast>): void {
    const left = call.state.left.array
    if (input === 0) left.set(dy)
    const { y: x, shape } = call.inputs[input]
    call.kernel(merge).take(own, left, x, call.y, call.state.tables[input], call.batch, sizeOf(shape))
  }
}

/** The largest of the inputs. In a tie, the first input gets the gradient. */
export class Maximum extends Extreme {
  declare readonly className: 'Maximum'
  protected readonly step = 'maximum'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Maximum', fields: {} })
  }
}

/** The smallest of the inputs. In a tie, the first input gets the gradient. */
export class Minimum extends Extreme {
  declare readonly className: 'Minimum'
  protected readonly step = 'minimum'

  constructor(options: LayerOptions = {}) {
    super(options, { className: 'Minimum', fields: {} })
  }
}

// ---- Concatenate --------------------------------------------------------------------------------------------------

/** The options of Concatenate. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis along which the inputs are joined, counting the batch as 0. Default −1. */
  readonly axis?: number
}

const integerAxis = field((name, given): number => {
  if (Number.isSafeInteger(given)) return given as number
  throw new ArgumentError(name, given, 'an integer')
}, -1)

/** The positions of the inputs in the result: `width` numbers starting at `from`, repeated every `length` numbers. */
interface Places {
  readonly length: number
  readonly inputs: readonly { readonly from: number; readonly width: number }[]
}

/** Joins the inputs along one axis; all other sizes must be equal. */
export class Concatenate extends Merge<Places> {
  declare readonly className: 'Concatenate'
  declare readonly axis: number

  constructor(options: ConcatenateOptions = {}) {
    super(options, { className: 'Concatenate', fields: { axis: integerAxis } })
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(...inputShapes: BatchShape[]): BatchShape {
    const [first] = inputBatches(inputShapes)
    const [axis] = sampleAxes(this, this.axis, first.slice(1) as number[])
    const fits = (shape: BatchShape) =>
      shape.length === first.length && shape.every((n, i) => i === 0 || i === axis + 1 || n === first[i])
    if (!inputShapes.every(fits)) {
      const shapes = samplesText(inputShapes)
      throw new ArgumentError(
        `inputs of ${this.name}`,
        shapes,
        `samples of shapes that differ in axis ${this.axis} alone`,
      )
    }
    const length = inputShapes.reduce((sum, shape) => sum + (shape[axis + 1] as number), 0)
    return first.map((n, i) => (i === axis + 1 ? length : n))
  }

  override prepare({ inputShape, inputs }: Call): Places {
    const [axis] = sampleAxes(this, this.axis, inputShape)
    let length = 0
    const places = inputs.map(({ shape }) => {
      const [from, width] = [length, sizeOf(shape.slice(axis))]
      length += width
      return { from, width }
    })
    return { length, inputs: places }
  }

  forwardInto(y: Float32Array, _x: Float32Array, call: Call<Places>): void {
    const { length, inputs } = call.state
    inputs.forEach(({ from, width }, i) => {
      const x = call.inputs[i].y
      call.kernel(merge).place(y, x, x.length / width, width, from, length)
    })
  }

  backwardInto(_dx: Float32Array, dy: Float32Array, call: Call<Places>): void {
    const { length, inputs } = call.state
    inputs.forEach(({ from, width }, i) => {
      const dx = call.inputGradients[i].array
      call.kernel(merge).pick(dx, dy, dx.length / width, width, from, length)
    })
  }
}

// ---- Dot ----------------------------------------------------------------------------------------------------------

/** The options of Dot. */
export interface DotOptions extends LayerOptions {
  /** The axis of both inputs, or of each, along which products are added, counting the batch as 0. */
  readonly axes: number | readonly [number, number]
  /** Whether vectors along these axes are scaled to length 1 first: the cosine of their angle. Default false. */
  readonly normalize?: boolean
}

interface DotState {
  readonly sizes: DotSizes
  /** Of each input, if normalized: the vectors, 1 / their lengths, the scaled input and its gradient. */
  readonly unit: readonly { table: GroupTable; scale: BatchBuffer; x: BatchBuffer; dx: BatchBuffer }[]
}

const axes = field((name, given): number | readonly [number, number] => {
  const list = Array.isArray(given) ? given : [given]
  if (list.every(Number.isSafeInteger) && (!Array.isArray(given) || list.length === 2))
    return Array.isArray(given) ? [list[0], list[1]] : (given as number)
  throw new ArgumentError(name, given, 'an integer, or a list of two')
})

/**
 * The dot product of two inputs along an axis of each, sample by sample. The result has the other axes of the first input,
 * then those of the second.
 */
export class Dot extends Merge<DotState> {
  declare readonly className: 'Dot'
  declare readonly axes: number | readonly [number, number]
  declare readonly normalize: boolean

  constructor(options: DotOptions) {
    super(options, { className: 'Dot', fields: { axes, normalize: field(boolean, false) } })
  }

  override get inputCounts(): readonly [number, number] {
    return [2, 2]
  }

  /** The axis of each input, counted from 0 in a sample. */
  #axesOf(shapes: readonly Shape[]): readonly [number, number] {
    const [a, b] = typeof this.axes === 'number' ? [this.axes, this.axes] : this.axes
    return [sampleAxes(this, a, shapes[0])[0], sampleAxes(this, b, shapes[1])[0]]
  }

  computeOutputShape(first: BatchShape, second: BatchShape): BatchShape {
    const shapes = inputBatches([first, second]).map(shape => shape.slice(1) as number[])
    const [a, b] = this.#axesOf(shapes)
    if (shapes[0][a] !== shapes[1][b])
      throw new ArgumentError(
        `inputs of ${this.name}`,
        `${shapes[0][a]} and ${shapes[1][b]} numbers`,
        'equal sizes of the axes',
      )
    const rest = [...shapes[0].filter((_, i) => i !== a), ...shapes[1].filter((_, i) => i !== b)]
    return [first[0], ...(rest.length === 0 ? [1] : rest)]
  }

  override prepare(call: Call): DotState {
    const shapes = call.inputs.map(({ shape }) => shape)
    const own = this.#axesOf(shapes)
    const [[A1, K, A2], [B1, , B2]] = shapes.map((shape, i) => [
      sizeOf(shape.slice(0, own[i])),
      shape[own[i]],
      sizeOf(shape.slice(own[i] + 1)),
    ])
    const unit = this.normalize
      ? shapes.map((shape, i) => {
          const table = new GroupTable([own[i]], shape)
          const size = sizeOf(shape)
          return { table, scale: call.buffer(table.perSample), x: call.buffer(size), dx: call.gradientBuffer(size) }
        })
      : []
    return { sizes: { A1, K, A2, B1, B2 }, unit }
  }

  forwardInto(y: Float32Array, _x: Float32Array, call: Call<DotState>): void {
    const { sizes, unit } = call.state
    for (let i = 0; i < unit.length; i++) {
      const { table, scale, x } = unit[i]
      call.kernel(normalization).unitForward(x.array, scale.array, call.inputs[i].y, table.for(call.batch))
    }
    call.kernel(dotProduct).forward(y, factor(call, 0), factor(call, 1), call.batch, sizes)
  }

  backwardInto(_dx: Float32Array, dy: Float32Array, call: Call<DotState>): void {
    const { sizes, unit } = call.state
    const [da, db] = unit.length > 0 ? [unit[0].dx, unit[1].dx] : call.inputGradients
    call.kernel(dotProduct).backward(da.array, db.array, dy, factor(call, 0), factor(call, 1), call.batch, sizes)
    for (let i = 0; i < unit.length; i++) {
      const { table, scale, x, dx } = unit[i]
      const groups = table.for(call.batch)
      call.kernel(normalization).unitBackward(call.inputGradients[i].array, dx.array, x.array, scale.array, groups)
    }
  }
}

const factor = ({ state, inputs }: Call<DotState>, i: number) =>
  state.unit.length > 0 ? state.unit[i].x.array : inputs[i].y
