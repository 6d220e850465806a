// Checks somebody's own locally connected layer, and says in words what is wrong with it.

import { boolean, knownOptions, oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'
import type { Seed } from '../core/random.ts'
import {
  type Answer,
  type ArrayForm,
  ask,
  callableOf,
  type LayerCandidate,
  type NumberType,
  type Written,
} from './candidate.ts'
import { batteryOf } from './cases.ts'
import type { Mistake } from './explain.ts'
import { Inquiry, type Subject } from './inquiry.ts'
import { type Found, type LayerReport, reportOf } from './report.ts'
import { gradients, type LayerCase, type Quantity } from './sizes.ts'

/** The options of `checkLocallyConnected`. */
export interface CheckOptions<A extends ArrayForm = ArrayForm, D extends NumberType = NumberType> {
  /** What the layer takes: 'nested', 'windows', 'flat' or 'tensor'. Default 'nested'. */
  readonly arrays?: A
  /** The numbers that the layer computes with: they decide how far it may be off. Default 'float32'. */
  readonly dtype?: D
  /** The paddings that the layer is meant to have. Default both. */
  readonly paddings?: readonly Padding[]
  /** The data formats that the layer is meant to have. Default both. */
  readonly dataFormats?: readonly DataFormat[]
  /** Whether the layer is meant to have strides. Default true. */
  readonly strides?: boolean
  /** The seed of the numbers. Default 0. */
  readonly seed?: Seed
}

/**
 * Checks a locally connected layer that somebody has written, with and without padding, in both data formats, with many
 * sizes. Names the faults, each with the smallest example that shows it. The definition is that of Keras 2.
 * @param candidate an object with `forward(x, kernel, bias, sizes)` and perhaps `backward(dy, x, kernel, sizes)`, or
 * only the function `forward`
 * @throws ArgumentError for a candidate without `forward`, and for options that aren't known
 */
export function checkLocallyConnected<A extends ArrayForm = 'nested', D extends NumberType = 'float32'>(
  candidate: LayerCandidate<A, D> | LayerCandidate<A, D>['forward'],
  options: CheckOptions<A, D> = {},
): LayerReport {
  const { form, dtype, strides, groups } = settingsOf(options)
  const layer = callableOf(candidate)
  const subject = { layer, form, dtype, strides }
  const quantities: readonly Quantity[] = layer.backward ? ['y', ...gradients] : ['y']
  const found: Found[] = []
  const written = new Set<Written>()

  const [first] = groups[0].cases
  const forgetful = quantities.filter(quantity => !remembers(subject, first, quantity))
  const answered = groups.map(({ cases, ...group }) => ({
    ...group,
    cases: cases.map(layerCase => {
      const answers = ask(layer, layerCase, form, dtype)
      for (const argument of answers.written) written.add(argument)
      return { layerCase, answers: answers.of }
    }),
  }))
  for (const argument of written) {
    const [pass, name] = argument.split(' ')
    const who = pass === 'forward' ? '' : 'backward ' // forward is named by its quantity
    const words = `${who}writes into ${name}, which belongs to the caller: copy it first`
    found.push({ fault: 'changesInput', words, quantity: pass === 'forward' ? 'y' : 'dx', example: null })
  }
  const known: Mistake[] = []
  for (const quantity of quantities) {
    if (!forgetful.includes(quantity)) {
      const words =
        'differs when it is called again with the same numbers: begin from zero in each call, without chance'
      found.push({ fault: 'remembersCalls', words, quantity, example: null })
      continue
    }
    const ofQuantity = answered.map(({ cases, ...group }) => ({
      ...group,
      runs: cases.map(({ layerCase, answers }) => ({ layerCase, answer: answers.get(quantity) as Answer })),
    }))
    found.push(...new Inquiry(subject, quantity).findings(ofQuantity, known))
  }
  return reportOf(
    found,
    groups.reduce((n, { cases }) => n + cases.length, 0),
  )
}

/** The cases of one padding and data format. */
interface Cases {
  readonly padding: Padding
  readonly dataFormat: DataFormat
  readonly cases: readonly LayerCase[]
}

function settingsOf(options: CheckOptions): Omit<Subject, 'layer'> & { groups: Cases[] } {
  knownOptions('checkLocallyConnected', options, ['arrays', 'dtype', 'paddings', 'dataFormats', 'strides', 'seed'])
  const { arrays: form = 'nested', dtype = 'float32', strides = true, seed = 0 } = options
  const { paddings = ['valid', 'same'], dataFormats = ['channels_last', 'channels_first'] } = options
  oneOf('arrays', form, ['nested', 'windows', 'flat', 'tensor'])
  oneOf('dtype', dtype, ['float32', 'float64'])
  if (form === 'tensor' && dtype === 'float64')
    throw new ArgumentError(
      'dtype',
      dtype,
      "'float32' for tensors",
      "With arrays: 'flat', the layer gets Float64Arrays",
    )
  boolean('strides', strides)
  for (const [name, list] of Object.entries({ paddings, dataFormats }))
    if (!Array.isArray(list) || list.length === 0) throw new ArgumentError(name, list, 'a list with at least one item')
  for (const padding of paddings) oneOf('paddings', padding, ['valid', 'same'])
  for (const format of dataFormats) oneOf('dataFormats', format, ['channels_last', 'channels_first'])
  const groups = dataFormats.flatMap(dataFormat =>
    paddings.map(padding => {
      const cases = batteryOf({ padding, dataFormat, strides, seed, dtype })
      return { padding, dataFormat, cases }
    }),
  )
  return { form, dtype, strides, groups }
}

/** Whether a second call with the same numbers gives others. */
function remembers({ layer, form, dtype }: Subject, layerCase: LayerCase, quantity: Quantity): boolean {
  const [a, b] = [1, 2].map(() => ask(layer, layerCase, form, dtype).of.get(quantity))
  if (a?.kind !== 'values' || b?.kind !== 'values') return false
  return !a.values.every((v, i) => Object.is(v, b.values[i]))
}
