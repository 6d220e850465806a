// Topography: a penalty that makes neighbouring units of a locally connected layer have similar weights.

import type { Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Geometry } from '../core/geometry.ts'
import { flag, number } from '../core/options.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Layer, WeightSpec } from '../layers/layer.ts'
import { LocallyConnected, type LocallyConnected1D, type LocallyConnected2D } from '../layers/locally-connected.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Feedback } from './feedback.ts'
import { LayerWrapper, type LayerWrapperOptions, layerField } from './layer-wrapper.ts'
import { biasTable, inside, kernelTable } from './places.ts'
import { meanCosine, normalize, type Sheet, sheetGradient, sheetOf, unitAt } from './sheet.ts'

const { fround } = Math

/** A layer whose units can be laid out on a sheet. */
export type SheetLayer =
  | LocallyConnected1D
  | LocallyConnected2D
  | Feedback<LocallyConnected1D>
  | Feedback<LocallyConnected2D>

/** The options of SheetSmoothness. */
export interface SheetSmoothnessOptions<L extends SheetLayer> extends LayerWrapperOptions<L> {
  /** The factor of the penalty. Default 1. */
  readonly alpha?: number
  /** Whether the first row of the sheet follows the last, and the first column the last. Default true, as in the paper. */
  readonly circular?: boolean
}

const isSheetLayer = (layer: Layer) => inside(layer) instanceof LocallyConnected && !(layer instanceof SheetSmoothness)

const table = {
  className: 'SheetSmoothness',
  fields: {
    layer: layerField(isSheetLayer, 'a LocallyConnected1D or LocallyConnected2D, or a Feedback around one'),
    alpha: number(1, 0),
    circular: flag(true),
  },
}

/**
 * Computes what the locally connected layer inside computes, and adds a penalty to the loss that makes neighbouring units
 * similar: alpha · ½ (1 − ½ (s_v + s_h)). The units form a sheet: each place has a rectangle of them, one for each filter
 * (√F × √F; if F is not square, the divisors of F nearest to it, fewer rows than columns). The vector of a unit holds its
 * kernel weights and its bias; s_v and s_h are the mean cosines of the vectors of all neighbours in a column, and in a row.
 * If the sheet has one row or one column, only the other direction counts. Weights outside the image count as 0.
 *
 * The penalty is reported and differentiated like those of regularizers, which the layer inside may also have. Weights: those
 * of the layer inside.
 *
 * @see Lu et al. 2025, "End-to-end topographic networks as models of cortical map formation and human visual behaviour",
 * Nature Human Behaviour 9, arXiv:2308.09431
 */
