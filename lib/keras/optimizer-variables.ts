// An optimizer's variables as Keras' files store them, without the step count.

import type { Shape } from '../core/check.ts'
import { ReferenceEngine } from '../engine/reference-engine.ts'
import type { TrainableWeight } from '../models/step.ts'
import { LegacyOptimizer, legacyOptimizers } from '../optimizers/legacy.ts'
import type { Optimizer, OptimizerVariable } from '../optimizers/optimizer.ts'
import { SGD } from '../optimizers/optimizers.ts'
import { optimizers } from '../optimizers/registry.ts'
import type { Parameter } from '../weights/parameter.ts'

/** Tells for each variable in turn its slot, `m` of `Adam/m/kernel`, and the number of the weight that it belongs to. */
export function placesOf({ name }: Optimizer): (variable: string) => { slot: string; n: number } {
  const counts = new Map<string, number>()
  return variable => {
    const [slot] = variable.slice(name.length + 1).split('/')
    const n = counts.get(slot) ?? 0
    counts.set(slot, n + 1)
    return { slot, n }
  }
}

/**
 * An optimizer as files store it: Keras' has variables for all trainable weights, ours for those behind a loss. The others
 * have their initial values.
 */
export class WholeOptimizer {
  readonly optimizer: Optimizer
  readonly #own: Optimizer
  readonly #pairs: readonly { readonly whole: OptimizerVariable; readonly own: OptimizerVariable }[] = []

  /** @param optimizer after `build` */
  constructor(optimizer: Optimizer, weights: readonly Omit<TrainableWeight, 'leaf'>[]) {
    this.#own = this.optimizer = optimizer
    if (weights.every(({ isTrained }) => isTrained)) return
    const { className } = optimizer
    const table = optimizer instanceof LegacyOptimizer ? legacyOptimizers : optimizers
    this.optimizer = table.get({ className, config: optimizer.getConfig() })
    this.optimizer.build(
      weights.map(({ parameter }) => parameter),
      new ReferenceEngine(),
    )
    const place = placesOf(this.optimizer)
    const own = [...optimizer.variables()]
    this.#pairs = this.optimizer.variables().flatMap(whole => {
      if (!weights[place(whole.name).n].isTrained) return []
      return [{ whole, own: own.shift() as OptimizerVariable }]
    })
  }

  /** Copies the values of the optimizer. */
  read(): void {
    this.optimizer.iterations = this.#own.iterations
    if (this.optimizer instanceof LegacyOptimizer && this.#own instanceof LegacyOptimizer)
      this.optimizer.momentumCache = this.#own.momentumCache
    for (const { whole, own } of this.#pairs) whole.write(own.read())
  }

  /** Copies the values to the optimizer. */
  write(): void {
    for (const { whole, own } of this.#pairs) own.write(whole.read())
  }
}

/** A variable, with a copy of its values. */
interface StoredVariable {
  readonly name: string
  readonly shape: Shape
  readonly value: Float32Array
}

/**
 * The variables in the order of Keras' files. SGD without momentum has no variables, but Keras' files store its last step
 * as a velocity, which has no effect.
 * @param parameters the parameters that the optimizer trains, with the gradients of its last step
 */
export function variablesForFiles(optimizer: Optimizer, parameters: readonly Parameter[]): StoredVariable[] {
  const variables = optimizer.variables().map(variable => {
    const { name, shape } = variable
    return { name, shape, value: variable.read() }
  })
  if (optimizer instanceof LegacyOptimizer && optimizer.className === 'legacy.Nadam') {
    const value = Float32Array.of(optimizer.momentumCache)
    return [{ name: `${optimizer.name}/momentum_cache`, shape: [], value }, ...variables]
  }
  if (!(optimizer instanceof SGD) || optimizer.momentum > 0) return variables
  const lr = Math.fround(optimizer.learningRate)
  const velocities = parameters.map(parameter => {
    const { name, shape, hasGradient } = parameter
    const step = (g: number) => -Math.fround(lr * g)
    const value = hasGradient ? parameter.gradient.array.map(step) : new Float32Array(parameter.size)
    return { name: `${optimizer.name}/m/${name}`, shape, value }
  })
  return [...variables, ...velocities]
}
