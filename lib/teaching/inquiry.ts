// What is wrong with one quantity of a layer: names for what is known, a description for what isn't, and examples.

import type { Shape } from '../core/check.ts'
import type { DataFormat, Padding } from '../core/geometry.ts'
import { type Answer, type ArrayForm, ask, type Callable, type NumberType } from './candidate.ts'
import { smallCases } from './cases.ts'
import { agrees, Explainer, type Explanation, type Mistake, type Run, toleranceOf } from './explain.ts'
import { faults, type RecipeFault } from './faults.ts'
import { exampleOf, type Found, type LayerExample, type LayerFault } from './report.ts'
import { type LayerCase, type LayerSizes, type Quantity, shapeOfResult } from './sizes.ts'

/** A layer, and how it is called. */
export interface Subject {
  readonly layer: Callable
  readonly form: ArrayForm
  readonly dtype: NumberType
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
    [(size, k, s) => Math.ceil((size - k) / s) + 1, 'rounds up; a window that leaves the image has no place'],
    [(size, k, s) => Math.floor((size - k) / s), 'lacks the + 1 for the first window'],
    [(size, k, s) => Math.ceil((size - k) / s), 'lacks the + 1 for the first window'],
    [(size, _k, s) => Math.ceil(size / s), "is that of padding 'same'"],
    [(size, _k, s) => Math.floor(size / s), 'does not depend on the window'],
    [size => size, 'is that of the input'],
    [(size, k) => size - k + 1, 'does not depend on the strides'],
  ],
  same: [
    [(size, _k, s) => Math.floor(size / s), "rounds down; with padding 'same' it is rounded up"],
    [(size, k, s) => Math.floor((size - k) / s) + 1, "is that of padding 'valid'"],
    [(size, k, s) => Math.floor((size + 2 * Math.floor(k / 2) - k) / s) + 1, 'counts ⌊k / 2⌋ zeros on both sides'],
    [size => size, 'is that of the input'],
  ],
}
const rightSizes = 'places are ⌊(H − KH) / SH⌋ + 1 by ⌊(W − KW) / SW⌋ + 1'
const rightSizesSame = "with padding 'same', places are ⌈H / SH⌉ by ⌈W / SW⌉"

