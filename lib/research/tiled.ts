// Tiled convolution: between a convolution and a locally connected layer. Places that lie a tile apart share a kernel.

import { pair, type Shape } from '../core/check.ts'
import { field } from '../core/options.ts'
import { LocallyConnected2D } from '../layers/locally-connected.ts'
import { LocalWindowsLayer, type LocalWindowsOptions, localWindowsFields } from './local-windows.ts'
import { localOptions } from './to-local.ts'

/** The options of TiledLocallyConnected2D. */
export interface TiledLocallyConnected2DOptions extends LocalWindowsOptions {
  /** Rows and columns of kernels; one number sets both. */
  readonly tile: number | readonly [number, number]
  /** Rows and columns of the window; one number sets both. */
  readonly kernelSize: number | readonly [number, number]
  /** Rows and columns from one window to the next. Default 1. */
  readonly strides?: number | readonly [number, number]
}

const twoSizes = (name: string, value: unknown) => pair(name, value)
const tiledLocallyConnected2D = {
  className: 'TiledLocallyConnected2D',
  fields: { tile: field(twoSizes), ...localWindowsFields(twoSizes) },
}

/**
 * A layer with a tile of kernels, which is repeated over the image: place (i, j) uses kernel (i mod rows, j mod columns) of
 * the tile. Tile 1 is a convolution (Conv2D, with the same bits in 'channels_last'); a tile of at least as many rows and
 * columns as there are places is LocallyConnected2D, with the same bits. A tile is not larger than the places.
 *
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel` `[tile rows · tile columns, patch, filters]`, with the patch in the
 * input's memory order, and `bias` `[tile rows, tile columns, filters]`, as in LocallyConnected2D with so many places.
 *
 * @see Le et al. 2010, "Tiled convolutional neural networks", NIPS 23
 */
export class TiledLocallyConnected2D extends LocalWindowsLayer<readonly [number, number]> {
  declare readonly className: 'TiledLocallyConnected2D'
  declare readonly tile: readonly [number, number]
  protected readonly axes = ['rows', 'columns']

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: TiledLocallyConnected2DOptions) {
    super(options, tiledLocallyConnected2D)
  }

  protected kernelGrid(places: Shape): number[] {
    return places.map((n, axis) => Math.min(n, this.tile[axis]))
  }

  /**
   * A built LocallyConnected2D that computes the same, bit for bit: every place gets a copy of its kernel and bias. The
   * name, if one was given, and the activity regularizer are kept; regularizers and constraints of weights are not.
   * @throws StateError before the layer is built
   */
  toLocal(): LocallyConnected2D {
    const { P, K, F, kernelOf, outputPlace, outputFilter, biasKernel, biasFilter } = this.windowsFor(this.inputShape)
    const local = new LocallyConnected2D(localOptions(this, this.useBias))
    local.build([null, ...this.inputShape])
    const [kernel, bias] = this.parameters
    const [localKernel, localBias] = local.parameters
    for (let p = 0; p < P; p++) {
      const n = kernelOf[p]
      localKernel.value.set(kernel.value.subarray(n * K * F, (n + 1) * K * F), p * K * F)
      for (let f = 0; f < F && bias; f++)
        localBias.value[p * outputPlace + f * outputFilter] = bias.value[n * biasKernel + f * biasFilter]
    }
    return local
  }
}
