// What is wrong with one quantity of a layer: names for what is known, a description for what isn't, and examples.

import type { Shape } from '../core/check.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'
import { type Answer, type ArrayForm, ask, type Callable, type NumberType } from './candidate.ts'
import { smallCases } from './cases.ts'
import { agrees, Explainer, type Explanation, type Mistake, type Run, toleranceOf } from './explain.ts'
import { faults, type RecipeFault } from './faults.ts'
import { follow, rightRecipe } from './recipe.ts'
import { exampleOf, type Found, type LayerExample, type LayerFault } from './report.ts'
import { type LayerCase, type LayerSizes, type Quantity, shapeOfResult } from './sizes.ts'

/** A layer, and how it is called. */
export interface Subject {
  readonly layer: Callable
  readonly form: ArrayForm
  readonly dtype: NumberType
  /** Whether it has strides. */
  readonly strides: boolean
}

/** The runs of one padding and data format. */
export interface Group {
  readonly padding: Padding
  readonly dataFormat: DataFormat
  readonly runs: readonly Run[]
}

type Size = (size: number, k: number, stride: number) => number

/** Wrong numbers of places along an axis, and what to say of them. */
const wrongSizes: Readonly<Record<Padding, readonly (readonly [size: Size, words: string])[]>> = {
  valid: [
    [(size, k, s) => Math.ceil((size - k) / s) + 1, 'is rounded up; a window that leaves the image has no place'],
    [(size, k, s) => Math.floor((size - k) / s), 'lacks the + 1 for the first window'],
    [(size, k, s) => Math.ceil((size - k) / s), 'lacks the + 1 for the first window'],
    [(size, k, s) => Math.floor((size - k + 1) / s), 'divides the 1 of the first window by the stride, too'],
    [
      (size, k, s) => Math.round((size - k) / s) + 1,
      'is rounded to the nearest; a window that leaves the image has no place',
    ],
    [(size, _k, s) => Math.ceil(size / s), "is that of padding 'same'"],
    [(size, _k, s) => Math.floor(size / s), 'does not depend on the window'],
    [size => size, 'is that of the input'],
    [(size, k) => size - k + 1, 'does not depend on the strides'],
  ],
  same: [
    [(size, _k, s) => Math.floor(size / s), "is rounded down; with padding 'same' it is rounded up"],
    [(size, k, s) => Math.floor((size - k) / s) + 1, "is that of padding 'valid'"],
    [(size, k, s) => Math.floor((size + 2 * Math.floor(k / 2) - k) / s) + 1, 'counts ⌊k / 2⌋ zeros on both sides'],
    [size => size, 'is that of the input'],
  ],
}
const rightSizes = 'places are ⌊(H − KH) / SH⌋ + 1 by ⌊(W − KW) / SW⌋ + 1'
const rightSizesSame = "with padding 'same', places are ⌈H / SH⌉ by ⌈W / SW⌉"

/** Conditions under which a layer may be wrong, told where they fit exactly. */
const conditions: readonly (readonly [words: string, holds: (sizes: LayerSizes) => boolean])[] = [
  ['where the two strides differ', ({ SH, SW }) => SH !== SW],
  ['where the window is not square', ({ KH, KW }) => KH !== KW],
  ['with more than one sample', ({ B }) => B > 1],
  ['with more than one channel', ({ C }) => C > 1],
  ['with more than one filter', ({ F }) => F > 1],
  ['with strides over 1', ({ SH, SW }) => SH > 1 || SW > 1],
  ['where the image is not square', ({ H, W }) => H !== W],
  ['where the strides leave pixels over', ({ H, W, KH, KW, SH, SW }) => (H - KH) % SH > 0 || (W - KW) % SW > 0],
]

/** Errors that are smaller than this part of what was added up are no fault of the layer, but of its arithmetic. */
const mostInexact = 0.01

export class Inquiry {
  readonly #subject: Subject
  readonly #quantity: Quantity
  readonly #explainer: Explainer

  constructor(subject: Subject, quantity: Quantity) {
    this.#subject = subject
    this.#quantity = quantity
    this.#explainer = new Explainer(quantity, subject.form, subject.dtype)
  }