export class SheetSmoothness<L extends SheetLayer = SheetLayer> extends LayerWrapper<L> {
  declare readonly className: 'SheetSmoothness'
  declare readonly alpha: number
  declare readonly circular: boolean
  #units: Units | null = null

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: SheetSmoothnessOptions<L>) {
    super(options, table)
  }

  get #local(): LocallyConnected<readonly number[]> {
    return inside(this) as LocallyConnected<readonly number[]>
  }

  /** @throws ArgumentError if the sheet has a single unit */
  override weightsFor(inputShape: Shape): Readonly<Record<string, WeightSpec | null>> {
    const { P, F } = this.#local.geometryOf([null, ...inputShape])
    if (P * F === 1)
      throw new ArgumentError('layer', '1 place with 1 filter', 'at least two units, which can be neighbours')
    const { kernel, bias, ...others } = super.weightsFor(inputShape)
    return { kernel: this.#smoothed('kernel', kernel), bias: this.#smoothed('bias', bias), ...others }
  }

  /**
   * The mean of s_v and s_h now, from −1 to 1: how similar neighbours are. Without `alpha`.
   * @throws StateError before the layer is built
   */
  get similarity(): number {
    return this.#loaded().similarity
  }

  /** A weight whose regularizer adds the penalty: the kernel's all of it, and each weight's its own gradient. */
  #smoothed(name: 'kernel' | 'bias', spec: WeightSpec | null): WeightSpec | null {
    if (!spec) return null
    const inner = spec.regularizer ?? null
    const regularizer: Regularizer = {
      className: 'SheetSmoothness',
      getConfig: () => ({ alpha: this.alpha, circular: this.circular }),
      penalty: (w, n, shape) => (name === 'kernel' ? this.#penalty() : 0) + (inner?.penalty(w, n, shape) ?? 0),
      addGradient: (dw, w, scale, n, shape) => {
        inner?.addGradient(dw, w, scale, n, shape)
        this.#loaded().addGradient(dw, name, this.alpha * scale)
      },
    }
    return { ...spec, regularizer }
  }

  #penalty(): number {
    return (this.alpha * (1 - this.similarity)) / 2
  }

  /** The units with the current weights. */
  #loaded(): Units {
    const { inputShape, parameters } = this
    const [kernel, other] = parameters
    const bias = other?.name === 'bias' ? other.value : null
    if (!this.#units) {
      const geometry = this.#local.geometryOf([null, ...inputShape])
      this.#units = new Units(geometry, this.#local.implementation, bias !== null, this.circular)
    }
    this.#units.load(kernel.value, bias)
    return this.#units
  }

  /** @internal */
  override unbuild(): void {
    super.unbuild()
    this.#units = null
  }
}

/** For each number of a weight: its offset there, and its offset in the vectors. */
interface Entries {
  readonly own: Int32Array
  readonly at: Int32Array
}

/** The units of a layer as vectors on the sheet. */
class Units {
  readonly #sheet: Sheet
  readonly #entries: { readonly kernel: Entries; readonly bias: Entries | null }
  readonly #vectors: Float64Array // [units, weights of a unit], as unit vectors
  readonly #gradient: Float64Array
  readonly #norms: Float64Array

  constructor(g: Geometry, implementation: Implementation, hasBias: boolean, circular: boolean) {
    const { P, K, F, OW } = g
    const sheet = sheetOf(g, circular)
    const length = K + Number(hasBias)
    this.#sheet = sheet
    this.#norms = new Float64Array(P * F)
    this.#vectors = new Float64Array(P * F * length)
    this.#gradient = new Float64Array(P * F * length)
    const vectorAt = (p: number, f: number) => unitAt(sheet, OW, p, f) * length
    const kernel = kernelTable(g, implementation)
    const bias = biasTable(g)
    this.#entries = {
      kernel: {
        own: kernel.own,
        at: kernel.placed.map(i => vectorAt(Math.floor(i / (K * F)), i % F) + (Math.floor(i / F) % K)),
      },
      bias: hasBias ? { own: bias.own, at: bias.placed.map(i => vectorAt(Math.floor(i / F), i % F) + K) } : null,
    }
  }

  load(kernel: Float32Array, bias: Float32Array | null): void {
    this.#vectors.fill(0)
    this.#copy(kernel, this.#entries.kernel)
    if (bias && this.#entries.bias) this.#copy(bias, this.#entries.bias)
    normalize(this.#vectors, this.#norms)
  }

  #copy(weight: Float32Array, { own, at }: Entries): void {
    for (let i = 0; i < own.length; i++) this.#vectors[at[i]] = weight[own[i]]
  }

  get similarity(): number {
    return meanCosine(this.#vectors, this.#vectors.length / this.#norms.length, this.#sheet)
  }

  /** Adds scale · the gradient of ½ (1 − similarity) to that of a weight. */
  addGradient(dw: Float32Array, name: 'kernel' | 'bias', scale: number): void {
    const entries = this.#entries[name]
    if (!entries) return
    sheetGradient(this.#gradient, this.#vectors, this.#norms, this.#sheet)
    const { own, at } = entries
    for (let i = 0; i < own.length; i++) dw[own[i]] += fround(scale * this.#gradient[at[i]])
  }
}
