// Dynamic weight sharing: from time to time, all places of a locally connected layer take the mean of their kernels.

import { ModelCallback, type WatchedModel } from '../callbacks/callback.ts'
import { knownOptions, positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Layer } from '../layers/layer.ts'
import { Module } from '../layers/module.ts'
import { isLocal, type PlacedWeight, placedIn } from './places.ts'
import { meansOf } from './sharing.ts'

/** The options of ShareWeights. */
export interface ShareWeightsOptions {
  /** The number of updates (batches) from one sharing to the next. */
  readonly every: number
  /**
   * The layers, or their names. Default: all trainable locally connected layers of the model, those in wrappers and in inner
   * models included.
   */
  readonly layers?: readonly (string | Layer)[]
}

/**
 * After every `every`-th update, replaces the kernel and the bias of all places by their means over the places: "sleep
 * phases" in which a locally connected layer learns to share weights. Between them, the places train independently. The
 * optimizer keeps a moment for each place, as the paper's does.
 *
 * Call `startShared` before training: the mean of P independent kernels is √P times too small, unless a normalization
 * follows.
 *
 * It counts the steps of the optimizer, which are saved with the model, so training that is resumed or loaded shares at the
 * same steps.
 *
 * @see Pogodin et al. 2021, "Towards biologically plausible convolutional networks", NeurIPS, arXiv:2106.13031
 */
export class ShareWeights extends ModelCallback {
  static override readonly name = 'ShareWeights'
  /** The number of steps from one sharing to the next. */
  readonly every: number
  readonly #named: readonly (string | Layer)[] | null
  #module: Module | null = null
  #weights: readonly PlacedWeight[] = []

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: ShareWeightsOptions) {
    super()
    knownOptions('ShareWeights', options, ['every', 'layers'])
    this.every = positiveInteger('every', options.every)
    const { layers = null } = options
    if (layers !== null && (!Array.isArray(layers) || layers.length === 0))
      throw new ArgumentError('layers', layers, 'a list of layers or their names')
    this.#named = layers
  }

  override setModel(model: WatchedModel): void {
    super.setModel(model)
    if (!(model instanceof Module)) throw new ArgumentError('model', model, 'a model')
    this.#module = model
  }

  /**
   * Finds the weights to share.
   * @throws ArgumentError for a layer that is not a locally connected layer of the model, and if there is none
   */
  onTrainBegin(): void {
    const leaves = (this.#module?.leaves ?? []) as readonly Layer[]
    const local = leaves.filter(isLocal)
    const names = `a locally connected layer of the model: ${local.map(({ name }) => name).join(', ') || 'it has none'}`
    const chosen = this.#named?.map((named, i) => {
      const found = local.find(layer => layer === named || layer.name === named)
      if (found) return found
      throw new ArgumentError(`layers[${i}]`, named, names)
    })
    const shared = chosen ?? local.filter(({ trainable }) => trainable)
    if (shared.length === 0) throw new ArgumentError('ShareWeights, model', this.#module?.name, names)
    this.#weights = [...new Set(shared)].flatMap(weightsOf)
  }

  /** Shares after every `every`th step. */
  onTrainBatchEnd(): void {
    if (this.optimizer.iterations % this.every === 0)
      for (const weight of this.#weights) setAll(weight, meansOf(weight))
  }
}

/**
 * Gives all places of locally connected layers the same kernel and bias: every weight takes its value at the first place
 * that has it. So the layer computes what a convolution with this kernel computes, and its values keep their distribution.
 *
 * @param target a built layer, or a built model, whose locally connected layers all change
 * @throws ArgumentError for other layers, and for a model without a locally connected layer; StateError before it is built
 */
export function startShared(target: Module): void {
  if (!(target instanceof Module)) throw new ArgumentError('target', target, 'a layer or a model')
  const local = target.leaves.filter(isLocal)
  if (local.length === 0)
    throw new ArgumentError('target', target, 'a locally connected layer, or a model that contains one')
  for (const weight of local.flatMap(weightsOf)) {
    const { parameter, own, placed, perPlace } = weight
    const first = new Float64Array(perPlace)
    for (let i = own.length - 1; i >= 0; i--) first[placed[i] % perPlace] = parameter.value[own[i]]
    setAll(weight, first)
  }
}

function weightsOf(layer: Layer): PlacedWeight[] {
  const { kernel, bias } = placedIn('layer', layer)
  return bias ? [kernel, bias] : [kernel]
}

/** Sets every place to the same values. */
function setAll({ parameter, own, placed, perPlace }: PlacedWeight, values: Float64Array): void {
  const { value } = parameter
  for (let i = 0; i < own.length; i++) value[own[i]] = values[placed[i] % perPlace]
}
