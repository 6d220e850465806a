// How a layer finds its numbers, written down so that single steps can be changed: the right recipe is the reference
// for layers under test, and each fault of `faults.ts` is a change to it. All arithmetic is in float64.

import { type Shape, sizeOf } from '../core/check.ts'
import { alongAxis, type LayerCase, type LayerSizes, placesOf, type Quantity, shapeOfResult } from './sizes.ts'

type Axis = 'h' | 'w' | 'c'

export interface Recipe {
  readonly KH: number
  readonly KW: number
  readonly SH: number
  readonly SW: number
  /** Along an axis: the number of places, and how far before the image the first window starts. */
  places(size: number, k: number, stride: number, axis: 0 | 1): number
  before(size: number, k: number, stride: number, places: number, axis: 0 | 1): number
  /** Whether the number of places is computed, or read from the shape of the bias. */
  readonly computesSize: boolean
  /** What stands beside the image. 'undefined': an array read past its end; 'neighbour': the flat array goes on. */
  readonly outside: 'zero' | 'undefined' | 'neighbour' | 'edge' | 'other side'
  /** Whether the layer skips a pixel outside the image. */
  skips(h: number, w: number, H: number, W: number): boolean
  /** The value read at an index outside x. */
  readonly pastEnd: number
  readonly inputFirst: boolean // channels first
  readonly outputFirst: boolean
  /** The number of a pixel in its channel. */
  pixel(h: number, w: number, H: number, W: number): number
  /** How far apart the pixels of a window are. */
  readonly spacing: readonly [number, number]
  /** The axes of a patch, the slowest first. */
  readonly patch: readonly Axis[]
  /** The number of the kernel of a place. */
  place(oh: number, ow: number, OH: number, OW: number): number
  /** Whether a tap of the window is read. */
  reads(kh: number, kw: number): boolean
  /** The tap of the kernel for a tap of the window. */
  tap(kh: number, kw: number): readonly [number, number]
  /** The length of the kernel's rows, as counted by the patch. */
  readonly rowLength: number
  /** Whether a tap outside the kernel is an error, as in nested arrays, or another tap. */
  readonly hasTaps: boolean
  /** The channels that a filter reads; the channel and the filter whose weights it takes. */
  channels(f: number): readonly number[]
  channelOf(c: number): number
  filterOf(f: number): number
  /** The kernel is [places, filters, patch]. */
  readonly isKernelTransposed: boolean
  /** How often the bias is added, and of which place. */
  readonly biasTimes: number
  biasPlace(oh: number, ow: number, OH: number, OW: number): number
  /** Where the bias is, if not in the order of the output. */
  readonly biasIndex: ((p: number, f: number, P: number, F: number) => number) | null
  /** The number of an output place. */
  outputPlace(oh: number, ow: number, OH: number, OW: number): number
  /** Whether the sums include a filter at a place. */
  counts(oh: number, ow: number, f: number, OH: number, OW: number, F: number): boolean
  /** Whether outputs that are left out still hold their bias. */
  readonly beginsWithBias: boolean
  /** The samples that are added to make sample b of y or dx. */
  samples(b: number, B: number): readonly number[]
  /** Whether the bias is added once for each of them. */
  readonly biasOncePerSample: boolean
  /** The samples whose kernel and bias gradients are added. */
  counted(B: number): readonly number[]
  /** What a sum begins with: nothing, or what is left of the filter, the place or the sample before, with its bias. */
  readonly carries: false | 'filters' | 'places' | 'samples'
  readonly carriesBias: boolean
  /** Whether the places are visited from the last to the first. */
  readonly isBackwards: boolean
  /** Where dx is written over instead of added to: at every place, or with every filter too. */
  readonly overwrites: false | 'places' | 'filters'
  readonly ignoresDy: boolean
  /** Whether dy is multiplied by x for dx and by the kernel for dkernel, instead of the other way round. */
  readonly takesOwnFactor: boolean
  /** A factor of the sum, before the bias is added, and of everything. */
  readonly sumFactor: number
  readonly factor: number
  /** What is done to the result in the end. */
  finish(values: Float64Array, shape: Shape, quantity: Quantity): Float64Array
}

/** The layer of Keras 2. */
export function rightRecipe(sizes: LayerSizes): Recipe {
  const { KH, KW, SH, SW, C, padding, dataFormat } = sizes
  const isFirst = dataFormat === 'channels_first'
  const all = Array.from({ length: C }, (_, c) => c)
  return {
    KH,
    KW,
    SH,
    SW,
    places: (size, k, stride) => alongAxis(size, k, stride, padding)[0],
    before: (size, k, stride) => alongAxis(size, k, stride, padding)[1],
    computesSize: true,
    outside: 'zero',
    skips: () => false,
    pastEnd: Number.NaN,
    inputFirst: isFirst,
    outputFirst: isFirst,
    pixel: (h, w, _H, W) => h * W + w,
    spacing: [1, 1],
    patch: isFirst ? ['c', 'h', 'w'] : ['h', 'w', 'c'],
    place: (oh, ow, _OH, OW) => oh * OW + ow,
    reads: () => true,
    tap: (kh, kw) => [kh, kw],
    rowLength: KW,
    hasTaps: false,
    channels: () => all,
    channelOf: c => c,
    filterOf: f => f,
    isKernelTransposed: false,
    biasTimes: 1,
    biasPlace: (oh, ow, _OH, OW) => oh * OW + ow,
    biasIndex: null,
    outputPlace: (oh, ow, _OH, OW) => oh * OW + ow,
    counts: () => true,
    beginsWithBias: false,
    samples: b => [b],
    biasOncePerSample: false,
    counted: B => Array.from({ length: B }, (_, b) => b),
    carries: false,
    carriesBias: false,
    isBackwards: false,
    overwrites: false,
    ignoresDy: false,
    takesOwnFactor: false,
    sumFactor: 1,
    factor: 1,
    finish: values => values,
  }
}

