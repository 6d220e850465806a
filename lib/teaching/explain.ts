// Finds the faults that explain what a layer returned: the fewest whose recipe gives the same numbers in every case.

import type { Answer, ArrayForm, NumberType } from './candidate.ts'
import { type Change, type Fault, faults } from './faults.ts'
import { follow, type Outcome, type Recipe, rightRecipe } from './recipe.ts'
import type { LayerCase, LayerSizes, Quantity } from './sizes.ts'

/** What a layer returned in one case. */
export interface Run {
  readonly layerCase: LayerCase
  readonly answer: Answer
}

/** One way to make a fault. */
export interface Mistake {
  readonly fault: Fault
  readonly change: Change
}

/** Ways to write a layer in which nothing is wrong, but which decide what follows from a fault. */
type Habit = Pick<Recipe, 'outside' | 'computesSize'>
const habits: readonly Habit[] = (['zero', 'undefined', 'neighbour'] as const).flatMap(outside =>
  [true, false].map(computesSize => ({ outside, computesSize })),
)

/** What explains a list of runs. */
export interface Explanation {
  readonly mistakes: readonly Mistake[]
  readonly habit: Habit
}

const unitRoundoff = { float32: 2 ** -24, float64: 2 ** -53 }

/**
 * How far apart a sum of n products and its exact value may be: γ(n) · Σ|terms|, with γ(n) = n·u / (1 − n·u), in any
 * order of summation (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1). The reference
 * itself is rounded in float64.
 */
export function toleranceOf({ sizes, terms }: Outcome, i: number, dtype: NumberType): number {
  const gamma = (u: number) => (terms * u) / (1 - terms * u)
  return (gamma(unitRoundoff[dtype]) + gamma(unitRoundoff.float64)) * sizes[i]
}

/** The recipe of a layer with these mistakes. */
export function recipeOf({ mistakes, habit }: Explanation, sizes: LayerSizes, form: ArrayForm): Recipe {
  // Who thinks of padding checks the bounds; otherwise, what is outside depends on how the layer is written.
  const outside = sizes.padding === 'same' ? 'zero' : habit.outside
  let recipe: Recipe = { ...rightRecipe(sizes), ...habit, outside, hasTaps: form === 'windows' }
  for (const { change } of mistakes) recipe = { ...recipe, ...change(recipe, sizes) }
  return recipe
}

/** Whether a layer returned what a recipe gives. */
export function agrees(answer: Answer, outcome: Outcome, right: Outcome, dtype: NumberType): boolean {
  if (answer.kind === 'throws') return outcome.isWild
  if (answer.kind === 'wrongType' || answer.values.length !== outcome.values.length) return false
  const { values, shape } = answer
  if (shape && String(shape) !== String(outcome.shape) && String(shape) !== String(right.shape)) return false
  // Models of faults are far apart, so one bound for all values is enough.
  const bound = outcome === right ? null : 8 * largestTolerance(outcome, dtype)
  return values.every((value, i) => {
    const expected = outcome.values[i]
    if (Number.isNaN(expected)) return Number.isNaN(value)
    return Math.abs(value - expected) <= (bound ?? toleranceOf(outcome, i, dtype))
  })
}

function largestTolerance(outcome: Outcome, dtype: NumberType): number {
  let largest = 0
  outcome.sizes.forEach((size, i) => {
    if (size < Infinity) largest = Math.max(largest, toleranceOf(outcome, i, dtype))
  })
  return largest
}

/** A layer's answers for one quantity, and what they are compared with. */
export class Explainer {
  readonly quantity: Quantity
  readonly form: ArrayForm
  readonly dtype: NumberType
  readonly #right = new Map<LayerCase, Outcome>()
  readonly #singles: readonly Mistake[]

