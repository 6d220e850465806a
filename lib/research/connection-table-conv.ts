// A convolution with a connection table, as in LeCun's networks of 1989 and 1998: each filter reads only some channels.

import { type BatchShape, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { connections, convolutionGeometry, type DataFormat, type Geometry, type Padding } from '../core/geometry.ts'
import { field } from '../core/options.ts'
import { connectionTable, type Links } from '../kernels/connection-table.ts'
import type { Local2D } from '../kernels/local2d.ts'
import { type Conv2DOptions, checkWindows, windowFields } from '../layers/convolution.ts'
import { kernelBiasFields } from '../layers/kernel-bias.ts'
import { overImages } from '../layers/window-options.ts'
import { WindowedLayer } from '../layers/windowed-layer.ts'
import type { Initializer } from '../weights/initializers.ts'

/** The options of ConnectionTableConv2D: those of Conv2D, and the table. */
export interface ConnectionTableConv2DOptions extends Omit<Conv2DOptions, 'filters' | 'groups'> {
  /** For each filter, the channels that it reads, counted from 0. */
  readonly table: readonly (readonly number[])[]
}

/** The channels of each filter, ascending. */
function checkTable(name: string, given: unknown): number[][] {
  const isList = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > 0
  const isRow = (row: unknown): row is number[] =>
    isList(row) && row.every(c => Number.isSafeInteger(c) && (c as number) >= 0) && new Set(row).size === row.length
  if (isList(given) && [...given].every(isRow)) return given.map(row => [...(row as number[])].sort((a, b) => a - b))
  const hint = 'LeNet-5 begins [[0, 1, 2], [1, 2, 3], …]'
  throw new ArgumentError(name, given, 'for each filter, a list of different channels, counted from 0', hint)
}

const { groups: _, ...windows } = windowFields
const connectionTableConv2D = {
  className: 'ConnectionTableConv2D',
  fields: { table: field(checkTable), ...windows, ...kernelBiasFields },
  check: checkWindows,
}

/**
 * A convolution in which each filter reads only the channels that a table lists, and has weights only for these. With all
 * channels for every filter it is Conv2D, with the same bits, and its kernel has the same numbers in the same order.
 *
 * Input `[batch, rows, columns, channels]`, output `[batch, new rows, new columns, filters]`; with 'channels_first' the
 * channels and filters come second. Weights: `kernel` `[window rows, window columns, links]`, where the links, one for each
 * channel of each filter, are sorted by channel, then by filter; and `bias` `[filters]`. The initializer sees the kernel of
 * each filter as that of a convolution over the filter's channels.
 *
 * @see LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition", Neural Computation 1:541–551;
 * LeCun et al. 1998, "Gradient-based learning applied to document recognition", Proc. IEEE 86:2278–2324, table I
 */
export class ConnectionTableConv2D extends WindowedLayer {
  declare readonly className: 'ConnectionTableConv2D'
  declare readonly table: readonly (readonly number[])[]
  declare readonly kernelSize: readonly [number, number]
  declare readonly strides: readonly [number, number]
  declare readonly padding: Padding
  declare readonly dataFormat: DataFormat
  declare readonly dilationRate: readonly [number, number]

  /** @throws ArgumentError naming the option that is unknown, missing or out of range */
  constructor(options: ConnectionTableConv2DOptions) {
    super(options, connectionTableConv2D)
  }

  /** @throws ArgumentError if the table lists a channel that the input does not have */
  /** @internal */
  geometryOf(inputShape: BatchShape): Geometry {
    const { table, kernelSize, strides, padding, dataFormat, dilationRate } = this
    const options = { filters: table.length, kernelSize, strides, padding, dataFormat, dilationRate }
    const g = convolutionGeometry(inputShape, options)
    if (table.flat().every(c => c < g.C)) return g
    throw new ArgumentError('table', table, `channels of the input, from 0 to ${g.C - 1}`)
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    const { OH, OW, F } = this.geometryOf(inputShape)
    return [inputShape[0], ...overImages.itemShape(OH, OW, F, this.dataFormat)]
  }

  override weightsFor(inputShape: Shape) {
    const { C, F } = this.geometryOf([null, ...inputShape])
    const { filters } = linksOf(this.table, C)
    const kernel = this.weightSpec('kernel', [...this.kernelSize, filters.length])
    return { kernel: { ...kernel, initializer: this.#byFilter(filters) }, bias: this.biasSpec([F]) }
  }

  protected override suits(inputShape: Shape, built: Shape): boolean {
    const axis = this.dataFormat === 'channels_first' ? 0 : 2
    return inputShape[axis] === built[axis]
  }

  /** Draws the weights of each filter as its part of a convolution over its channels. @param filters of the links */
  #byFilter(filters: Int32Array): Initializer {
    const { table, kernelSize, kernelInitializer } = this
    return {
      className: kernelInitializer.className,
      getConfig: () => kernelInitializer.getConfig(),
      initialize(out, _shape, random) {
        table.forEach((channels, filter) => {
          const shape = [...kernelSize, channels.length, table.length]
          const convolution = new Float32Array(sizeOf(shape))
          kernelInitializer.initialize(convolution, shape, random)
          let i = filter // of the first number that belongs to the filter
          for (let j = 0; j < out.length; j++) {
            if (filters[j % filters.length] !== filter) continue
            out[j] = convolution[i]
            i += table.length
          }
        })
      },
    }
  }

  protected get windowKernel(): Local2D {
    return connectionTable(linksOf(this.table, this.geometry.C))
  }

  override macsFor(inputShape: Shape): number {
    const g = this.geometryOf([null, ...inputShape])
    return (connections(g) / g.C) * this.table.flat().length
  }
}

/** The links of a table, sorted by channel, then by filter. */
export function linksOf(table: readonly (readonly number[])[], channels: number): Links {
  const filtersOf = Array.from({ length: channels }, (_, c) => [...table.keys()].filter(f => table[f].includes(c)))
  const first = new Int32Array(channels + 1)
  filtersOf.forEach((filters, c) => {
    first[c + 1] = first[c] + filters.length
  })
  return { filters: Int32Array.from(filtersOf.flat()), first }
}
