// ZeroPadding adds a border of zeros to images and sequences; Cropping removes a border.

import { type BatchShape, inputBatch, integer, type Shape, stridesOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { field } from '../core/options.ts'
import type { LayerOptions } from './layer.ts'
import { knownItem, offsetsOf, Rearrangement } from './rearrangement.ts'
import { type DataFormatOption, dataFormat, rowAxisOf } from './window-options.ts'

export type Border = readonly [number, number]
/** A number for all sides, [rows, columns], or [[top, bottom], [left, right]]. */
export type Borders2D = number | readonly [number, number] | readonly [Border, Border]
/** A number for both ends, or [start, end]. */
export type Borders1D = number | Border

const isBorder = (value: unknown): value is Border =>
  Array.isArray(value) && value.length === 2 && value.every(n => Number.isSafeInteger(n) && n >= 0)

function borders1D(name: string, value: unknown): Border {
  if (isBorder(value)) return [...value]
  const n = integer(name, value, 0)
  return [n, n]
}

export function borders2D(name: string, value: unknown): [Border, Border] {
  if (typeof value === 'number') {
    const border = borders1D(name, value)
    return [border, [...border]]
  }
  if (Array.isArray(value) && value.length === 2) {
    if (value.every(isBorder)) return [[...value[0]], [...value[1]]] as [Border, Border]
    if (isBorder(value)) return [borders1D(name, value[0]), borders1D(name, value[1])]
  }
  throw new ArgumentError(name, value, 'a number, [rows, columns] or [[top, bottom], [left, right]], none negative')
}

/** The table of input offsets for each sample with rows and columns added (or, if negative, removed) at its sides. */
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

const negated = ([a, b]: Border): Border => [-a, -b]

/** A layer that adds or removes rows and columns at the sides of each image. */
export abstract class Frame2D extends Rearrangement {
  declare readonly dataFormat: DataFormat
  /** The rows and columns to add at each side; negative to remove. */
  protected abstract borders(): readonly [Border, Border]

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 4)
      throw new ArgumentError('inputShape', inputShape, 'a batch of images: four axes')
    const item = knownItem(inputShape)
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

abstract class Frame1D extends Rearrangement {
  protected abstract border(): Border

  computeOutputShape(inputShape: BatchShape): BatchShape {
    if (inputBatch(inputShape).length !== 3)
      throw new ArgumentError('inputShape', inputShape, '[batch, steps, channels]')
    const [steps, channels] = knownItem(inputShape)
    const [before, after] = this.border()
    if (steps + before + after < 1) throw new ArgumentError('cropping', this.border(), `less than the ${steps} steps`)
    return [inputShape[0], steps + before + after, channels]
  }

  protected tableFor(inputShape: Shape): Int32Array {
    return reframe(inputShape, 0, -1, [this.border(), [0, 0]])
  }
}

// ---- Padding ------------------------------------------------------------------------------------------------------

/** The options of ZeroPadding2D. */
export interface ZeroPadding2DOptions extends LayerOptions {
  /** Default 1 on every side. */
  readonly padding?: Borders2D
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
}

const zeroPadding2D = /* @__PURE__ */ (() => ({
  className: 'ZeroPadding2D',
  fields: { padding: field(borders2D, 1), dataFormat },
}))()

/** Adds rows and columns of zeros around each image. */
export class ZeroPadding2D extends Frame2D {
  declare readonly className: 'ZeroPadding2D'
  declare readonly padding: readonly [Border, Border]

  constructor(options: ZeroPadding2DOptions = {}) {
    super(options, zeroPadding2D)
  }

  protected borders() {
    return this.padding
  }
}

/** Adds steps of zeros before and after each sequence. */
export class ZeroPadding1D extends Frame1D {
  declare readonly className: 'ZeroPadding1D'
  /** Steps before and after. */
  declare readonly padding: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly padding?: Borders1D } = {}) {
    super(options, { className: 'ZeroPadding1D', fields: { padding: field(borders1D, 1) } })
  }

  protected border() {
    return this.padding
  }
}

// ---- Cropping -----------------------------------------------------------------------------------------------------

/** The options of Cropping2D. */
export interface Cropping2DOptions extends LayerOptions {
  /** Default 0 on every side. */
  readonly cropping?: Borders2D
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
}

const cropping2D = /* @__PURE__ */ (() => ({
  className: 'Cropping2D',
  fields: { cropping: field(borders2D, 0), dataFormat },
}))()

/** Removes rows and columns at the sides of each image. */
export class Cropping2D extends Frame2D {
  declare readonly className: 'Cropping2D'
  declare readonly cropping: readonly [Border, Border]

  constructor(options: Cropping2DOptions = {}) {
    super(options, cropping2D)
  }

  protected borders() {
    return [negated(this.cropping[0]), negated(this.cropping[1])] as const
  }
}

/** Removes steps at the ends of each sequence. */
export class Cropping1D extends Frame1D {
  declare readonly className: 'Cropping1D'
  /** Steps to remove at the start and at the end. */
  declare readonly cropping: Border

  constructor(options: LayerOptions & { /** Default 1 at both ends. */ readonly cropping?: Borders1D } = {}) {
    super(options, { className: 'Cropping1D', fields: { cropping: field(borders1D, 1) } })
  }

  protected border() {
    return negated(this.cropping)
  }
}
