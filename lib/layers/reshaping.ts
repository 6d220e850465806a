// Layers that move numbers and change none: Reshape, Permute, RepeatVector, Cropping, ZeroPadding, UpSampling (nearest).
// Each is a table that says which input every output is; forward gathers, backward scatters.

import {
  type BatchShape,
  shape as checkShape,
  integer,
  knownOptions,
  oneOf,
  positiveInteger,
  type Shape,
  single,
  sizeOf,
} from '../check.ts'
import type { Block } from '../engine.ts'
import { ArgumentError } from '../errors.ts'
import type { DataFormat } from '../geometry.ts'
import { Layer, type LayerOptions, layerOptionNames, type Pass } from './layer.ts'
import { type DataFormatOption, dataFormatOf, overImages } from './window.ts'

/** A layer whose outputs are inputs, each at another place; −1 is a zero. */
abstract class Rearrangement extends Layer {
  #table!: Int32Array
  #inputSize = 0
  #y!: Block
  #dx!: Block

  /** The index in a sample of the input, or −1, for each place of the output's sample. */
  protected abstract tableFor(inputShape: Shape): Int32Array

  override get isLinear(): boolean {
    return true
  }

  protected create(inputShape: Shape): void {
    this.#table = this.tableFor(inputShape)
    this.#inputSize = sizeOf(inputShape)
    this.#y = this.buffer(this.#table.length)
    this.#dx = this.gradientBuffer(this.#inputSize)
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.gather.forward(this.#y.array, x, this.#table, batch, this.#inputSize)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.gather.backward(this.#dx.array, dy, this.#table, batch, this.#inputSize)
    return this.#dx.array
  }
}

/** Offsets of all entries of a shape, in order, in a memory with these strides. */
function offsetsOf(shape: Shape, strides: readonly number[], start = 0): Int32Array {
  let offsets = Int32Array.of(start)
  shape.forEach((size, axis) => {
    const before = offsets
    offsets = new Int32Array(before.length * size)
    before.forEach((offset, i) => {
      for (let n = 0; n < size; n++) offsets[i * size + n] = offset + n * strides[axis]
    })
  })
  return offsets
}

const stridesOf = (shape: Shape) => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))

function known(inputShape: BatchShape): number[] {
  return checkShape('inputShape without its batch', inputShape.slice(1))
}

// ---- Reshape, Permute, RepeatVector -------------------------------------------------------------------------------

export interface ReshapeOptions extends LayerOptions {
  /** The shape of one sample; one size may be −1, and is worked out. */
  readonly targetShape: Shape
}

/** The same numbers in another shape. */
export class Reshape extends Layer {
  readonly className = 'Reshape'
  declare readonly targetShape: Shape

  constructor(options: ReshapeOptions) {
    knownOptions('Reshape', options, [...layerOptionNames, 'targetShape'])
    super(options)
    const check = ({ targetShape }: ReshapeOptions) => {
      checkShape('targetShape', targetShape, -1)
      if (targetShape.filter(n => n === -1).length > 1)
        throw new ArgumentError('targetShape', targetShape, 'at most one size of -1')
      return { targetShape: [...targetShape] }
    }
    this.defineAttributes(check(options), check)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const size = sizeOf(known(inputShape))
    const rest = sizeOf(this.targetShape.filter(n => n !== -1))
    const target = this.targetShape.map(n => (n === -1 ? size / rest : n))
    if (!target.every(Number.isSafeInteger) || sizeOf(target) !== size)
      throw new ArgumentError(
        'targetShape',
        this.targetShape,
        `a shape for the ${size} numbers of [${inputShape.slice(1)}]`,
      )
    return [inputShape[0], ...target]
  }

  protected create(): void {}

  propagate(x: Float32Array): Float32Array {
    return x
  }

  backpropagate(dy: Float32Array): Float32Array {
    return dy
  }

  protected ownConfig() {
    return { targetShape: [...this.targetShape] }
  }
}

export interface PermuteOptions extends LayerOptions {
  /** The new order of a sample's axes, counted from 1. */
  readonly dims: readonly number[]
}

/** The axes of each sample in another order. */
export class Permute extends Rearrangement {
  readonly className = 'Permute'
  declare readonly dims: readonly number[]