export interface Outcome {
  readonly values: Float64Array
  readonly shape: Shape
  /** For each value, what was added, without signs: rounding errors are a small part of it. */
  readonly sizes: Float64Array
  /** The most terms that were added for one value. */
  readonly terms: number
  /** Whether numbers were read that are not there: code that does this yields NaN, or throws. */
  readonly isWild: boolean
  /** Whether a window left the image, and whether the number of places is not the right one. */
  readonly leavesImage: boolean
  readonly hasOwnSize: boolean
}

/** What a layer that follows the recipe computes. @param length of the result; nothing is computed for another one */
export function follow(recipe: Recipe, quantity: Quantity, layerCase: LayerCase, length?: number): Outcome {
  if (quantity === 'y' && recipe.carries) return carried(recipe, layerCase)
  const { sizes, x, kernel, bias, dy } = layerCase
  const { B, H, W, C, F } = sizes
  const { KH, KW, SH, SW, inputFirst, outputFirst, outside } = recipe
  const own = [recipe.places(H, KH, SH, 0), recipe.places(W, KW, SW, 1)].map(n => Math.max(n, 0))
  const [OH, OW] = recipe.computesSize ? own : placesOf(sizes)
  const top = recipe.before(H, KH, SH, OH, 0)
  const left = recipe.before(W, KW, SW, OW, 1)
  const [rowSpacing, colSpacing] = recipe.spacing
  const P = OH * OW
  const K = sizes.KH * sizes.KW * C
  const shape = shapeBy(recipe, quantity, sizes, [OH, OW])
  const values = new Float64Array(sizeOf(shape))
  const magnitudes = new Float64Array(values.length)
  const terms = { y: sizes.KH * sizes.KW * C + 1, dx: sizes.KH * sizes.KW * F, dkernel: B, dbias: B }[quantity]
  const hasOwnSize = String(own) !== String(placesOf(sizes))
  if (length !== undefined && length !== values.length)
    return { values, shape, sizes: magnitudes, terms, isWild: false, leavesImage: false, hasOwnSize }
  let isWild = false
  let leavesImage = false

  const read = (array: Float64Array, i: number) => {
    if (i >= 0 && i < array.length) return array[i]
    isWild = true
    return array === x ? recipe.pastEnd : Number.NaN
  }
  const add = (i: number, value: number, replaces = false) => {
    if (!(i >= 0 && i < values.length)) {
      isWild = true
      return
    }
    values[i] = replaces ? value : values[i] + value
    magnitudes[i] += Math.abs(value)
  }
  const gradientAt = (i: number) => (recipe.ignoresDy ? 1 : read(dy, i))

  /** The offset of a pixel in x; null where nothing is read. */
  const inputAt = (b: number, row: number, col: number, c: number): number | null => {
    let [h, w] = [row, col]
    if (h < 0 || h >= H || w < 0 || w >= W) {
      leavesImage = true
      if (outside === 'zero' || recipe.skips(h, w, H, W)) return null
      if (outside === 'undefined') return Number.NaN
      if (outside === 'edge') [h, w] = [Math.min(Math.max(h, 0), H - 1), Math.min(Math.max(w, 0), W - 1)]
      if (outside === 'other side') [h, w] = [(h + H * KH) % H, (w + W * KW) % W]
    }
    const pixel = recipe.pixel(h, w, H, W)
    return inputFirst ? (b * C + c) * H * W + pixel : b * H * W * C + pixel * C + c
  }
  const patch = patchOf(recipe, sizes)
  const weightAt = (p: number, kh: number, kw: number, c: number, f: number): number => {
    const k = patch[(kh * KW + kw) * C + c]
    const filter = recipe.filterOf(f)
    return recipe.isKernelTransposed ? (p * F + filter) * K + k : (p * K + k) * F + filter
  }
  const outputAt = (p: number, f: number, first: boolean) => (first ? f * P + p : p * F + f)

  /** One sample of the input and of dy, added to sample `to` of the result; null: none of them. */
  const sample = (b: number | null, to: number, isFirst: boolean) => {
    for (let n = 0; n < P; n++) {
      const visited = recipe.isBackwards ? P - 1 - n : n
      const [oh, ow] = [Math.floor(visited / OW), visited % OW]
      for (let f = 0; f < F; f++) {
        const out = outputAt(recipe.outputPlace(oh, ow, OH, OW), f, outputFirst)
        const o = to * P * F + out
        const g = (b ?? 0) * P * F + out
        const biasPlace = recipe.biasPlace(oh, ow, OH, OW)
        const biasAt = recipe.biasIndex?.(biasPlace, f, P, F) ?? outputAt(biasPlace, f, outputFirst)
        const p = recipe.place(oh, ow, OH, OW)
        const isCounted = b !== null && recipe.counts(oh, ow, f, OH, OW, F)
        if (!isCounted && (quantity !== 'y' || !recipe.beginsWithBias)) continue
        if (quantity === 'dbias') {
          add(biasAt, recipe.biasTimes * gradientAt(g))
          continue
        }
        if (quantity === 'y' && recipe.biasTimes !== 0 && (isFirst || recipe.biasOncePerSample))
          add(o, recipe.biasTimes * read(bias, biasAt))
        if (!isCounted) continue
        for (let kh = 0; kh < KH; kh++)
          for (let kw = 0; kw < KW; kw++) {
            if (!recipe.reads(kh, kw)) continue
            for (const c of recipe.channels(f)) {
              const from = quantity === 'dx' ? to : b
              const i = inputAt(from, oh * SH - top + kh * rowSpacing, ow * SW - left + kw * colSpacing, c)
              if (i === null) continue
              const w = weightAt(p, kh, kw, c, f)
              if (quantity === 'y') add(o, recipe.sumFactor * read(x, i) * read(kernel, w))
              else if (quantity === 'dkernel')
                add(w, gradientAt(g) * (recipe.takesOwnFactor ? read(kernel, w) : read(x, i)))
              else {
                const replaces = recipe.overwrites === 'filters' || (recipe.overwrites === 'places' && f === 0)
                add(i, gradientAt(g) * (recipe.takesOwnFactor ? read(x, i) : read(kernel, w)), replaces)
              }
            }
          }
      }
    }
  }
  if (quantity === 'y' || quantity === 'dx')
    for (let to = 0; to < B; to++) {
      const samples = recipe.samples(to, B)
      for (const b of samples) sample(b, to, b === samples[0])
      if (samples.length === 0) sample(null, to, true)
    }
  else for (const b of recipe.counted(B)) sample(b, 0, true)
  if (recipe.factor !== 1) for (let i = 0; i < values.length; i++) values[i] *= recipe.factor
  return {
    values: recipe.finish(values, shape, quantity),
    shape,
    sizes: magnitudes,
    terms,
    isWild,
    leavesImage,
    hasOwnSize,
  }
}

