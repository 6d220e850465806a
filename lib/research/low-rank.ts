// Low-rank local connectivity: the kernel of each place is a combination of few shared kernels.

import type { BatchShape, Shape } from '../core/check.ts'
import { oneOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import {
  connections,
  convolutionGeometry,
  type DataFormat,
  type Geometry,
  localGeometry,
  type Padding,
} from '../core/geometry.ts'
import { field, flag, positive } from '../core/options.ts'
import { softmax } from '../kernels/activations.ts'
import { eachConnection } from '../kernels/local2d-layouts.ts'
import { convolution, type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import { type LowRank, lowRank } from '../kernels/low-rank.ts'
import { type Groups, normalization } from '../kernels/normalization.ts'
import type { BatchBuffer, Call } from '../layers/call.ts'
import { KernelBiasLayer, type KernelBiasOptions, kernelBiasFields } from '../layers/kernel-bias.ts'
import type { WeightSpec } from '../layers/layer.ts'
import { LocallyConnected2D } from '../layers/locally-connected.ts'
import { constraint, initializer, regularizer } from '../layers/options.ts'
import { type DataFormatOption, dataFormat, overImages, padding } from '../layers/window-options.ts'
import type { Constraint, ConstraintIdentifier } from '../weights/constraints.ts'
import {
  Constant,
  HeUniform,
  type Initializer,
  type InitializerIdentifier,
  initializers,
} from '../weights/initializers.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Regularizer, RegularizerIdentifier } from '../weights/regularizers.ts'
import { localOptions } from './to-local.ts'

/** The options of LowRankLocallyConnected2D. */
export interface LowRankLocallyConnected2DOptions extends KernelBiasOptions {
  /** The number of shared kernels: 1 is a convolution, apart from the spatial bias. */
  readonly spatialRank: number
  /** The number of output channels. */
  readonly filters: number
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
  /** 'valid' (the default), or 'same' with windows centred as a convolution's. */
  readonly padding?: Padding | Uppercase<Padding>
  /** Default: `image_data_format` of Keras' configuration file (in Node), else 'channels_last'. */
  readonly dataFormat?: DataFormatOption
  /** Of the shared kernels. Default 'he_uniform'. */
  readonly kernelInitializer?: InitializerIdentifier
  /** Default `null`: the constant with which the layer starts as a convolution, 1/√rank; half of it for each of two parts. */
  readonly combiningWeightsInitializer?: InitializerIdentifier | null
  /** Default none. */
  readonly combiningWeightsRegularizer?: RegularizerIdentifier
  /** Default none. */
  readonly combiningWeightsConstraint?: ConstraintIdentifier
  /** Whether combining weights and spatial bias have a part for each row, shared by its columns. Default true. */
  readonly shareRowCombiningWeights?: boolean
  /**
   * Whether they have a part for each column, shared by its rows. Default true. Two parts are added; with neither, every
   * place has weights of its own.
   */
  readonly shareColCombiningWeights?: boolean
  /** 'softmax' (the default): a place's combining weights sum to 1; 'norm': their squares do; `null`: as they are. */
  readonly normalizeWeights?: 'softmax' | 'norm' | null
  /** Whether there is a bias for each place besides the one for each filter, `useBias`. Default true. */
  readonly useSpatialBias?: boolean
}

const lowRankLocallyConnected2D = {
  className: 'LowRankLocallyConnected2D',
  fields: {
    spatialRank: positive(),
    filters: positive(),
    kernelSize: field(overImages.sizes),
    strides: field(overImages.sizes, 1),
    padding,
    dataFormat,
    ...kernelBiasFields,
    kernelInitializer: initializer(HeUniform),
    combiningWeightsInitializer: field(
      (name, given) => initializers.getOptional(given, name),
      null,
      (value: Initializer | null) => value && initializers.serialize(value),
    ),
    combiningWeightsRegularizer: regularizer,
    combiningWeightsConstraint: constraint,
    shareRowCombiningWeights: flag(true),
    shareColCombiningWeights: flag(true),
    normalizeWeights: field(
      (name, given) => (given === null ? null : oneOf(name, given, ['softmax', 'norm'] as const)),
      'softmax',
    ),
    useSpatialBias: flag(true),
  },
}

/** What each place's weights add up to. Forward computes it, backward uses it again. */
interface Tables {
  /** The positions of each place's combining weights. */
  readonly groups: Groups
  readonly weights: Float32Array // [P, R]
  readonly scale: Float32Array // [P], of the norms
  readonly spatial: Float32Array // [P]
  readonly bias: Float32Array // [P, F]
}

interface Combination {
  readonly bases: Geometry
  readonly sizes: LowRank
  readonly tables: Tables
  readonly dtables: Tables
  readonly gradients: LocalGradients
  /** The outputs of the bases, and their gradient. */
  readonly z: BatchBuffer
  readonly dz: BatchBuffer
}

/**
 * A locally connected layer whose kernels are combinations of `spatialRank` shared ones, the bases: between a convolution
 * (rank 1) and LocallyConnected2D.
 *
 * y[i, j, f] = Σᵣ w̃[i, j, r] · (Bᵣ ∗ x)[i, j, f] + spatial bias[i, j] + channel bias[f], where w̃ are the combining weights
 * after `normalizeWeights`.
 *
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel_bases` `[window rows, window columns, channels, rank · filters]`;
 * `combining_weights_row` `[new rows, rank]` and `combining_weights_col` `[new columns, rank]`, or `combining_weights`
 * `[new rows, new columns, rank]`; `bias_row` `[new rows, 1, 1]` and `bias_col` `[1, new columns, 1]`, or `spatial_bias`
 * `[new rows, new columns, 1]`; `bias_channels` `[1, 1, filters]`. All biases have the bias's initializer, regularizer and
 * constraint.
 *
 * @see Elsayed, Ramachandran, Shlens and Kornblith 2020, "Revisiting spatial invariance with low-rank local connectivity",
 * ICML; names, order and defaults as in https://github.com/google-research/google-research/tree/master/low_rank_local_connectivity
 */
export class LowRankLocallyConnected2D extends KernelBiasLayer<Combination> {
  declare readonly className: 'LowRankLocallyConnected2D'
  declare readonly spatialRank: number
  declare readonly filters: number
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly combiningWeightsInitializer: Initializer | null
  declare readonly combiningWeightsRegularizer: Regularizer | null
  declare readonly combiningWeightsConstraint: Constraint | null
  declare readonly shareRowCombiningWeights: boolean
  declare readonly shareColCombiningWeights: boolean
  declare readonly normalizeWeights: 'softmax' | 'norm' | null
  declare readonly useSpatialBias: boolean

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LowRankLocallyConnected2DOptions) {
    super(options, lowRankLocallyConnected2D)
  }

  override get isLinear(): boolean {
    return super.isLinear && this.normalizeWeights === null
  }

  /** The geometry of the convolution with all bases: filter f of base r is channel r · filters + f. */
  #basesFor(inputShape: BatchShape): Geometry {
    const { spatialRank, kernelSize, strides, padding, dataFormat } = this
    const filters = spatialRank * this.filters
    return convolutionGeometry(inputShape, { filters, kernelSize, strides, padding, dataFormat, dilationRate: [1, 1] })
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { OH, OW } = this.#basesFor(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, this.filters, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape): Record<string, WeightSpec | null> {
    const { spatialRank: R, filters, shareRowCombiningWeights: byRow, shareColCombiningWeights: byCol } = this
    const { C, OH, OW, F } = this.#basesFor([null, ...inputShape])
    const combining = (shape: Shape) => {
      const { initializer, ...spec } = this.weightSpec('combiningWeights', shape)
      const value = 1 / Math.sqrt(R) / (byRow && byCol ? 2 : 1)
      return { ...spec, initializer: initializer ?? new Constant({ value }) }
    }
    const spatial = (isPart: boolean, shape: Shape) =>
      this.useSpatialBias && isPart ? this.weightSpec('bias', shape) : null
    const isFull = !byRow && !byCol
    return {
      kernel_bases: this.weightSpec('kernel', [...this.kernelSize, C, F]),
      combining_weights: isFull ? combining([OH, OW, R]) : null,
      combining_weights_row: byRow ? combining([OH, R]) : null,
      combining_weights_col: byCol ? combining([OW, R]) : null,
      spatial_bias: spatial(isFull, [OH, OW, 1]),
      bias_row: spatial(byRow, [OH, 1, 1]),
      bias_col: spatial(byCol, [1, OW, 1]),
      bias_channels: this.biasSpec([1, 1, filters]),
    }
  }

  override macsFor(inputShape: Shape): number {
    const bases = this.#basesFor([null, ...inputShape])
    return connections(bases) * bases.F + bases.outputSize
  }

  override prepare(call: Call): Combination {
    const bases = this.#basesFor([null, ...call.inputShape])
    const { OH, OW, outputSize, channelsFirst } = bases
    return {
      bases,
      sizes: { OH, OW, R: this.spatialRank, F: this.filters, channelsFirst },
      tables: this.#emptyTables(bases),
      dtables: this.#emptyTables(bases),
      gradients: noGradients(),
      z: call.buffer(outputSize),
      dz: call.gradientBuffer(outputSize),
    }
  }

  #emptyTables({ P, F }: Geometry): Tables {
    const R = this.spatialRank
    const groups = {
      starts: Int32Array.from({ length: P }, (_, p) => p * R),
      offsets: Int32Array.from({ length: R }, (_, r) => r),
    }
    const [weights, scale, spatial, bias] = [P * R, P, P, (P * F) / R].map(n => new Float32Array(n))
    return { groups, weights, scale, spatial, bias }
  }

  /** Writes each place's combining weights, normalized, and its biases. */
  #fill({ groups, weights, scale, spatial, bias }: Tables, of: Weights, { OH, OW, P }: Geometry): void {
    const { filters: F, spatialRank: R } = this
    if (of.combining_weights) weights.set(of.combining_weights.value)
    else lowRank.spread(weights, values(of.combining_weights_row), values(of.combining_weights_col), OH, OW)
    if (this.normalizeWeights === 'softmax') softmax.forward(weights, weights, P, R, 1)
    if (this.normalizeWeights === 'norm') normalization.unitForward(weights, scale, weights, groups)

    if (of.spatial_bias) spatial.set(of.spatial_bias.value)
    else lowRank.spread(spatial, values(of.bias_row), values(of.bias_col), OH, OW)
    lowRank.spread(bias, spatial, values(of.bias_channels), P, F)
  }

  /** The normalized combining weights `[places, rank]` and the biases `[places, filters]`. @internal */
  tablesOf({ state: { bases, tables } }: Call<Combination>, weights: Weights): Pick<Tables, 'weights' | 'bias'> {
    this.#fill(tables, weights, bases)
    return tables
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Combination>): void {
    const { state, weights, batch } = call
    const { bases, sizes, tables } = state
    const z = state.z.array
    this.#fill(tables, weights, bases)
    call.kernel(convolution).forward(z, x, weights.kernel_bases.value, null, batch, bases)
    call.kernel(lowRank).combine(y, z, tables.weights, tables.bias, batch, sizes)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Combination>): void {
    const { state, weights, batch } = call
    const { bases, sizes, tables, dtables, gradients } = state
    const dz = state.dz.array
    call
      .kernel(lowRank)
      .combineBackward(dz, dtables.weights, dtables.bias, dy, state.z.array, tables.weights, batch, sizes)
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = weights.kernel_bases.gradient.array
    call.kernel(convolution).backward(gradients, dz, call.x, weights.kernel_bases.value, batch, bases)
    this.#collect(dtables, tables, weights, bases)
  }

  /** The transpose of #fill: writes the gradients of combining weights and biases. */
  #collect(dtables: Tables, tables: Tables, of: Weights, { OH, OW, P }: Geometry): void {
    const { weights: dweights, spatial: dspatial } = dtables
    const { weights, scale, groups } = tables
    if (this.normalizeWeights === 'softmax') softmax.backward(dweights, dweights, weights, P, this.spatialRank, 1)
    if (this.normalizeWeights === 'norm') normalization.unitBackward(dweights, dweights, weights, scale, groups)
    if (of.combining_weights) of.combining_weights.grad.set(dweights)
    else
      lowRank.spreadBackward(gradient(of.combining_weights_row), gradient(of.combining_weights_col), dweights, OH, OW)

    lowRank.spreadBackward(dspatial, gradient(of.bias_channels), dtables.bias, P, this.filters)
    if (of.spatial_bias) of.spatial_bias.grad.set(dspatial)
    else lowRank.spreadBackward(gradient(of.bias_row), gradient(of.bias_col), dspatial, OH, OW)
  }

  /**
   * A built LocallyConnected2D that computes the same, to within rounding: the kernel of each place is Σᵣ w̃ᵣ Bᵣ. The name,
   * if one was given, and the activity regularizer are kept; regularizers and constraints of weights are not.
   * @throws StateError before the layer is built. ArgumentError for padding 'same' if it places the windows of a locally
   * connected layer elsewhere
   */
  toLocal(): LocallyConnected2D {
    const local = new LocallyConnected2D(localOptions(this, this.useBias || this.useSpatialBias))
    const g = this.#basesFor([null, ...this.inputShape])
    const windows = localGeometry([null, ...this.inputShape], local)
    if (windows.top !== g.top || windows.left !== g.left) {
      const hint =
        "The windows of a locally connected layer would start elsewhere: pad before the layer, and use 'valid'"
      throw new ArgumentError('padding', this.padding, "'valid' for this size of window, stride and input", hint)
    }
    const tables = this.#emptyTables(g)
    this.#fill(tables, Object.fromEntries(this.parameters.map(parameter => [parameter.name, parameter])), g)
    local.build([null, ...this.inputShape])
    const [kernel, bias] = local.parameters
    const { filters: F, spatialRank: R } = this
    const bases = this.parameters[0].value
    eachConnection(windows, offsets => {
      const [p, k, f] = [Math.floor(offsets[1] / (g.K * F)), Math.floor(offsets.shared / F), offsets.shared % F]
      let sum = 0
      for (let r = 0; r < R; r++) sum += tables.weights[p * R + r] * bases[(k * R + r) * F + f]
      kernel.value[offsets[1]] = sum
    })
    for (let p = 0; p < g.P && bias; p++)
      for (let f = 0; f < F; f++)
        bias.value[p * windows.outputPlace + f * windows.outputFilter] = tables.bias[p * F + f]
    return local
  }
}

/** The layer's weights by name; options leave some of them out. */
type Weights = Readonly<Record<string, Parameter | undefined>>
const values = (parameter: Parameter | undefined) => parameter?.value ?? null
const gradient = (parameter: Parameter | undefined) => parameter?.grad ?? null
