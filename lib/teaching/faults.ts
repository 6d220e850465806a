// The faults that the check knows by name: what to say of each, and what it changes in the right recipe. A fault that can
// be made in several ways has several forms.

import { exp, tanh } from '../core/math.ts'
import type { Recipe } from './recipe.ts'
import { gradients, type LayerSizes, placesOf, type Quantity } from './sizes.ts'

export type Change = (recipe: Recipe, sizes: LayerSizes) => Partial<Recipe>

export interface Fault {
  readonly name: string
  /** What the layer does, and what it should do. */
  readonly words: string
  readonly forms: readonly Change[]
  /** The quantities in which it can be; default: all. */
  readonly of?: readonly Quantity[]
}

const isSame = ({ padding }: LayerSizes) => padding === 'same'
/** How many places there are. */
const places = (sizes: LayerSizes) => placesOf(sizes)[0] * placesOf(sizes)[1]
const isFirst = ({ dataFormat }: LayerSizes) => dataFormat === 'channels_first'

/** Gives every place the total, or the mean, of all places. */
const spread =
  (of: 'dkernel' | 'dbias', isMean: boolean): Change =>
  (_recipe, sizes) => ({
    finish: (values, shape, quantity) => {
      if (quantity !== of) return values
      const isPlaceLast = of === 'dbias' && isFirst(sizes)
      const each = of === 'dkernel' ? shape[1] * shape[2] : sizes.F
      const P = values.length / each
      return values.map((_, at) => {
        const i = isPlaceLast ? Math.floor(at / P) : at % each
        let total = 0
        for (let p = 0; p < P; p++) total += values[isPlaceLast ? i * P + p : p * each + i]
        return isMean ? total / P : total
      })
    },
  })

/** Puts the channels at the other end of a patch. */
const moveChannels: Change = ({ patch }) => {
  const window = patch.filter(axis => axis !== 'c')
  return { patch: patch[0] === 'c' ? [...window, 'c'] : ['c', ...window] }
}
const channelsBetween: Change = ({ patch }) => {
  const [slow, fast] = patch.filter(axis => axis !== 'c')
  return { patch: [slow, 'c', fast] }
}
const otherAxis = { h: 'w', w: 'h', c: 'c' } as const
const swapWindowAxes: Change = ({ patch }) => ({ patch: patch.map(axis => otherAxis[axis]) })

const pointwise =
  (f: (value: number) => number): Change =>
  () => ({ finish: values => values.map(f) })

const byColumns = (oh: number, ow: number, OH: number) => ow * OH + oh
const centred = (round: (n: number) => number, { padding }: LayerSizes): Partial<Recipe> => ({
  before: (size, k, stride, places) =>
    padding === 'same' ? round(Math.max((places - 1) * stride + k - size, 0) / 2) : 0,
})
/** The same, where only reading has other strides. */
const centredByOwnStrides: Change = (_recipe, sizes) => ({
  before: (size, k, _stride, places, axis) =>
    centred(Math.floor, sizes).before?.(size, k, axis === 0 ? sizes.SH : sizes.SW, places, axis) ?? 0,
})

/** Bounds that are checked without the others: of rows, of columns, before the image, behind it, and one too far. */
const someBounds: readonly Recipe['skips'][] = [
  (h, _w, H) => h < 0 || h >= H,
  (_h, w, _H, W) => w < 0 || w >= W,
  (h, w) => h < 0 || w < 0,
  (h, w, H, W) => h >= H || w >= W,
  (h, w, H, W) => h < 0 || w < 0 || h > H || w > W,
]