  constructor(options: PermuteOptions) {
    knownOptions('Permute', options, [...layerOptionNames, 'dims'])
    super(options)
    const check = ({ dims }: PermuteOptions) => {
      if (!Array.isArray(dims) || [...dims].sort((a, b) => a - b).some((n, i) => n !== i + 1))
        throw new ArgumentError('dims', dims, 'the numbers 1, 2, … of all axes but the batch, in some order')
      return { dims: [...dims] }
    }
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== this.dims.length + 1)
      throw new ArgumentError('inputShape', inputShape, `a batch with ${this.dims.length} axes more`)
    return [inputShape[0], ...this.dims.map(axis => inputShape[axis])]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    const strides = stridesOf(inputShape)
    const order = this.dims.map(axis => axis - 1)
    return offsetsOf(
      order.map(axis => inputShape[axis]),
      order.map(axis => strides[axis]),
    )
  }

  protected ownConfig() {
    return { dims: [...this.dims] }
  }
}

export interface RepeatVectorOptions extends LayerOptions {
  readonly n: number
}

/** `[batch, features]` to `[batch, n, features]`. */
export class RepeatVector extends Rearrangement {
  readonly className = 'RepeatVector'
  declare readonly n: number

  constructor(options: RepeatVectorOptions) {
    knownOptions('RepeatVector', options, [...layerOptionNames, 'n'])
    super(options)
    const check = ({ n }: RepeatVectorOptions) => ({ n: positiveInteger('n', n) })
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 2) throw new ArgumentError('inputShape', inputShape, '[batch, features]')
    return [inputShape[0], this.n, inputShape[1]]
  }

  protected tableFor([features]: Shape): Int32Array {
    return offsetsOf([this.n, features], [0, 1])
  }

  protected ownConfig() {
    return { n: this.n }
  }
}

// ---- Borders ------------------------------------------------------------------------------------------------------

type Border = readonly [number, number]
/** One number for all sides, one for rows and one for columns, or [[top, bottom], [left, right]]. */
export type Borders2D = number | readonly [number, number] | readonly [Border, Border]
/** One number for both ends, or [start, end]. */
export type Borders1D = number | Border

const isBorder = (value: unknown): value is Border =>
  Array.isArray(value) && value.length === 2 && value.every(n => Number.isSafeInteger(n) && n >= 0)

function borders1D(name: string, value: unknown): Border {
  if (isBorder(value)) return [...value]
  const n = integer(name, value, 0)
  return [n, n]
}

function borders2D(name: string, value: unknown): [Border, Border] {
  if (typeof value === 'number') {
    const border = borders1D(name, value)
    return [border, [...border]]
  }
  if (Array.isArray(value) && value.length === 2) {
    if (value.every(isBorder)) return [[...value[0]], [...value[1]]] as [Border, Border]
    if (isBorder(value)) return [borders1D(name, value[0]), borders1D(name, value[1])]
  }
  throw new ArgumentError(
    name,
    value,
    'a number, [rows, columns] or [[top, bottom], [left, right]], none negative',
  )
}

/** Rows and columns put on (or, negative, taken off) around each sample. */
function reframe(
  inputShape: Shape,
  rowAxis: number,
  colAxis: number,
  [rows, cols]: readonly [Border, Border],
): Int32Array {
  const strides = stridesOf(inputShape)
  const shape = inputShape.map((n, axis) => {
    const border = axis === rowAxis ? rows : axis === colAxis ? cols : [0, 0]
    return n + border[0] + border[1]
  })
  const index = offsetsOf(shape, stridesOf(shape))
  return index.map(at => {
    let offset = 0
    let rest = at
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      let n = rest % shape[axis]
      rest = Math.floor(rest / shape[axis])
      if (axis === rowAxis) n -= rows[0]
      if (axis === colAxis) n -= cols[0]
      if (n < 0 || n >= inputShape[axis]) return -1
      offset += n * strides[axis]
    }
    return offset
  })
}

const rowAxisOf = (format: DataFormat) => (format === 'channels_first' ? 1 : 0)
const negated = ([a, b]: Border): Border => [-a, -b]

export interface ZeroPadding2DOptions extends LayerOptions {
  /** Default 1 on every side. */
  readonly padding?: Borders2D
  readonly dataFormat?: DataFormatOption
}
export interface Cropping2DOptions extends LayerOptions {
  /** Default 0 on every side. */
  readonly cropping?: Borders2D
  readonly dataFormat?: DataFormatOption
}