  constructor(quantity: Quantity, form: ArrayForm, dtype: NumberType) {
    this.quantity = quantity
    this.form = form
    this.dtype = dtype
    this.#singles = (faults as readonly Fault[])
      .filter(({ of }) => !of || of.includes(quantity))
      .flatMap(fault => fault.forms.map(change => ({ fault, change })))
  }

  right(layerCase: LayerCase): Outcome {
    const known = this.#right.get(layerCase)
    if (known) return known
    const outcome = follow(rightRecipe(layerCase.sizes), this.quantity, layerCase)
    this.#right.set(layerCase, outcome)
    return outcome
  }

  isRight({ layerCase, answer }: Run): boolean {
    const right = this.right(layerCase)
    const hasShape = answer.kind !== 'values' || !answer.shape || String(answer.shape) === String(right.shape)
    return hasShape && agrees(answer, right, right, this.dtype)
  }

  /** What a layer with these mistakes returns. @param length the only one that is of interest */
  outcome(explanation: Explanation, layerCase: LayerCase, length?: number): Outcome {
    if (explanation.mistakes.length === 0) return this.right(layerCase) // habits matter beside mistakes only
    return follow(recipeOf(explanation, layerCase.sizes, this.form), this.quantity, layerCase, length)
  }

  /** The fewest mistakes beside `known` that explain all runs; the most is two. */
  explain(runs: readonly Run[], known: readonly Mistake[] = []): Explanation | null {
    const failing = runs.filter(run => !this.isRight(run))
    if (failing.length === 0) return { mistakes: [], habit: habits[0] }
    // Where nothing is a number, any fault that reads what isn't there would do.
    if (!failing.some(({ answer }) => answer.kind === 'values' && answer.values.some(Number.isFinite))) return null
    // A small one that fails comes first: it refuses most recipes.
    const cost = ({ layerCase: { x, kernel } }: Run) => x.length * kernel.length
    failing.sort((a, b) => cost(a) - cost(b))
    const ordered = [...failing, ...runs.filter(run => !failing.includes(run))]
    for (const mistakes of this.#hypotheses(known))
      if (this.#mayExplain(mistakes, ordered[0]))
        for (const habit of habits) if (this.#explains({ mistakes, habit }, ordered)) return { mistakes, habit }
    return null
  }

  /** Whether mistakes explain one run, with any habit. Most don't, and few habits make a difference in one run. */
  #mayExplain(mistakes: readonly Mistake[], { layerCase, answer }: Run): boolean {
    const right = this.right(layerCase)
    const length = answer.kind === 'values' ? answer.values.length : undefined
    const explains = (outcome: Outcome) => agrees(answer, outcome, right, this.dtype)
    const outcome = this.outcome({ mistakes, habit: habits[0] }, layerCase, length)
    if (explains(outcome)) return true
    const { leavesImage, hasOwnSize } = outcome
    return habits.some(
      habit =>
        habit !== habits[0] &&
        (leavesImage || hasOwnSize || habit.outside === 'zero') &&
        (hasOwnSize || habit.computesSize) &&
        explains(this.outcome({ mistakes, habit }, layerCase, length)),
    )
  }

  *#hypotheses(known: readonly Mistake[]): Generator<readonly Mistake[]> {
    const singles = this.#singles
    const pairs = function* (base: readonly Mistake[]) {
      for (let i = 0; i < singles.length; i++)
        for (let j = i + 1; j < singles.length; j++)
          if (singles[i].fault.name !== singles[j].fault.name) yield [...base, singles[i], singles[j]]
    }
    if (known.length > 0) yield known
    for (const mistake of known) yield [mistake]
    for (const mistake of singles) yield [mistake]
    if (known.length > 0) for (const mistake of singles) yield [...known, mistake]
    yield* pairs([])
    if (known.length > 0) yield* pairs(known)
  }

  #explains(explanation: Explanation, runs: readonly Run[]): boolean {
    return runs.every(({ layerCase, answer }) =>
      agrees(answer, this.outcome(explanation, layerCase), this.right(layerCase), this.dtype),
    )
  }
}