/** For each tap and channel of the window, its number in the kernel's patch; NaN where the kernel has none. */
function patchOf({ KH, KW, tap, hasTaps, patch, rowLength, channelOf }: Recipe, sizes: LayerSizes): Float64Array {
  const lengths = { h: sizes.KH, w: rowLength, c: sizes.C }
  const numbers = new Float64Array(KH * KW * sizes.C)
  for (let n = 0; n < numbers.length; n++) {
    const [h, w] = tap(Math.floor(n / sizes.C / KW), Math.floor(n / sizes.C) % KW)
    const index = { h, w, c: channelOf(n % sizes.C) }
    const isThere = h >= 0 && w >= 0 && h < sizes.KH && w < sizes.KW
    numbers[n] = hasTaps && !isThere ? Number.NaN : patch.reduce((k, axis) => k * lengths[axis] + index[axis], 0)
  }
  return numbers
}

function shapeBy(recipe: Recipe, quantity: Quantity, sizes: LayerSizes, [OH, OW]: readonly number[]): Shape {
  const { B, F } = sizes
  if (quantity === 'y') return [B, ...(recipe.outputFirst ? [F, OH, OW] : [OH, OW, F])]
  const shape = shapeOfResult(quantity, sizes)
  return quantity === 'dkernel' && recipe.isKernelTransposed ? [shape[0], shape[2], shape[1]] : shape
}

/** The output of a layer that doesn't begin its sums again. */
function carried(recipe: Recipe, layerCase: LayerCase): Outcome {
  const { carries, carriesBias } = recipe
  const { F } = layerCase.sizes
  const plain = { ...recipe, carries: false } as const
  const whole = follow(plain, 'y', layerCase)
  const sums = carriesBias ? whole : follow({ ...plain, biasTimes: 0 }, 'y', layerCase)
  const values = whole.values.slice()
  const magnitudes = whole.sizes.slice()
  const P = values.length / layerCase.sizes.B / F
  const at = (n: number) => (recipe.outputFirst ? n - (n % (P * F)) + (n % F) * P + Math.floor((n % (P * F)) / F) : n)
  const every = { filters: F, places: P * F, samples: values.length }[carries || 'samples']
  let [left, size] = [0, 0]
  for (let n = 0; n < values.length; n++) {
    if (n % every === 0) [left, size] = [0, 0]
    values[at(n)] += left
    magnitudes[at(n)] += size
    left += sums.values[at(n)]
    size += sums.sizes[at(n)]
  }
  return { ...whole, values, sizes: magnitudes, terms: whole.terms * every }
}