abstract class Frame2D extends Rearrangement {
  declare readonly dataFormat: DataFormat
  /** What is put on; negative where it is taken off. */
  protected abstract borders(): readonly [Border, Border]

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    const item = known(inputShape)
    const axis = rowAxisOf(this.dataFormat)
    this.borders().forEach(([before, after], i) => {
      item[axis + i] += before + after
      if (item[axis + i] < 1)
        throw new ArgumentError('cropping', this.borders(), `less than the image [${inputShape.slice(1)}]`)
    })
    return [inputShape[0], ...item]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    const axis = rowAxisOf(this.dataFormat)
    return reframe(inputShape, axis, axis + 1, this.borders())
  }
}

/** Rows and columns of zeros around each image. */
export class ZeroPadding2D extends Frame2D {
  readonly className = 'ZeroPadding2D'
  declare readonly padding: readonly [Border, Border]

  constructor(options: ZeroPadding2DOptions = {}) {
    knownOptions('ZeroPadding2D', options, [...layerOptionNames, 'padding', 'dataFormat'])
    super(options)
    const check = ({ padding = 1, dataFormat }: ZeroPadding2DOptions) => ({
      padding: borders2D('padding', padding),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }

  protected borders() {
    return this.padding
  }

  protected ownConfig() {
    return { padding: this.padding.map(border => [...border]), dataFormat: this.dataFormat }
  }
}

/** Each image without some rows and columns at its sides. */
export class Cropping2D extends Frame2D {
  readonly className = 'Cropping2D'
  declare readonly cropping: readonly [Border, Border]

  constructor(options: Cropping2DOptions = {}) {
    knownOptions('Cropping2D', options, [...layerOptionNames, 'cropping', 'dataFormat'])
    super(options)
    const check = ({ cropping = 0, dataFormat }: Cropping2DOptions) => ({
      cropping: borders2D('cropping', cropping),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }

  protected borders() {
    return [negated(this.cropping[0]), negated(this.cropping[1])] as const
  }

  protected ownConfig() {
    return { cropping: this.cropping.map(border => [...border]), dataFormat: this.dataFormat }
  }
}

abstract class Frame1D extends Rearrangement {
  protected abstract border(): Border

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = known(inputShape)
    const [before, after] = this.border()
    if (steps + before + after < 1)
      throw new ArgumentError('cropping', this.border(), `less than the ${steps} steps`)
    return [inputShape[0], steps + before + after, channels]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    return reframe(inputShape, 0, -1, [this.border(), [0, 0]])
  }
}

/** Steps of zeros before and after each sequence. */
export class ZeroPadding1D extends Frame1D {
  readonly className = 'ZeroPadding1D'
  declare readonly padding: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly padding?: Borders1D } = {}) {
    knownOptions('ZeroPadding1D', options, [...layerOptionNames, 'padding'])
    super(options)
    const check = ({ padding = 1 }: { readonly padding?: Borders1D }) => ({
      padding: borders1D('padding', padding),
    })
    this.defineAttributes(check(options), check)
  }

  protected border() {
    return this.padding
  }

  protected ownConfig() {
    return { padding: [...this.padding] }
  }
}

/** Each sequence without some steps at its ends. */
export class Cropping1D extends Frame1D {
  readonly className = 'Cropping1D'
  declare readonly cropping: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly cropping?: Borders1D } = {}) {
    knownOptions('Cropping1D', options, [...layerOptionNames, 'cropping'])
    super(options)
    const check = ({ cropping = 1 }: { readonly cropping?: Borders1D }) => ({
      cropping: borders1D('cropping', cropping),
    })
    this.defineAttributes(check(options), check)
  }

  protected border() {
    return negated(this.cropping)
  }

  protected ownConfig() {
    return { cropping: [...this.cropping] }
  }
}

// ---- UpSampling ---------------------------------------------------------------------------------------------------

export interface UpSampling2DOptions extends LayerOptions {
  /** How many times more rows and columns come out. Default 2. */
  readonly size?: number | readonly [number, number]
  readonly dataFormat?: DataFormatOption
  /** 'nearest' (the default) repeats; 'bilinear' lies between four neighbours, pixel centres at halves. */
  readonly interpolation?: 'nearest' | 'bilinear'
}

