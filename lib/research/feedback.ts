// Learning without weight transport: the error travels backward through weights of its own.

import type { Shape } from '../core/check.ts'
import { oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Field, field } from '../core/options.ts'
import type { Block, Engine } from '../engine/engine.ts'
import type { Call } from '../layers/call.ts'
import { Conv1D, Conv2D } from '../layers/convolution.ts'
import { Dense } from '../layers/dense.ts'
import type { WeightSpec } from '../layers/layer.ts'
import { LocallyConnected1D, LocallyConnected2D } from '../layers/locally-connected.ts'
import { type Initializer, type InitializerIdentifier, initializers } from '../weights/initializers.ts'
import { LayerWrapper, type LayerWrapperOptions, layerField } from './layer-wrapper.ts'
import { LocallyConnected3D } from './locally-connected-3d.ts'
import { TiledLocallyConnected2D } from './tiled.ts'

/** A layer whose input gradient can take other weights. */
export type FeedbackLayer =
  | (Dense | Conv1D | Conv2D)
  | (LocallyConnected1D | LocallyConnected2D | LocallyConnected3D | TiledLocallyConnected2D)

/** The options of Feedback. */
export interface FeedbackOptions<L extends FeedbackLayer> extends LayerWrapperOptions<L> {
  /**
   * 'random' (the default): B is fixed (feedback alignment). 'sign': the signs of the kernel, with the fixed sizes of B (sign
   * concordance).
   */
  readonly feedback?: 'random' | 'sign'
  /** Draws B. Default: the initializer of the kernel. */
  readonly feedbackInitializer?: InitializerIdentifier | null
}

const feedbackInitializer: Field<Initializer | null> = field(
  (name, given) => initializers.getOptional(given, name),
  null,
  value => value && initializers.serialize(value),
)

const classes = [
  ...[Dense, Conv1D, Conv2D],
  ...[LocallyConnected1D, LocallyConnected2D, LocallyConnected3D, TiledLocallyConnected2D],
]

const table = {
  className: 'Feedback',
  fields: {
    layer: layerField(
      layer => classes.some(Class => layer instanceof Class),
      'a Dense, Conv1D, Conv2D, LocallyConnected1D, LocallyConnected2D, LocallyConnected3D or TiledLocallyConnected2D',
    ),
    feedback: field((name, given) => oneOf(name, given, ['random', 'sign'] as const), 'random'),
    feedbackInitializer,
  },
}

/**
 * Computes what the layer inside computes, but its input gradient goes through other weights than its kernel W. With
 * 'random', these are the fixed weights B; with 'sign', |B| with the signs of W (0 where W is 0). The gradients of the
 * kernel and of the bias are as usual. So the layers before it are trained by an error that never used W; `checkGradients`
 * reports the difference for `x`.
 *
 * Weights: those of the layer inside, and `feedback`, which is B. It has the shape of the kernel, training does not change
 * it, and it is saved with the model.
 *
 * @see Lillicrap et al. 2016, "Random synaptic feedback weights support error backpropagation for deep learning", Nature
 * Communications 7, for 'random'; Liao et al. 2016, "How important is weight symmetry in backpropagation?", AAAI,
 * and Xiao et al. 2018, arXiv:1811.03567, for 'sign'
 */
export class Feedback<L extends FeedbackLayer = FeedbackLayer> extends LayerWrapper<L> {
  declare readonly className: 'Feedback'
  declare readonly feedback: 'random' | 'sign'
  declare readonly feedbackInitializer: Initializer | null
  /** |B| with the signs of the kernel, in the memory of an engine. */
  #signed: { readonly engine: Engine; readonly block: Block } | null = null

  /** @throws ArgumentError naming the option that is unknown, missing or invalid */
  constructor(options: FeedbackOptions<L>) {
    super(options, table)
  }

  /** @throws ArgumentError if B would be drawn from the kernel's own seed, and so equal the kernel */
  override weightsFor(inputShape: Shape): Readonly<Record<string, WeightSpec | null>> {
    const specs = super.weightsFor(inputShape)
    const { shape, patch, initializer } = specs.kernel as WeightSpec
    const own = initializers.get(this.feedbackInitializer ?? initializer)
    if (this.feedbackInitializer === null && 'seed' in own && own.seed !== null) {
      const hint = 'With the same seed, the feedback weights would equal the kernel'
      throw new ArgumentError('feedbackInitializer', null, 'an initializer, since that of the kernel has a seed', hint)
    }
    const feedback = { shape, initializer: own, trainable: false, ...(patch && { patch }) }
    return { ...specs, feedback }
  }

  override backwardInto(dx: Float32Array, dy: Float32Array, call: Call): void {
    const { weights } = call
    const values = call.inputGradient ? this.#valuesFor(weights.kernel.value, weights.feedback.value) : null
    if (values === null) super.backwardInto(dx, dy, call)
    else {
      const kernel = changed(weights.kernel, { value: values }) // for dx; the gradients of the weights don't read it
      super.backwardInto(dx, dy, changed(call, { weights: { ...weights, kernel } }))
    }
  }

  /** The weights through which the error travels. */
  #valuesFor(kernel: Float32Array, feedback: Float32Array): Float32Array {
    if (this.feedback === 'random') return feedback
    const { engine } = this
    if (this.#signed?.engine !== engine) this.#signed = { engine, block: engine.region().alloc(kernel.length) }
    const signed = this.#signed.block.open()
    for (let i = 0; i < signed.length; i++) signed[i] = Math.abs(feedback[i]) * Math.sign(kernel[i])
    return signed
  }

  /** @internal */
  override unbuild(): void {
    super.unbuild()
    this.#signed = null
  }
}

/** A copy of the object with some properties replaced. */
const changed = <T extends object>(object: T, others: Partial<T>): T =>
  new Proxy(object, {
    get(target, key) {
      if (key in others) return others[key as keyof T]
      const value = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
