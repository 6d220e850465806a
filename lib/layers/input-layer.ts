// The inputs of a model with branches.

import { type BatchShape, knownOptions, oneOf, type Shape } from '../core/check.ts'
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
  /** The type of the samples, which configs keep. The library computes in float32. Default 'float32'. */
  readonly dtype?: InputType
}

const types = ['float32', 'float64', 'float16', 'int8', 'int16', 'int32', 'int64', 'uint8', 'bool'] as const
type InputType = (typeof types)[number]

/** The layer behind an input of a model. `input` makes one. */
export class InputLayer extends Layer {
  declare readonly className: 'InputLayer'
  readonly #dtype: InputType

  /** @throws ArgumentError unless every size but the batch is given */
  constructor(options: Omit<LayerOptions, 'dtype'> & { readonly dtype?: InputType }) {
    const { dtype, ...others } = options ?? {}
    super(others, {
      className: 'InputLayer',
      fields: { sparse: only(false), ragged: only(false), optional: only(false) },
    })
    this.#dtype = oneOf('dtype', dtype ?? 'float32', types)
    const { batchInputShape } = this
    if (!batchInputShape?.slice(1).every(n => n !== null))
      throw new ArgumentError('shape', batchInputShape, 'the shape of one sample, every size known: [28, 28, 1]')
    this.record([], [batchInputShape])
  }

  override get automaticName(): string {
    return 'input_1'
  }

  /** None: an input computes nothing, and the graph holds its samples. @internal */
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
    return { batchInputShape: this.batchInputShape, dtype: this.#dtype, sparse, ragged, name: this.name, optional }
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
  if (shape !== undefined && !Array.isArray(shape))
    throw new ArgumentError('shape', shape, 'a list of sizes: [28, 28, 1]')
  const given = batchShape ? { batchInputShape: batchShape } : shape ? { inputShape: shape } : {}
  return new InputLayer({ ...given, ...others }).output
}