/** More rows and columns. */
export class UpSampling2D extends Layer {
  readonly className = 'UpSampling2D'
  declare readonly size: readonly [number, number]
  declare readonly dataFormat: DataFormat
  declare readonly interpolation: 'nearest' | 'bilinear'
  #index!: Int32Array
  #lerp!: Float32Array
  #inputSize = 0
  #y!: Block
  #dx!: Block

  constructor(options: UpSampling2DOptions = {}) {
    knownOptions('UpSampling2D', options, [...layerOptionNames, 'size', 'dataFormat', 'interpolation'])
    super(options)
    const check = ({ size = 2, dataFormat, interpolation = 'nearest' }: UpSampling2DOptions) => ({
      size: overImages.sizes('size', size),
      dataFormat: dataFormatOf(dataFormat),
      interpolation: oneOf('interpolation', interpolation, ['nearest', 'bilinear']),
    })
    this.defineAttributes(check(options), check)
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    const item = known(inputShape)
    const axis = rowAxisOf(this.dataFormat)
    item[axis] *= this.size[0]
    item[axis + 1] *= this.size[1]
    return [inputShape[0], ...item]
  }

  protected create(inputShape: Shape): void {
    const axis = rowAxisOf(this.dataFormat)
    const outputShape = this.computeOutputShape([null, ...inputShape]).slice(1) as number[]
    const strides = stridesOf(inputShape)
    const outputStrides = stridesOf(outputShape)
    const size = sizeOf(outputShape)
    this.#index = new Int32Array(4 * size)
    this.#lerp = new Float32Array(2 * size)
    for (let o = 0; o < size; o++) {
      const at = outputShape.map((n, a) => Math.floor(o / outputStrides[a]) % n)
      const channel = axis === 0 ? 2 : 0
      const rows = this.#between(at[axis], this.size[0], inputShape[axis])
      const cols = this.#between(at[axis + 1], this.size[1], inputShape[axis + 1])
      for (const [corner, [row, col]] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ].entries())
        this.#index[4 * o + corner] =
          rows.around[row] * strides[axis] +
          cols.around[col] * strides[axis + 1] +
          at[channel] * strides[channel]
      this.#lerp.set([rows.share, cols.share], 2 * o)
    }
    this.#inputSize = sizeOf(inputShape)
    this.#y = this.buffer(size)
    this.#dx = this.gradientBuffer(this.#inputSize)
  }

  /** The two inputs around an output along one axis, and how far it is from the first to the second. */
  #between(place: number, times: number, size: number): { around: [number, number]; share: number } {
    if (this.interpolation === 'nearest') {
      const nearest = Math.floor(place / times)
      return { around: [nearest, nearest], share: 0 }
    }
    const centre = (place + 0.5) / times - 0.5
    const before = Math.floor(centre)
    return { around: [Math.max(before, 0), Math.min(before + 1, size - 1)], share: centre - before }
  }

  propagate(x: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.interpolate.forward(this.#y.array, x, this.#index, this.#lerp, batch, this.#inputSize)
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: Pass): Float32Array {
    this.engine.kernels.interpolate.backward(
      this.#dx.array,
      dy,
      this.#index,
      this.#lerp,
      batch,
      this.#inputSize,
    )
    return this.#dx.array
  }

  protected ownConfig() {
    return { size: [...this.size], dataFormat: this.dataFormat, interpolation: this.interpolation }
  }
}

/** Every step several times. */
export class UpSampling1D extends Rearrangement {
  readonly className = 'UpSampling1D'
  declare readonly size: number

  constructor(options: LayerOptions & { /** Default 2. */ readonly size?: number } = {}) {
    knownOptions('UpSampling1D', options, [...layerOptionNames, 'size'])
    super(options)
    const check = ({ size = 2 }: { readonly size?: number }) => ({ size: single('size', size)[0] })
    this.defineAttributes(check(options), check)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = known(inputShape)
    return [inputShape[0], steps * this.size, channels]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    return repeated(inputShape, axis => (axis === 0 ? this.size : 1))
  }

  protected ownConfig() {
    return { size: this.size }
  }
}

/** Each entry along an axis `times(axis)` times. */
function repeated(inputShape: Shape, times: (axis: number) => number): Int32Array {
  const strides = stridesOf(inputShape)
  const shape = inputShape.flatMap((n, axis) => [n, times(axis)])
  return offsetsOf(
    shape,
    strides.flatMap(stride => [stride, 0]),
  )
}
