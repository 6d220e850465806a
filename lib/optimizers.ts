// How weights move: each optimizer is one formula, from the simplest up. They know parameters, and nothing of layers.

import { boolean, finite, knownOptions, type Shape } from './check.ts'
import type { Block, Engine } from './engine.ts'
import { StateError } from './errors.ts'
import { pow64 } from './math.ts'
import type { Parameter } from './parameter.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'

const { fround, sqrt } = Math

export type OptimizerName = 'sgd' | 'SGD' | 'adam' | 'Adam'

/** A name, a config or an optimizer. */
export type OptimizerIdentifier = OptimizerName | Serialized | KerasSerialized | Optimizer

export interface OptimizerOptions {
  /** How far a step goes. */
  readonly learningRate?: number
  /** Default: the class's name. */
  readonly name?: string
}

/** What every optimizer's config holds, in Keras' order, after the name. */
const commonDefaults = {
  ...{ weightDecay: null, clipnorm: null, globalClipnorm: null, clipvalue: null },
  ...{
    useEma: false,
    emaMomentum: 0.99,
    emaOverwriteFrequency: null,
    jitCompile: false,
    isLegacyOptimizer: false,
  },
}
const commonNames = ['name', 'learningRate', ...Object.keys(commonDefaults)]

export abstract class Optimizer implements Serializable {
  abstract readonly className: string
  readonly name: string
  learningRate: number
  /** Steps done. */
  iterations = 0
  #parameters: readonly Parameter[] | null = null
  #slots: { readonly name: string; readonly shape: Shape; readonly block: Block }[] = []
  #engine: Engine | null = null

  constructor(name: string, options: OptimizerOptions, learningRate: number) {
    this.name = options.name ?? name
    this.learningRate = fround(finite('learningRate', options.learningRate ?? learningRate, 0))
  }

  /** Takes the parameters to train, and memory beside them. */
  build(parameters: readonly Parameter[], engine: Engine): void {
    if (this.#parameters) {
      if (
        parameters.length === this.#parameters.length &&
        parameters.every((p, i) => p === this.#parameters?.[i])
      )
        return
      throw new StateError(
        'the optimizer was built for other weights; compile the model again after changing trainable',
      )
    }
    this.#parameters = parameters
    this.#engine = engine
    const region = engine.region()
    for (const slot of this.slotNames)
      for (const { name, shape, size } of parameters)
        this.#slots.push({ name: `${this.name}/${slot}/${name}`, shape, block: region.alloc(size) })
  }

  /** Moves all parameters along their gradients. */
  step(): void {
    if (!this.#parameters || !this.#engine) throw new StateError('the optimizer is not built yet')
    this.iterations++
    const { optimizers } = this.#engine.kernels
    const count = this.#parameters.length
    this.prepare()
    for (let i = 0; i < count; i++) {
      const parameter = this.#parameters[i]
      this.update(parameter, slot => this.#slots[slot * count + i].block.array, optimizers)
      parameter.constraint?.apply(parameter.value, parameter.shape)
    }
  }

  /** What the optimizer keeps beside the weights. */
  protected abstract readonly slotNames: readonly string[]
  protected prepare(): void {}
  protected abstract update(
    parameter: Parameter,
    slot: (index: number) => Float32Array,
    kernels: Engine['kernels']['optimizers'],
  ): void

  /** What a resumed training needs, live. */
  variables(): { name: string; shape: Shape; value: Float32Array }[] {
    return this.#slots.map(({ name, shape, block }) => ({ name, shape, value: block.array }))
  }

  finalizeVariableValues(): void {}

  getConfig(): Config {
    return { name: this.name, ...commonDefaults, learningRate: this.learningRate }
  }
}

export interface SGDOptions extends OptimizerOptions {
  /** How much of the last step goes on, from 0 to 1. Default 0. */
  readonly momentum?: number
  /** Whether the slope is taken where momentum leads. Default false. */
  readonly nesterov?: boolean
}

/** Gradient descent. Default learning rate 0.01. The learning rate is inside the velocity, as in Keras. */
export class SGD extends Optimizer {
  readonly className = 'SGD'
  readonly momentum: number
  readonly nesterov: boolean
  protected readonly slotNames: readonly string[]

  constructor(options: SGDOptions = {}) {
    knownOptions('SGD', options, [...commonNames, 'momentum', 'nesterov'])
    super('SGD', options, 0.01)
    this.momentum = finite('momentum', options.momentum ?? 0, 0, 1)
    this.nesterov = boolean('nesterov', options.nesterov ?? false)
    this.slotNames = ['m']
  }

  protected update(
    { value, grad, size }: Parameter,
    slot: (i: number) => Float32Array,
    k: Engine['kernels']['optimizers'],
  ) {
    const { learningRate, momentum } = this
    if (momentum === 0) k.sgd(value, grad, size, learningRate)
    else
      (this.nesterov ? k.sgdNesterov : k.sgdMomentum)(
        value,
        slot(0),
        grad,
        size,
        learningRate,
        fround(momentum),
      )
  }

  override getConfig() {
    return { ...super.getConfig(), momentum: this.momentum, nesterov: this.nesterov }
  }
}

export interface AdamOptions extends OptimizerOptions {
  readonly beta1?: number
  readonly beta2?: number
  readonly epsilon?: number
}

/** Steps of about equal size for all weights. Defaults 0.001, 0.9, 0.999, 1e-7. @see Kingma and Ba 2014, arXiv:1412.6980 */
export class Adam extends Optimizer {
  readonly className = 'Adam'
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  protected readonly slotNames = ['m', 'v']
  #alpha = 0

  constructor(options: AdamOptions = {}) {
    knownOptions('Adam', options, [...commonNames, 'beta1', 'beta2', 'epsilon', 'amsgrad'])
    super('Adam', options, 0.001)
    this.beta1 = finite('beta1', options.beta1 ?? 0.9, 0, 1)
    this.beta2 = finite('beta2', options.beta2 ?? 0.999, 0, 1)
    this.epsilon = finite('epsilon', options.epsilon ?? 1e-7, 0)
  }

  /** α = lr·√(1 − β2ᵗ) / (1 − β1ᵗ): ε stands after the correction, which is not the paper's order but Keras'. */
  protected override prepare(): void {
    const { iterations: t } = this
    this.#alpha = fround((this.learningRate * sqrt(1 - pow64(this.beta2, t))) / (1 - pow64(this.beta1, t)))
  }

  protected update(
    { value, grad, size }: Parameter,
    slot: (i: number) => Float32Array,
    k: Engine['kernels']['optimizers'],
  ) {
    const { beta1, beta2, epsilon } = this
    k.adam(
      value,
      slot(0),
      slot(1),
      grad,
      size,
      this.#alpha,
      fround(1 - beta1),
      fround(1 - beta2),
      fround(epsilon),
    )
  }

  override getConfig() {
    return {
      ...super.getConfig(),
      beta1: this.beta1,
      beta2: this.beta2,
      epsilon: this.epsilon,
      amsgrad: false,
    }
  }
}

/** Optimizers by name. */
export const optimizers = registry<Optimizer>(
  'optimizer',
  { SGD: config => new SGD(config), Adam: config => new Adam(config) },
  { sgd: 'SGD', adam: 'Adam' },
  value => value instanceof Optimizer,
)
