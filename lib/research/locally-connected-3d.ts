// A locally connected layer over volumes.

import type { Shape } from '../core/check.ts'
import { sameShape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { LocalWindowsLayer, type LocalWindowsOptions, localWindowsFields } from './local-windows.ts'

type Sizes3D = readonly [number, number, number]

/** The options of LocallyConnected3D. */
export interface LocallyConnected3DOptions extends LocalWindowsOptions {
  /** Depth, rows and columns of the window; one number sets all three. */
  readonly kernelSize: number | Sizes3D
  /** Depth, rows and columns from one window to the next. Default 1. */
  readonly strides?: number | Sizes3D
}

/** `3` means `[3, 3, 3]`, as in Keras. */
function triple(name: string, value: unknown): [number, number, number] {
  const items = typeof value === 'number' ? [value, value, value] : value
  const fits = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 1
  if (Array.isArray(items) && items.length === 3 && items.every(fits)) return [items[0], items[1], items[2]]
  throw new ArgumentError(name, value, 'an integer of at least 1, or three of them [depth, rows, columns]')
}

const locallyConnected3D = { className: 'LocallyConnected3D', fields: localWindowsFields(triple) }

/**
 * A locally connected layer over volumes: like a convolution, but every place has its own kernel and bias. With depth 1, it
 * gives the same bits as LocallyConnected2D.
 *
 * Input `[batch, depth, rows, columns, channels]`, output `[batch, new depth, new rows, new columns, filters]`; with
 * 'channels_first' the channels and filters come second. Weights: `kernel` `[places, patch, filters]`, with the patch in the
 * input's memory order, and `bias` `[new depth, new rows, new columns, filters]` in both data formats, as in
 * LocallyConnected2D.
 *
 * @see Dalca et al., neurite, `neurite.layers.LocallyConnected3D`: https://github.com/adalca/neurite
 */
export class LocallyConnected3D extends LocalWindowsLayer<Sizes3D> {
  declare readonly className: 'LocallyConnected3D'
  protected readonly axes = ['depth', 'rows', 'columns']

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: LocallyConnected3DOptions) {
    super(options, locallyConnected3D)
  }

  protected kernelGrid(places: Shape): number[] {
    return [...places]
  }

  /** Every place has its own weights, so the input size is fixed. */
  protected override suits(inputShape: Shape, built: Shape): boolean {
    return sameShape(inputShape, built)
  }
}