/** Conditions under which a layer may be wrong, told where they fit exactly. */
const conditions: readonly (readonly [words: string, holds: (sizes: LayerSizes) => boolean])[] = [
  ['with more than one sample', ({ B }) => B > 1],
  ['with more than one channel', ({ C }) => C > 1],
  ['with more than one filter', ({ F }) => F > 1],
  ['with strides over 1', ({ SH, SW }) => SH > 1 || SW > 1],
  ['where the two strides differ', ({ SH, SW }) => SH !== SW],
  ['where the window is not square', ({ KH, KW }) => KH !== KW],
  ['where the image is not square', ({ H, W }) => H !== W],
  ['where the strides leave pixels over', ({ H, W, KH, KW, SH, SW }) => (H - KH) % SH > 0 || (W - KW) % SW > 0],
]

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
    const all = groups.flatMap(({ runs }) => runs)
    if (all.every(run => this.#explainer.isRight(run))) return []
    const whole = this.#explainer.explain(all, known)
    if (whole) return this.#named(whole, groups, known)

    // Group by group: what explains one may not be all that is wrong with the next.
    const found: Found[] = []
    const mistakes: Mistake[] = []
    for (const group of groups) {
      const size = this.#wrongSize(group)
      if (size) found.push(size)
      const runs = size ? group.runs.filter(run => this.#hasRightSize(run)) : group.runs
      if (runs.every(run => this.#explainer.isRight(run))) continue
      const explanation = this.#explainer.explain(runs, [...new Set([...mistakes, ...known])])
      if (explanation) {
        found.push(...this.#named(explanation, [group], known))
        mistakes.push(...explanation.mistakes)
      } else found.push(this.#unnamed({ ...group, runs }))
    }
    return found
  }

  #named(explanation: Explanation, groups: readonly Group[], known: Mistake[]): Found[] {
    return explanation.mistakes.map(mistake => {
      if (!known.includes(mistake)) known.push(mistake)
      const { name, words } = mistake.fault
      const example = this.#exampleOf({ ...explanation, mistakes: [mistake] }, groups)
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

  #unnamed(group: Group): Found {
    const wrong = group.runs.filter(run => !this.#explainer.isRight(run))
    const { fault, words } = this.#describe(wrong)
    const sizesOf = (run: Run) => run.layerCase.sizes
    const condition = conditions.find(([, holds]) =>
      group.runs.every(run => holds(sizesOf(run)) === wrong.includes(run)),
    )
    const where = condition ? `, only ${condition[0]}` : ''
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
      const received = answer.shape ? `the shape [${answer.shape.join(', ')}]` : `${answer.values.length} numbers`
      return { fault: 'wrongShape', words: `returns ${received} where the shape is [${right.join(', ')}]` }
    }
    const values = (answer: Answer) => (answer.kind === 'values' ? answer.values : new Float64Array(0))
    if (wrong.some(({ answer }) => values(answer).some(v => !Number.isFinite(v)))) {
      const why = 'an array is read past its end, or a sum does not begin with a number'
      return { fault: 'notANumber', words: `has results that are not numbers (NaN, or infinite): ${why}` }
    }
    let [largest, allowed] = [0, 0]
    let isClose = true
    const ratios: number[] = []
    for (const { layerCase, answer } of wrong) {
      const right = this.#explainer.right(layerCase)
      values(answer).forEach((v, i) => {
        const error = Math.abs(v - right.values[i])
        if (error > 0.01 * right.sizes[i]) isClose = false
        largest = Math.max(largest, error)
        allowed = Math.max(allowed, toleranceOf(right, i, this.#subject.dtype))
        if (right.values[i] !== 0) ratios.push(v / right.values[i])
      })
    }
    if (isClose) {
      const words = `is off by up to ${largest.toExponential(1)}, where rounding to ${this.#subject.dtype} explains ${allowed.toExponential(1)}`
      return { fault: 'inexact', words }
    }
    const [ratio] = ratios
    if (ratios.every(r => Math.abs(r - ratio) <= 1e-4 * Math.abs(ratio) || (r === 0 && ratio === 0))) {
      if (Math.abs(ratio) === 0) return { fault: 'scaled', words: 'is zero everywhere' }
      return { fault: 'scaled', words: `is ${Number(ratio.toPrecision(4))} times what it should be` }
    }
    return { fault: 'other', words: 'differs from the definition' }
  }

  // ---- Examples -----------------------------------------------------------------------------------------------------

  /** The smallest case in which a mistake alone makes a difference, and the layer is as wrong as it would be. */
  #exampleOf(explanation: Explanation, groups: readonly Group[]): LayerExample | null {
    const { dtype } = this.#subject
    const mayShow = (layerCase: LayerCase) => {
      const { values, isWild } = this.#explainer.outcome(explanation, layerCase)
      const right = this.#explainer.right(layerCase).values
      return !isWild && (values.length !== right.length || values.some((v, i) => v !== right[i]))
    }
    const isSo = ({ layerCase, answer }: Run) =>
      agrees(answer, this.#explainer.outcome(explanation, layerCase), this.#explainer.right(layerCase), dtype)
    return this.#firstWrong(groups, isSo, mayShow) ?? this.#firstWrong(groups, () => true)
  }

  /** The smallest case in which the layer is wrong, in that way; of those that it was tried with if need be. */
  #firstWrong(
    groups: readonly Group[],
    isSo: (run: Run) => boolean,
    mayShow: (layerCase: LayerCase) => boolean = () => true,
  ): LayerExample | null {
    const { layer, form, dtype } = this.#subject
    const isWanted = (run: Run) => !this.#explainer.isRight(run) && isSo(run)
    for (const { padding, dataFormat } of groups)
      for (const layerCase of smallCases(padding, dataFormat)) {
        if (!mayShow(layerCase)) continue
        const answer = ask(layer, layerCase, form, dtype).of.get(this.#quantity) as Answer
        const run = { layerCase, answer }
        if (isWanted(run)) return this.#shown(run)
      }
    const run = groups.flatMap(({ runs }) => runs).find(isWanted)
    return run ? this.#shown(run) : null
  }

  #shown({ layerCase, answer }: Run): LayerExample {
    const right = this.#explainer.right(layerCase)
    const shape = shapeOfResult(this.#quantity, layerCase.sizes)
    const show = (value: number) => String(Number(value.toPrecision(7)))
    const example = (at: number, expected: string, received: string) =>
      exampleOf(layerCase, this.#quantity, [shape, at], expected, received)
    if (answer.kind === 'throws') return example(-1, 'returned', `an error: ${answer.text}`)
    if (answer.kind === 'wrongType') return example(-1, 'numbers', answer.text)
    if (!fits(answer, shape)) {
      const received = answer.shape ? `of shape [${answer.shape.join(', ')}]` : `${answer.values.length} numbers`
      return example(-1, `of shape [${shape.join(', ')}]`, received)
    }
    const at = answer.values.findIndex(
      (v, i) => !(Math.abs(v - right.values[i]) <= toleranceOf(right, i, this.#subject.dtype)),
    )
    return example(at, show(right.values[at]), show(answer.values[at]))
  }
}

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
