// The inputs of a model with branches.

import { type BatchShape, knownOptions, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { only } from '../core/options.ts'
import type { Config } from '../core/registry.ts'
import { Layer, type LayerOptions } from './layer.ts'
import type { SymbolicTensor } from './module.ts'

/** The options of `input`: a shape is required. */
export interface InputOptions {
  /** The shape of one sample: `[28, 28, 1]`. */
  readonly shape?: Shape
  /** The same, batch first: `[null, 28, 28, 1]`. */
  readonly batchShape?: BatchShape
  /** Default: 'input_1', 'input_2' … in the model. */
  readonly name?: string
  /** Only 'float32'. */
  readonly dtype?: 'float32'
}

/** The layer behind an input of a model. `input` makes one. */
export class InputLayer extends Layer {
  declare readonly className: 'InputLayer'

  /** @throws ArgumentError unless every size but the batch is given */
  constructor(options: LayerOptions) {
    super(options, {
      className: 'InputLayer',
      fields: { sparse: only(false), ragged: only(false), optional: only(false) },
    })
    const { batchInputShape } = this
    if (!batchInputShape?.slice(1).every(n => n !== null))
      throw new ArgumentError('shape', batchInputShape, 'the shape of one sample, every size known: [28, 28, 1]')
    this.record([], [batchInputShape])
  }

  override get automaticName(): string {
    return 'input_1'
  }

  /** None: an input computes nothing, and its samples lie in the graph. */
  override get leaves(): readonly [] {
    return []
  }

  override countParams(): number {
    return 0
  }

  override get isLinear(): boolean {
    return true
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return inputShape
  }

  override passesThrough(): boolean {
    return true
  }

  forwardInto(): void {}

  backwardInto(): void {}

  override getConfig(): Config {
    const { sparse, ragged, optional } = this.ownConfig()
    return { batchInputShape: this.batchInputShape, dtype: 'float32', sparse, ragged, name: this.name, optional }
  }
}

/**
 * An input of a model, to which layers are applied.
 *
 * ```ts
 * const picture = input({ shape: [28, 28, 1], name: 'picture' })
 * ```
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/Input
 */
export function input(options: InputOptions): SymbolicTensor {
  knownOptions('input', options, ['shape', 'batchShape', 'name', 'dtype'])
  const { shape, batchShape, ...others } = options
  const given = batchShape ? { batchInputShape: batchShape } : shape ? { inputShape: shape } : {}
  return new InputLayer({ ...given, ...others }).output
}
