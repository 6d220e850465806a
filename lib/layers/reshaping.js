// Layers that move numbers and change none: Reshape, Permute, RepeatVector, Cropping, ZeroPadding, UpSampling (nearest).
// Each is a table that says which input every output is; forward gathers, backward scatters.
import {
  shape as checkShape,
  integer,
  knownOptions,
  oneOf,
  positiveInteger,
  single,
  sizeOf,
} from '../check.ts'
import { ArgumentError } from '../errors.ts'
import { Layer, layerOptionNames } from './layer.ts'
import { dataFormatOf, overImages } from './window.ts'

/** A layer whose outputs are inputs, each at another place; −1 is a zero. */
class Rearrangement extends Layer {
  #table
  #inputSize = 0
  #y
  #dx
  get isLinear() {
    return true
  }
  create(inputShape) {
    this.#table = this.tableFor(inputShape)
    this.#inputSize = sizeOf(inputShape)
    this.#y = this.buffer(this.#table.length)
    this.#dx = this.gradientBuffer(this.#inputSize)
  }
  propagate(x, { batch }) {
    this.engine.kernels.gather.forward(this.#y.array, x, this.#table, batch, this.#inputSize)
    return this.#y.array
  }
  backpropagate(dy, { batch }) {
    this.engine.kernels.gather.backward(this.#dx.array, dy, this.#table, batch, this.#inputSize)
    return this.#dx.array
  }
}
/** Offsets of all entries of a shape, in order, in a memory with these strides. */
function offsetsOf(shape, strides, start = 0) {
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
const stridesOf = shape => shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
function known(inputShape) {
  return checkShape('inputShape without its batch', inputShape.slice(1))
}
/** The same numbers in another shape. */
export class Reshape extends Layer {
  className = 'Reshape'
  constructor(options) {
    knownOptions('Reshape', options, [...layerOptionNames, 'targetShape'])
    super(options)
    const check = ({ targetShape }) => {
      checkShape('targetShape', targetShape, -1)
      if (targetShape.filter(n => n === -1).length > 1)
        throw new ArgumentError('targetShape', targetShape, 'at most one size of -1')
      return { targetShape: [...targetShape] }
    }
    this.defineAttributes(check(options), check)
  }
  get isLinear() {
    return true
  }
  computeOutputShape(inputShape) {
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
  create() {}
  propagate(x) {
    return x
  }
  backpropagate(dy) {
    return dy
  }
  ownConfig() {
    return { targetShape: [...this.targetShape] }
  }
}
/** The axes of each sample in another order. */
export class Permute extends Rearrangement {
  className = 'Permute'
  constructor(options) {
    knownOptions('Permute', options, [...layerOptionNames, 'dims'])
    super(options)
    const check = ({ dims }) => {
      if (!Array.isArray(dims) || [...dims].sort((a, b) => a - b).some((n, i) => n !== i + 1))
        throw new ArgumentError('dims', dims, 'the numbers 1, 2, … of all axes but the batch, in some order')
      return { dims: [...dims] }
    }
    this.defineAttributes(check(options), check)
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== this.dims.length + 1)
      throw new ArgumentError('inputShape', inputShape, `a batch with ${this.dims.length} axes more`)
    return [inputShape[0], ...this.dims.map(axis => inputShape[axis])]
  }
  tableFor(inputShape) {
    const strides = stridesOf(inputShape)
    const order = this.dims.map(axis => axis - 1)
    return offsetsOf(
      order.map(axis => inputShape[axis]),
      order.map(axis => strides[axis]),
    )
  }
  ownConfig() {
    return { dims: [...this.dims] }
  }
}
/** `[batch, features]` to `[batch, n, features]`. */
export class RepeatVector extends Rearrangement {
  className = 'RepeatVector'
  constructor(options) {
    knownOptions('RepeatVector', options, [...layerOptionNames, 'n'])
    super(options)
    const check = ({ n }) => ({ n: positiveInteger('n', n) })
    this.defineAttributes(check(options), check)
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== 2) throw new ArgumentError('inputShape', inputShape, '[batch, features]')
    return [inputShape[0], this.n, inputShape[1]]
  }
  tableFor([features]) {
    return offsetsOf([this.n, features], [0, 1])
  }
  ownConfig() {
    return { n: this.n }
  }
}
const isBorder = value =>
  Array.isArray(value) && value.length === 2 && value.every(n => Number.isSafeInteger(n) && n >= 0)
function borders1D(name, value) {
  if (isBorder(value)) return [...value]
  const n = integer(name, value, 0)
  return [n, n]
}
function borders2D(name, value) {
  if (typeof value === 'number') {
    const border = borders1D(name, value)
    return [border, [...border]]
  }
  if (Array.isArray(value) && value.length === 2) {
    if (value.every(isBorder)) return [[...value[0]], [...value[1]]]
    if (isBorder(value)) return [borders1D(name, value[0]), borders1D(name, value[1])]
  }
  throw new ArgumentError(
    name,
    value,
    'a number, [rows, columns] or [[top, bottom], [left, right]], none negative',
  )
}
/** Rows and columns put on (or, negative, taken off) around each sample. */
function reframe(inputShape, rowAxis, colAxis, [rows, cols]) {
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
const rowAxisOf = format => (format === 'channels_first' ? 1 : 0)
const negated = ([a, b]) => [-a, -b]
class Frame2D extends Rearrangement {
  computeOutputShape(inputShape) {
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
  tableFor(inputShape) {
    const axis = rowAxisOf(this.dataFormat)
    return reframe(inputShape, axis, axis + 1, this.borders())
  }
}
/** Rows and columns of zeros around each image. */
export class ZeroPadding2D extends Frame2D {
  className = 'ZeroPadding2D'
  constructor(options = {}) {
    knownOptions('ZeroPadding2D', options, [...layerOptionNames, 'padding', 'dataFormat'])
    super(options)
    const check = ({ padding = 1, dataFormat }) => ({
      padding: borders2D('padding', padding),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }
  borders() {
    return this.padding
  }
  ownConfig() {
    return { padding: this.padding.map(border => [...border]), dataFormat: this.dataFormat }
  }
}
/** Each image without some rows and columns at its sides. */
export class Cropping2D extends Frame2D {
  className = 'Cropping2D'
  constructor(options = {}) {
    knownOptions('Cropping2D', options, [...layerOptionNames, 'cropping', 'dataFormat'])
    super(options)
    const check = ({ cropping = 0, dataFormat }) => ({
      cropping: borders2D('cropping', cropping),
      dataFormat: dataFormatOf(dataFormat),
    })
    this.defineAttributes(check(options), check)
  }
  borders() {
    return [negated(this.cropping[0]), negated(this.cropping[1])]
  }
  ownConfig() {
    return { cropping: this.cropping.map(border => [...border]), dataFormat: this.dataFormat }
  }
}
class Frame1D extends Rearrangement {
  computeOutputShape(inputShape) {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = known(inputShape)
    const [before, after] = this.border()
    if (steps + before + after < 1)
      throw new ArgumentError('cropping', this.border(), `less than the ${steps} steps`)
    return [inputShape[0], steps + before + after, channels]
  }
  tableFor(inputShape) {
    return reframe(inputShape, 0, -1, [this.border(), [0, 0]])
  }
}
/** Steps of zeros before and after each sequence. */
export class ZeroPadding1D extends Frame1D {
  className = 'ZeroPadding1D'
  constructor(options = {}) {
    knownOptions('ZeroPadding1D', options, [...layerOptionNames, 'padding'])
    super(options)
    const check = ({ padding = 1 }) => ({
      padding: borders1D('padding', padding),
    })
    this.defineAttributes(check(options), check)
  }
  border() {
    return this.padding
  }
  ownConfig() {
    return { padding: [...this.padding] }
  }
}
/** Each sequence without some steps at its ends. */
export class Cropping1D extends Frame1D {
  className = 'Cropping1D'
  constructor(options = {}) {
    knownOptions('Cropping1D', options, [...layerOptionNames, 'cropping'])
    super(options)
    const check = ({ cropping = 1 }) => ({
      cropping: borders1D('cropping', cropping),
    })
    this.defineAttributes(check(options), check)
  }
  border() {
    return negated(this.cropping)
  }
  ownConfig() {
    return { cropping: [...this.cropping] }
  }
}
/** More rows and columns. */
export class UpSampling2D extends Layer {
  className = 'UpSampling2D'
  #index
  #lerp
  #inputSize = 0
  #y
  #dx
  constructor(options = {}) {
    knownOptions('UpSampling2D', options, [...layerOptionNames, 'size', 'dataFormat', 'interpolation'])
    super(options)
    const check = ({ size = 2, dataFormat, interpolation = 'nearest' }) => ({
      size: overImages.sizes('size', size),
      dataFormat: dataFormatOf(dataFormat),
      interpolation: oneOf('interpolation', interpolation, ['nearest', 'bilinear']),
    })
    this.defineAttributes(check(options), check)
  }
  get isLinear() {
    return true
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    const item = known(inputShape)
    const axis = rowAxisOf(this.dataFormat)
    item[axis] *= this.size[0]
    item[axis + 1] *= this.size[1]
    return [inputShape[0], ...item]
  }
  create(inputShape) {
    const axis = rowAxisOf(this.dataFormat)
    const outputShape = this.computeOutputShape([null, ...inputShape]).slice(1)
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
  #between(place, times, size) {
    if (this.interpolation === 'nearest') {
      const nearest = Math.floor(place / times)
      return { around: [nearest, nearest], share: 0 }
    }
    const centre = (place + 0.5) / times - 0.5
    const before = Math.floor(centre)
    return { around: [Math.max(before, 0), Math.min(before + 1, size - 1)], share: centre - before }
  }
  propagate(x, { batch }) {
    this.engine.kernels.interpolate.forward(this.#y.array, x, this.#index, this.#lerp, batch, this.#inputSize)
    return this.#y.array
  }
  backpropagate(dy, { batch }) {
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
  ownConfig() {
    return { size: [...this.size], dataFormat: this.dataFormat, interpolation: this.interpolation }
  }
}
/** Every step several times. */
export class UpSampling1D extends Rearrangement {
  className = 'UpSampling1D'
  constructor(options = {}) {
    knownOptions('UpSampling1D', options, [...layerOptionNames, 'size'])
    super(options)
    const check = ({ size = 2 }) => ({ size: single('size', size)[0] })
    this.defineAttributes(check(options), check)
  }
  computeOutputShape(inputShape) {
    if (inputShape.length !== 3) throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = known(inputShape)
    return [inputShape[0], steps * this.size, channels]
  }
  tableFor(inputShape) {
    return repeated(inputShape, axis => (axis === 0 ? this.size : 1))
  }
  ownConfig() {
    return { size: this.size }
  }
}
/** Each entry along an axis `times(axis)` times. */
function repeated(inputShape, times) {
  const strides = stridesOf(inputShape)
  const shape = inputShape.flatMap((n, axis) => [n, times(axis)])
  return offsetsOf(
    shape,
    strides.flatMap(stride => [stride, 0]),
  )
}