const table = [
  {
    name: 'sharedWeights',
    words: 'uses the same kernel at every place, as a convolution does; the place p has its own, kernel[p]',
    forms: [
      () => ({ place: () => 0 }),
      () => ({ place: (_oh, _ow, OH, OW) => OH * OW - 1 }),
      () => ({ place: oh => oh }),
      () => ({ place: (_oh, ow) => ow }),
      () => ({ place: (oh, _ow, _OH, OW) => oh * OW }),
      spread('dkernel', false),
      spread('dkernel', true),
    ],
  },
  {
    name: 'placeOrder',
    words:
      'numbers the places in another order; they are counted row by row, p = oh·OW + ow, where OW is the number of columns of the output',
    forms: [
      () => ({ place: byColumns }),
      () => ({ place: (oh, ow, OH) => oh * OH + ow }),
      () => ({ place: (oh, ow, _OH, OW) => ow * OW + oh }),
      (_recipe, { W }) => ({ place: (oh, ow) => oh * W + ow }),
    ],
  },
  {
    name: 'patchOrder',
    words:
      "puts the channels at the wrong place when it flattens a patch; a patch is in the input's order: (row, column, channel), and with channels_first (channel, row, column)",
    forms: [moveChannels, channelsBetween],
  },
  {
    name: 'windowOrder',
    words: 'goes through a patch column by column; a patch is flattened row by row, so the column changes faster',
    forms: [swapWindowAxes, (_recipe, { KH }) => ({ rowLength: KH }), ({ tap }) => ({ tap: (kh, kw) => tap(kw, kh) })],
  },
  {
    name: 'swappedStrides',
    words: 'swaps the strides; windows move by SH from row to row, and by SW from column to column',
    forms: [({ SH, SW }) => ({ SH: SW, SW: SH })],
  },
  {
    name: 'oneStride',
    words: 'uses one stride for both axes; SH is for rows, SW for columns',
    forms: [({ SH }) => ({ SW: SH }), ({ SW }) => ({ SH: SW })],
  },
  {
    name: 'ignoredStrides',
    words: 'moves its windows by one pixel; the strides are SH rows and SW columns',
    forms: [() => ({ SH: 1, SW: 1 }), () => ({ SH: 1 }), () => ({ SW: 1 })],
  },
  {
    name: 'windowAsStride',
    words: 'moves its windows by their own size, so that they never overlap; the strides are SH rows and SW columns',
    forms: [({ KH, KW }) => ({ SH: KH, SW: KW })],
  },
  {
    name: 'spacedWindow',
    words: 'spreads the pixels of a window by the strides; the pixels of a window are neighbours',
    forms: [
      ({ SH, SW }) => ({ spacing: [SH, SW] }),
      ({ SH, SW }) => ({ spacing: [SH, SW], SH: 1, SW: 1, computesSize: false }),
    ],
  },
  {
    name: 'swappedKernelSize',
    words: 'swaps the height and width of its window; it has KH rows and KW columns',
    forms: [
      ({ KH, KW }) => ({ KH: KW, KW: KH, rowLength: KH }),
      ({ KH, KW }) => ({ KH: KW, KW: KH }),
      ({ KH, KW, tap }) => ({ KH: KW, KW: KH, tap: (kh, kw) => tap(kw, kh) }),
    ],
  },
  {
    name: 'squareKernel',
    words: 'uses one size for both sides of its window; it has KH rows and KW columns',
    forms: [({ KH }) => ({ KW: KH, rowLength: KH }), ({ KW }) => ({ KH: KW }), ({ KH }) => ({ KW: KH })],
  },
  {
    name: 'incompleteWindow',
    words: 'leaves out the last row or column of its window; the loops go from 0 to KH − 1 and KW − 1, both included',
    forms: [
      ({ KH, KW }) => ({ reads: (kh, kw) => kh < KH - 1 && kw < KW - 1 }),
      ({ KH }) => ({ reads: kh => kh < KH - 1 }),
      ({ KW }) => ({ reads: (_kh, kw) => kw < KW - 1 }),
      () => ({ reads: (kh, kw) => kh > 0 && kw > 0 }),
    ],
  },
  {
    name: 'flippedKernel',
    words:
      'turns the kernel round, as a convolution in mathematics does; the first weight belongs to the first pixel of the window',
    forms: [
      ({ tap, KH, KW }) => ({ tap: (kh, kw) => tap(KH - 1 - kh, KW - 1 - kw) }),
      ({ tap, KH }) => ({ tap: (kh, kw) => tap(KH - 1 - kh, kw) }),
      ({ tap, KW }) => ({ tap: (kh, kw) => tap(kh, KW - 1 - kw) }),
    ],
  },
  {
    name: 'convolutionPadding',
    words:
      "pads as a convolution does, with its windows centred; with padding 'same' the window of the output i starts at i·stride − ⌊k / 2⌋",
    forms: [
      (_recipe, sizes) => centred(Math.floor, sizes),
      (_recipe, sizes) => ({ before: (_size, k) => (isSame(sizes) ? Math.floor((k - 1) / 2) : 0) }),
      (_recipe, sizes) => centred(Math.ceil, sizes),
      centredByOwnStrides,
    ],
  },
  {
    name: 'ignoredPadding',
    words:
      "ignores padding 'same', which gives ⌈H / SH⌉ × ⌈W / SW⌉ places, with windows that start ⌊k / 2⌋ before the image",
    forms: [
      (_recipe, sizes) => ({
        places: (size, k, stride) => Math.floor((size - k) / stride) + 1,
        ...(isSame(sizes) && { before: () => 0 }),
      }),
      (_recipe, sizes) => (isSame(sizes) ? { before: () => 0, computesSize: false } : {}),
    ],
  },
  {
    name: 'paddingBefore',
    words: 'puts all of the padding before the image; the window of the output i starts at i·stride − ⌊k / 2⌋',
    forms: [(_recipe, sizes) => (isSame(sizes) ? { before: (_size, k) => k - 1 } : {})],
  },
  {
    name: 'offByOne',
    words: 'places its windows one pixel too late; the first one begins with the first row and column',
    forms: [
      ({ before }) => ({ before: (...along) => before(...along) - 1 }),
      ({ before }) => ({ before: (...along) => before(...along) - (along[4] === 0 ? 1 : 0) }),
      ({ before }) => ({ before: (...along) => before(...along) - along[4] }),
    ],
  },
  {
    name: 'alwaysPads',
    words: "pads with padding 'valid' too, where windows stay inside the image",
    forms: [
      () => ({ places: (size, _k, stride) => Math.ceil(size / stride), before: (_size, k) => Math.floor(k / 2) }),
      () => ({ before: (_size, k) => Math.floor(k / 2) }),
    ],
  },
  {
    name: 'paddingValue',
    words: 'continues the image beyond its edge with its own pixels; outside the image there are zeros',
    forms: [() => ({ outside: 'edge' }), () => ({ outside: 'other side' })],
  },
  {
    name: 'noBoundsCheck',
    words:
      "does not notice that a window leaves the image, and reads numbers that are not there or in another row; with padding 'same', skip them",
    forms: [
      () => ({ outside: 'neighbour' }),
      () => ({ outside: 'undefined' }),
      () => ({ outside: 'neighbour', pastEnd: 0 }),
      ...someBounds.flatMap((skips): Change[] => [
        () => ({ outside: 'neighbour', skips }),
        () => ({ outside: 'neighbour', skips, pastEnd: 0 }),
        () => ({ outside: 'undefined', skips }),
      ]),
    ],
  },
  {
    name: 'ignoredDataFormat',
    words:
      "ignores dataFormat; with 'channels_first', x is [B, C, H, W], a patch (channel, row, column), y [B, F, OH, OW] and bias [F, OH, OW]",
    forms: [
      () => ({ inputFirst: false, outputFirst: false, patch: ['h', 'w', 'c'] }),
      () => ({ inputFirst: false, outputFirst: false }),
      () => ({ inputFirst: false }),
      () => ({ outputFirst: false }),
      () => ({ inputFirst: false, patch: ['h', 'w', 'c'] }),
      () => ({ outputFirst: false, patch: ['h', 'w', 'c'] }),
      () => ({ inputFirst: true, outputFirst: true, patch: ['c', 'h', 'w'] }),
    ],
  },
  {
    name: 'outputOrder',
    words: "has y, or dy, in another order; they are [B, OH, OW, F], and with 'channels_first' [B, F, OH, OW]",
    forms: [
      () => ({ outputPlace: byColumns }),
      () => ({ outputPlace: (oh, ow, OH) => oh * OH + ow }),
      ({ outputFirst }) => ({ outputFirst: !outputFirst }),
    ],
  },
  {
    name: 'imageOrder',
    words: 'reads the image with rows and columns exchanged; the pixel of row h and column w is x[b][h][w]',
    forms: [
      () => ({ pixel: (h, w, H) => w * H + h }),
      () => ({ pixel: (h, w, H) => h * H + w }),
      () => ({ pixel: (h, w, _H, W) => w * W + h }),
    ],
  },
  {
    name: 'depthwise',
    words: 'reads one channel for each filter; every filter adds up all channels',
    forms: [
      (_recipe, { C }) => ({ channels: f => [f % C] }),
      (_recipe, { C, F }) => ({ channels: f => [Math.floor((f * C) / F)] }),
      (_recipe, { C }) => ({ channels: f => (f < C ? [f] : []) }),
    ],
  },
  {
    name: 'oneChannel',
    words: 'reads one channel of the input only; every filter adds up all C channels',
    forms: [() => ({ channels: () => [0] }), (_recipe, { C }) => ({ channels: () => [C - 1] })],
  },
  {
    name: 'sharedChannels',
    words: 'uses the weights of one channel for all of them; each channel has its own',
    forms: [() => ({ channelOf: () => 0 })],
  },
  {
    name: 'channelOrder',
    words: 'gives the weights of one channel to another; weights and pixels have their channels in the same order',
    forms: [(_recipe, { C }) => ({ channelOf: c => C - 1 - c }), (_recipe, { C }) => ({ channelOf: c => (c + 1) % C })],
  },
  {
    name: 'sharedFilters',
    words: 'uses the weights of one filter for all of them; each filter has its own',
    forms: [() => ({ filterOf: () => 0 })],
  },
  {
    name: 'notTransposed',
    words:
      'takes the kernel, or a product of matrices, the wrong way round; kernel and dkernel are [places, patch, filters], so dpatch = kernel · dy and dkernel = patch · dyᵀ at each place',
    forms: [() => ({ isKernelTransposed: true })],
  },
  {
    name: 'noBias',
    words: 'leaves out the bias; y[b, place, f] begins with bias[place, f]',
    forms: [() => ({ biasTimes: 0 })],
    of: ['y', 'dbias'],
  },
  {
    name: 'sharedBias',
    words: 'has one bias for all places; every place and filter has its own',
    forms: [
      () => ({ biasPlace: () => 0 }),
      () => ({ biasIndex: (_p, f) => f }),
      () => ({ biasPlace: (_oh, _ow, OH, OW) => OH * OW - 1 }),
      spread('dbias', false),
      spread('dbias', true),
    ],
    of: ['y', 'dbias'],
  },
  {
    name: 'biasOrder',
    words: "takes the bias of another place or filter; the bias is in the output's order",
    forms: [
      () => ({ biasPlace: byColumns }),
      () => ({ biasIndex: (p, _f, _P, F) => p * F }),
      () => ({ biasIndex: p => p }),
      () => ({ biasIndex: (p, f, P) => f * P + p }),
      () => ({ biasIndex: (p, f, _P, F) => p * F + f }),
    ],
    of: ['y', 'dbias'],
  },
  {
    name: 'repeatedBias',
    words: 'adds the bias more than once; it is added once to each output',
    forms: [
      (_recipe, { KH, KW, C }) => ({ biasTimes: KH * KW * C }),
      (_recipe, { KH, KW }) => ({ biasTimes: KH * KW }),
      (_recipe, { C }) => ({ biasTimes: C }),
      () => ({ biasTimes: 2 }),
    ],
    of: ['y', 'dbias'],
  },
  {
    name: 'subtractedBias',
    words: 'subtracts the bias; it is added',
    forms: [() => ({ biasTimes: -1 })],
    of: ['y', 'dbias'],
  },
  {
    name: 'averagedWindow',
    words: 'divides by the size of the window; the products are added up, without a division',
    forms: [
      (_recipe, { KH, KW, C }) => ({ sumFactor: 1 / (KH * KW * C) }),
      (_recipe, { KH, KW }) => ({ sumFactor: 1 / (KH * KW) }),
      (_recipe, { C }) => ({ sumFactor: 1 / C }),
      (_recipe, { KH, KW, C }) => ({ factor: 1 / (KH * KW * C) }),
      (_recipe, { KH, KW }) => ({ factor: 1 / (KH * KW) }),
    ],
  },
  {
    name: 'activation',
    words: 'applies an activation; this layer has none',
    forms: [pointwise(v => Math.max(v, 0)), pointwise(v => tanh(v)), pointwise(v => 1 / (1 + exp(-v)))],
    of: ['y'],
  },
  {
    name: 'rounded',
    words: 'rounds to whole numbers; nothing is rounded',
    forms: [pointwise(Math.round), pointwise(Math.trunc), pointwise(Math.floor)],
  },
  {
    name: 'carriedSum',
    words: 'does not begin its sums again, but goes on adding from one output to the next',
    forms: (['filters', 'places', 'samples'] as const).flatMap(carries =>
      [true, false].map(
        (carriesBias): Change =>
          () => ({ carries, carriesBias }),
      ),
    ),
    of: ['y'],
  },
  {
    name: 'batchMixed',
    words: 'mixes the samples of a batch; sample b of the result depends on sample b alone',
    forms: [
      () => ({ samples: () => [0] }),
      () => ({ samples: (_b, B) => [B - 1] }),
      () => ({ samples: b => (b === 0 ? [0] : []) }),
      () => ({ samples: b => (b === 0 ? [0] : []), beginsWithBias: true }),
      () => ({ samples: (b, B) => (b === 0 ? [B - 1] : []) }),
      () => ({ samples: (b, B) => (b === 0 ? Array.from({ length: B }, (_, n) => n) : []) }),
      () => ({ samples: (b, B) => (b === 0 ? Array.from({ length: B }, (_, n) => n) : []), beginsWithBias: true }),
      () => ({ samples: b => Array.from({ length: b + 1 }, (_, n) => n) }),
      () => ({ samples: b => Array.from({ length: b + 1 }, (_, n) => n), biasOncePerSample: true }),
      () => ({ samples: (_b, B) => Array.from({ length: B }, (_, n) => n) }),
      () => ({ samples: (_b, B) => Array.from({ length: B }, (_, n) => n), biasOncePerSample: true }),
      () => ({ samples: (b, B) => [B - 1 - b] }),
      (_recipe, { B }) => ({
        samples: () => Array.from({ length: B }, (_, n) => n),
        biasOncePerSample: true,
        factor: 1 / B,
      }),
    ],
    of: ['y', 'dx'],
  },
  {
    name: 'assignsDx',
    words: 'overwrites dx where windows overlap; a pixel that several windows see gets the sum of all of them: use +=',
    forms: [
      () => ({ overwrites: 'places' }),
      () => ({ overwrites: 'filters' }),
      () => ({ overwrites: 'places', isBackwards: true }),
      () => ({ overwrites: 'filters', isBackwards: true }),
    ],
    of: ['dx'],
  },
  {
    name: 'averagedOverBatch',
    words: 'divides by the size of the batch; gradients are added up over the samples',
    forms: [(_recipe, { B }) => ({ factor: 1 / B })],
    of: gradients,
  },
  {
    name: 'averagedOverPlaces',
    words: 'divides by the number of places; each place has a gradient of its own, nothing is averaged',
    forms: [
      (_recipe, sizes) => ({ factor: 1 / places(sizes) }),
      (_recipe, sizes) => ({ factor: 1 / (places(sizes) * sizes.B) }),
      (_recipe, sizes) => ({ factor: 1 / (places(sizes) * sizes.F) }),
      (_recipe, sizes) => ({ factor: 1 / (places(sizes) * sizes.F * sizes.B) }),
    ],
    of: gradients,
  },
  {
    name: 'oneSample',
    words: 'is the gradient of one sample; it is added up over all samples of the batch: use +=',
    forms: [() => ({ counted: B => [B - 1] }), () => ({ counted: () => [0] })],
    of: ['dkernel', 'dbias'],
  },
  {
    name: 'onePlace',
    words: 'is computed at one place only; each place has a gradient of its own',
    forms: [
      () => ({ counts: (oh, ow, _f, OH, OW) => oh === OH - 1 && ow === OW - 1 }),
      () => ({ counts: (oh, ow) => oh + ow === 0 }),
    ],
    of: gradients,
  },
  {
    name: 'missingPlaces',
    words:
      'leaves out the last row or column of the output; the loops over the places go from 0 to OH − 1 and OW − 1, both included',
    forms: [false, true].flatMap((beginsWithBias): Change[] => [
      () => ({ beginsWithBias, counts: (oh, _ow, _f, OH) => oh < OH - 1 }),
      () => ({ beginsWithBias, counts: (_oh, ow, _f, _OH, OW) => ow < OW - 1 }),
      () => ({ beginsWithBias, counts: (oh, ow, _f, OH, OW) => oh < OH - 1 && ow < OW - 1 }),
    ]),
  },
  {
    name: 'oneFilter',
    words:
      'counts one filter only; every filter has outputs and weights of its own, and dx adds up all of them: use +=',
    forms: [
      () => ({ counts: (_oh, _ow, f, _OH, _OW, F) => f === F - 1 }),
      () => ({ counts: (_oh, _ow, f) => f === 0 }),
      () => ({ beginsWithBias: true, counts: (_oh, _ow, f) => f === 0 }),
    ],
  },
  {
    name: 'ownFactor',
    words:
      'multiplies dy by the numbers whose gradient it is; it takes those that they are multiplied by in forward: dx the kernel, and dkernel x',
    forms: [() => ({ takesOwnFactor: true })],
    of: ['dx', 'dkernel'],
  },
  {
    name: 'ignoredDy',
    words: 'does not use dy, as if it were 1 everywhere; the chain rule multiplies by it',
    forms: [() => ({ ignoresDy: true })],
    of: gradients,
  },
] as const satisfies readonly Fault[]

/** The faults that a recipe can have. */
export type RecipeFault = (typeof table)[number]['name']
export const faults: readonly (Fault & { readonly name: RecipeFault })[] = table