  /** @param known mistakes that other quantities have; those found here are added */
  findings(groups: readonly Group[], known: Mistake[]): Found[] {
    if (groups.every(({ runs }) => runs.every(run => this.#explainer.isRight(run)))) return []
    const inexact = this.#inexact(groups)
    if (inexact) return [inexact]
    const found: Found[] = []
    const rest = groups.filter(group => {
      const ignored = this.#ignored(group, groups)
      found.push(...ignored)
      return ignored.length === 0
    })
    const all = rest.flatMap(({ runs }) => runs)
    if (all.every(run => this.#explainer.isRight(run))) return found
    const whole = this.#explainer.explain(all, known) ?? this.#explainStepwise(all, known)
    if (whole) return [...found, ...this.#named(whole, rest, known)]

    // Group by group: what explains one may not be all that is wrong with the next.
    const mistakes: Mistake[] = []
    for (const group of rest) {
      const size = this.#wrongSize(group)
      if (size) found.push(size)
      const runs = size ? group.runs.filter(run => this.#hasRightSize(run)) : group.runs
      if (runs.every(run => this.#explainer.isRight(run))) continue
      const explanation = this.#explainer.explain(runs, [...new Set([...mistakes, ...known])])
      if (explanation) {
        found.push(...this.#named(explanation, [group], known))
        mistakes.push(...explanation.mistakes)
      } else found.push(this.#unnamed({ ...group, runs }, groups))
    }
    return found
  }

  /** More than two mistakes: those that show in simple cases first, then the others. */
  #explainStepwise(runs: readonly Run[], known: readonly Mistake[]): Explanation | null {
    for (const [, holds] of conditions) {
      const simple = runs.filter(({ layerCase }) => !holds(layerCase.sizes))
      if (simple.length < 3 || simple.length === runs.length) continue
      const first = this.#explainer.explain(simple, known)
      if (!first || first.mistakes.length === 0) continue
      const whole = this.#explainer.explain(runs, first.mistakes)
      if (whole) return whole
    }
    return null
  }

  /** Options that a layer doesn't look at: it does the same when it is told something else. */
  #ignored(group: Group, groups: readonly Group[]): Found[] {
    const { layer, form, dtype } = this.#subject
    const wrong = group.runs.filter(run => !this.#explainer.isRight(run))
    if (wrong.length === 0) return []
    const isSameWhenTold = (told: Partial<LayerSizes>) =>
      wrong.some(({ layerCase }) => this.#matters(told, layerCase)) &&
      group.runs.every(({ layerCase, answer }) => {
        const other = ask(layer, layerCase, form, dtype, told).of.get(this.#quantity)
        if (answer.kind !== 'values' || other?.kind !== 'values')
          return JSON.stringify(answer) === JSON.stringify(other)
        return String(answer.shape) === String(other.shape) && String(answer.values) === String(other.values)
      })
    const found = (fault: RecipeFault): Found => ({
      ...named(fault),
      quantity: this.#quantity,
      example: this.#firstWrong([group], () => true),
    })
    const { padding, dataFormat } = group
    const ignored: Found[] = []
    if (dataFormat === 'channels_first' && isSameWhenTold({ dataFormat: 'channels_last' }))
      ignored.push(found('ignoredDataFormat'))
    // A layer that always pads is no layer that never does.
    const valid = groups.find(other => other.padding === 'valid' && other.dataFormat === dataFormat)
    const padsNever = valid?.runs.every(run => this.#hasRightSize(run)) ?? true
    if (padding === 'same' && padsNever && isSameWhenTold({ padding: 'valid' })) ignored.push(found('ignoredPadding'))
    return ignored
  }

  /** Whether these options change the result of a correct layer. Flat gradients of the bias may stay the same. */
  #matters(told: Partial<LayerSizes>, layerCase: LayerCase): boolean {
    const { values } = this.#explainer.right(layerCase)
    const sizes = { ...layerCase.sizes, ...told }
    const other = follow(rightRecipe(sizes), this.#quantity, { ...layerCase, sizes }).values
    return values.length !== other.length || values.some((v, i) => !Object.is(v, other[i]))
  }

  #named(explanation: Explanation, groups: readonly Group[], known: Mistake[]): Found[] {
    return explanation.mistakes.map(mistake => {
      if (!known.includes(mistake)) known.push(mistake)
      const { name, words } = mistake.fault
      const example = this.#exampleOf(mistake, explanation, groups)
      return { fault: name as RecipeFault, words, quantity: this.#quantity, example }
    })
  }

  // ---- Sizes --------------------------------------------------------------------------------------------------------

  #hasRightSize({ layerCase, answer }: Run): boolean {
    if (answer.kind !== 'values') return true
    return fits(answer, shapeOfResult(this.#quantity, layerCase.sizes))
  }

  /** A formula that gives all sizes of the output, where one is wrong. */
  #wrongSize(group: Group): Found | null {
    if (this.#quantity !== 'y' || group.runs.every(run => this.#hasRightSize(run))) return null
    const shapeBy = (size: Size, { B, H, W, KH, KW, SH, SW, F, dataFormat }: LayerSizes) => {
      const [OH, OW] = [size(H, KH, SH), size(W, KW, SW)].map(n => Math.max(n, 0))
      return dataFormat === 'channels_first' ? [B, F, OH, OW] : [B, OH, OW, F]
    }
    for (const [size, words] of wrongSizes[group.padding]) {
      const isSo = ({ layerCase: { sizes }, answer }: Run) =>
        answer.kind === 'values' && fits(answer, shapeBy(size, sizes))
      if (!group.runs.every(isSo)) continue
      const right = group.padding === 'same' ? rightSizesSame : rightSizes
      const example = this.#firstWrong([group], run => !this.#hasRightSize(run))
      return { fault: 'outputSize', words: `the size of the output ${words}: ${right}`, quantity: 'y', example }
    }
    return null
  }

  // ---- What has no name ---------------------------------------------------------------------------------------------

  #unnamed(group: Group, groups: readonly Group[]): Found {
    const wrong = group.runs.filter(run => !this.#explainer.isRight(run))
    const { fault, words } = this.#describe(wrong)
    const sizesOf = (run: Run) => run.layerCase.sizes
    const condition = conditions.find(([, holds]) =>
      group.runs.every(run => holds(sizesOf(run)) === wrong.includes(run)),
    )
    const isRightIn = (option: 'padding' | 'dataFormat') => {
      const others = groups.filter(other => other[option] !== group[option])
      return others.length > 0 && others.every(({ runs }) => runs.every(run => this.#explainer.isRight(run)))
    }
    const only = [
      ...(isRightIn('padding') ? [`with padding '${group.padding}'`] : []),
      ...(isRightIn('dataFormat') ? [`with dataFormat '${group.dataFormat}'`] : []),
      ...(condition ? [condition[0]] : []),
    ]
    const where = only.length > 0 ? `, only ${only.join(' and ')}` : ''
    const example = this.#firstWrong([group], run => !this.#explainer.isRight(run))
    return { fault, words: `${words}${where}`, quantity: this.#quantity, example }
  }

  #describe(wrong: readonly Run[]): { fault: LayerFault; words: string } {
    for (const { answer, layerCase } of wrong) {
      if (answer.kind === 'wrongType') return { fault: 'wrongType', words: answer.text }
      if (answer.kind === 'throws') return { fault: 'throws', words: `throws ${answer.text}` }
      const right = shapeOfResult(this.#quantity, layerCase.sizes)
      if (fits(answer, right)) continue
      if (this.#quantity === 'dbias' && answer.values.length === layerCase.sizes.F) return named('sharedBias')
      if (this.#quantity === 'dkernel' && answer.values.length === right[1] * right[2]) return named('sharedWeights')
      const received = answer.shape ? `the shape [${answer.shape.join(', ')}]` : countOf(answer)
      return { fault: 'wrongShape', words: `returns ${received} where the shape is [${right.join(', ')}]` }
    }
    if (wrong.some(({ answer }) => valuesOf(answer).some(v => !Number.isFinite(v)))) {
      const why = 'an array is read past its end, or a sum does not begin with a number'
      return { fault: 'notANumber', words: `has results that are not numbers (NaN, or infinite): ${why}` }
    }
    const ratios = wrong.flatMap(({ layerCase, answer }) => {
      const right = this.#explainer.right(layerCase).values
      return [...valuesOf(answer)].flatMap((v, i) => (right[i] === 0 ? [] : v / right[i]))
    })
    const [ratio] = ratios
    if (ratios.some(r => Math.abs(r - ratio) > 1e-4 * Math.abs(ratio)))
      return { fault: 'other', words: 'differs from the definition' }
    if (Math.abs(ratio) === 0) return { fault: 'scaled', words: 'is zero everywhere' }
    return { fault: 'scaled', words: `is ${Number(ratio.toPrecision(4))} times what it should be` }
  }

  /** A layer that is right but for its arithmetic: all errors are small beside what is added up. */
  #inexact(groups: readonly Group[]): Found | null {
    const { dtype } = this.#subject
    let [largest, allowed] = [0, 0]
    for (const { layerCase, answer } of groups.flatMap(({ runs }) => runs)) {
      const right = this.#explainer.right(layerCase)
      if (answer.kind !== 'values' || !fits(answer, right.shape)) return null
      for (const [i, value] of answer.values.entries()) {
        const error = Math.abs(value - right.values[i])
        if (!(error <= mostInexact * right.sizes[i])) return null
        largest = Math.max(largest, error)
        allowed = Math.max(allowed, toleranceOf(right, i, dtype))
      }
    }
    const words = `is off by up to ${largest.toExponential(1)}, where rounding to ${dtype} explains ${allowed.toExponential(1)}`
    const example = this.#firstWrong(groups, () => true)
    return { fault: 'inexact', words, quantity: this.#quantity, example }
  }

  // ---- Examples -----------------------------------------------------------------------------------------------------

  /** The smallest case in which a mistake shows: alone, or if it never does, beside the others. */
  #exampleOf(mistake: Mistake, explanation: Explanation, groups: readonly Group[]): LayerExample | null {
    const alone = this.#exampleFor({ ...explanation, mistakes: [mistake] }, { ...explanation, mistakes: [] }, groups)
    if (alone) return alone
    const others = explanation.mistakes.filter(other => other !== mistake)
    const beside = this.#exampleFor(explanation, { ...explanation, mistakes: others }, groups)
    return beside ?? this.#firstWrong(groups, () => true)
  }

  /** The smallest case in which two explanations differ, and the layer follows the first one. */
  #exampleFor(followed: Explanation, other: Explanation, groups: readonly Group[]): LayerExample | null {
    const { dtype } = this.#subject
    const mayShow = (layerCase: LayerCase) => {
      const { values, isWild } = this.#explainer.outcome(followed, layerCase)
      const without = this.#explainer.outcome(other, layerCase).values
      return !isWild && (values.length !== without.length || values.some((v, i) => v !== without[i]))
    }
    const isSo = ({ layerCase, answer }: Run) =>
      agrees(answer, this.#explainer.outcome(followed, layerCase), this.#explainer.right(layerCase), dtype)
    const run = this.#firstRun(groups, isSo, mayShow)
    if (!run) return null
    const [values, without] = [followed, other].map(each => this.#explainer.outcome(each, run.layerCase).values)
    return this.#shown(run, i => values[i] !== without[i])
  }

  #firstWrong(groups: readonly Group[], isSo: (run: Run) => boolean): LayerExample | null {
    const run = this.#firstRun(groups, isSo, () => true)
    return run && this.#shown(run)
  }

  /** The smallest case in which the layer is wrong, in that way; of those that it was tried with if need be. */
  #firstRun(
    groups: readonly Group[],
    isSo: (run: Run) => boolean,
    mayShow: (layerCase: LayerCase) => boolean,
  ): Run | null {
    const { layer, form, dtype, strides } = this.#subject
    const isWanted = (run: Run) => !this.#explainer.isRight(run) && isSo(run)
    for (const { padding, dataFormat } of groups)
      for (const layerCase of smallCases(padding, dataFormat)) {
        const { SH, SW } = layerCase.sizes
        if ((!strides && SH * SW > 1) || !mayShow(layerCase)) continue
        const run = { layerCase, answer: ask(layer, layerCase, form, dtype).of.get(this.#quantity) as Answer }
        if (isWanted(run)) return run
      }
    return groups.flatMap(({ runs }) => runs).find(isWanted) ?? null
  }

  /** @param matters which numbers are of interest */
  #shown({ layerCase, answer }: Run, matters: (i: number) => boolean = () => true): LayerExample {
    const right = this.#explainer.right(layerCase)
    const shape = shapeOfResult(this.#quantity, layerCase.sizes)
    const show = (value: number) => String(Number(value.toPrecision(7)))
    const example = (at: number, expected: string, received: string) =>
      exampleOf(layerCase, this.#quantity, [shape, at], expected, received)
    if (answer.kind === 'throws') return example(-1, 'numbers', `an error: ${answer.text}`)
    if (answer.kind === 'wrongType') return example(-1, 'numbers', answer.text.replace(/^\w+ is /, ''))
    if (!fits(answer, shape)) {
      const received = answer.shape ? `of shape [${answer.shape.join(', ')}]` : countOf(answer)
      return example(-1, `of shape [${shape.join(', ')}]`, received)
    }
    const wrong = [...answer.values.keys()].filter(
      i => !(Math.abs(answer.values[i] - right.values[i]) <= toleranceOf(right, i, this.#subject.dtype)),
    )
    const at = wrong.find(matters) ?? wrong[0]
    return example(at, show(right.values[at]), show(answer.values[at]))
  }
}

const countOf = ({ values }: { readonly values: Float64Array }) =>
  values.length === 1 ? '1 number' : `${values.length} numbers`
const valuesOf = (answer: Answer) => (answer.kind === 'values' ? answer.values : new Float64Array(0))

/** A fault of the table. */
function named(fault: RecipeFault): { fault: RecipeFault; words: string } {
  return { fault, words: faults.find(({ name }) => name === fault)?.words ?? '' }
}

/** Whether numbers have a shape; flat ones have any of their length. Nested arrays end at the first size of 0. */
function fits(
  { values, shape }: { readonly values: Float64Array; readonly shape: Shape | null },
  right: Shape,
): boolean {
  if (shape) {
    const end = right.indexOf(0)
    return String(shape) === String(end < 0 ? right : right.slice(0, Math.min(shape.length, end + 1)))
  }
  return values.length === right.reduce((n, size) => n * size, 1)
}
