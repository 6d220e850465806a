// The table that `summary` prints, in the layout of Keras 2.

import { boolean, finite, knownOptions, positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Chain } from '../layers/chain.ts'
import type { Layer } from '../layers/layer.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { bytesIn, type Costs, costsOf, memory, totalOf } from './costs.ts'

/** Options of `summary`. */
export interface SummaryOptions {
  /** Characters per line. Default 65. */
  readonly lineLength?: number
  /** Where the columns end: in characters, or as fractions of the line. Default [0.45, 0.85, 1]. */
  readonly positions?: readonly number[]
  /** Whether to add a column that shows which layers are trainable. Default false. */
  readonly showTrainable?: boolean
  /**
   * Whether to add a table of each layer's costs for one sample: multiply-adds, and the memory of weights, gradients,
   * optimizer state (after `compile`) and activations with their gradients. Default false.
   */
  readonly macs?: boolean
  /** Receives each line. Default: prints to the console. */
  readonly print?: (line: string) => void
}

interface Model {
  readonly name: string
  readonly layers: readonly Layer[]
  readonly chain: Chain
  nameOf(layer: Layer): string
  readonly optimizer: Optimizer | null
}

export function summaryLines(model: Model, options: SummaryOptions): string[] {
  const { name, layers, chain } = model
  knownOptions('summary', options, ['lineLength', 'positions', 'showTrainable', 'macs', 'print'])
  const { positions = [0.45, 0.85, 1] } = options
  const lineLength = finite('lineLength', positiveInteger('lineLength', options.lineLength ?? 65), 1, 10_000)
  const showTrainable = boolean('showTrainable', options.showTrainable ?? false)
  const ascends = (end: unknown, i: number) => typeof end === 'number' && end > (i === 0 ? 0 : positions[i - 1])
  if (!Array.isArray(positions) || positions.length !== 3 || !positions.every(ascends))
    throw new ArgumentError('positions', positions, 'the ends of three columns, ascending')
  const relative = positions[2] <= 1
  const ends = positions.map(end => Math.floor(relative ? lineLength * end : end))
  const width = showTrainable ? lineLength + 11 : lineLength
  if (showTrainable) ends.push(width)
  if (ends.some((end, column) => roomOf(ends, column) < 1 || end > width))
    throw new ArgumentError('lineLength', lineLength, `room for every column: they end at ${ends.join(', ')}`)

  const header = ['Layer (type)', 'Output Shape', 'Param #', ...(showTrainable ? ['Trainable'] : [])]
  const rows = layers.flatMap((layer, i) => {
    const { outputShape } = chain.calls[i]
    const shape = `(${['None', ...outputShape].join(', ')}${outputShape.length === 0 ? ',' : ''})`
    const fields = [`${model.nameOf(layer)} (${layer.className})`, shape, String(layer.countParams())]
    return [...tableRow([...fields, ...(showTrainable ? [layer.trainable ? 'Y' : 'N'] : [])], ends), ' '.repeat(width)]
  })
  const total = count(layers.flatMap(({ parameters }) => parameters))
  const trainable = count(layers.flatMap(({ trainableParameters }) => trainableParameters))
  return [
    `Model: "${name}"`,
    '_'.repeat(width),
    ...tableRow(header, ends),
    '='.repeat(width),
    ...rows,
    '='.repeat(width),
    `Total params: ${total} (${memory(4 * total)})`,
    `Trainable params: ${trainable} (${memory(4 * trainable)})`,
    `Non-trainable params: ${total - trainable} (${memory(4 * (total - trainable))})`,
    '_'.repeat(width),
    ...(boolean('macs', options.macs ?? false) ? costLines(model) : []),
  ]
}

/** A table of costs: a line for each layer, and a total. */
function costLines(model: Model): string[] {
  const { layers, chain, optimizer } = model
  const costs = layers.map((layer, i) =>
    costsOf({ layer, call: chain.calls[i] }, { batch: 1, training: true, optimizer }),
  )
  const cells = (name: string, of: Costs) => [
    name,
    of.macs.toLocaleString('en'),
    ...[of.weights, of.gradients, of.optimizer, of.activations, bytesIn(of)].map(memory),
  ]
  const names = ['Weights', 'Gradients', 'Optimizer', 'Activations', 'Together']
  const table = [
    ['For one sample', 'Multiply-adds', ...names],
    ...layers.map((layer, i) => cells(model.nameOf(layer), costs[i])),
    cells('Total', totalOf(costs)),
  ]
  const widths = table[0].map((_, column) => Math.max(...table.map(row => row[column].length)))
  const lines = table.map(row =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  )
  const rule = '_'.repeat(lines[0].length)
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines[lines.length - 1]]
}

const count = (parameters: readonly { size: number }[]) => parameters.reduce((sum, { size }) => sum + size, 0)

const gapAfter = (ends: readonly number[], column: number) => (column === ends.length - 1 ? 0 : 2)

/** The text width of a column: the last uses its full width, the others exclude the gap and one more, as in Keras. */
function roomOf(ends: readonly number[], column: number): number {
  const width = ends[column] - (column === 0 ? 0 : ends[column - 1])
  return column === ends.length - 1 ? width : width - gapAfter(ends, column) - 1
}

/** Formats the fields in columns. Text that does not fit continues on the next line. */
function tableRow(fields: readonly string[], ends: readonly number[]): string[] {
  const rest = [...fields]
  const lines: string[] = []
  while (rest.some(text => text !== '')) {
    let line = ' '
    ends.forEach((end, column) => {
      const room = roomOf(ends, column)
      line = (line + rest[column].slice(0, room) + ' '.repeat(gapAfter(ends, column))).padEnd(end)
      rest[column] = rest[column].slice(room)
    })
    lines.push(line)
  }
  return lines
}
