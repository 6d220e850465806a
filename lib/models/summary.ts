// The table that `summary` prints, laid out as Keras 2 does it.

import { boolean, knownOptions, positiveInteger } from '../check.ts'
import { ArgumentError } from '../errors.ts'
import type { Layer } from '../layers/layer.ts'

export interface SummaryOptions {
  /** Characters a line. Default 65. */
  readonly lineLength?: number
  /** Where the columns end: characters, or shares of the line. Default [0.45, 0.85, 1]. */
  readonly positions?: readonly number[]
  /** Adds a column that tells which layers are trained. Default false. */
  readonly showTrainable?: boolean
  /** Takes the lines. Default: the console. */
  readonly print?: (line: string) => void
}

interface Model {
  readonly name: string
  readonly layers: readonly Layer[]
}

export function summaryLines({ name, layers }: Model, options: SummaryOptions): string[] {
  knownOptions('summary', options, ['lineLength', 'positions', 'showTrainable', 'print'])
  const { positions = [0.45, 0.85, 1] } = options
  const lineLength = positiveInteger('lineLength', options.lineLength ?? 65)
  const showTrainable = boolean('showTrainable', options.showTrainable ?? false)
  const ascends = (end: unknown, i: number) =>
    typeof end === 'number' && end > (i === 0 ? 0 : positions[i - 1])
  if (!Array.isArray(positions) || positions.length !== 3 || !positions.every(ascends))
    throw new ArgumentError('positions', positions, 'the ends of three columns, ascending')
  const relative = positions[2] <= 1
  const ends = positions.map(end => Math.floor(relative ? lineLength * end : end))
  const width = showTrainable ? lineLength + 11 : lineLength
  if (showTrainable) ends.push(width)
  if (ends.some((end, column) => roomOf(ends, column) < 1 || end > width))
    throw new ArgumentError('lineLength', lineLength, `room for every column: they end at ${ends.join(', ')}`)

  const header = ['Layer (type)', 'Output Shape', 'Param #', ...(showTrainable ? ['Trainable'] : [])]
  const rows = layers.flatMap(layer => {
    const shape = `(${['None', ...layer.outputShape].join(', ')}${layer.outputShape.length === 0 ? ',' : ''})`
    const fields = [`${layer.name} (${layer.className})`, shape, String(layer.countParams())]
    return [
      ...tableRow([...fields, ...(showTrainable ? [layer.trainable ? 'Y' : 'N'] : [])], ends),
      ' '.repeat(width),
    ]
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
    `Total params: ${total} (${memory(total)})`,
    `Trainable params: ${trainable} (${memory(trainable)})`,
    `Non-trainable params: ${total - trainable} (${memory(total - trainable)})`,
    '_'.repeat(width),
  ]
}

const count = (parameters: readonly { size: number }[]) => parameters.reduce((sum, { size }) => sum + size, 0)

const gapAfter = (ends: readonly number[], column: number) => (column === ends.length - 1 ? 0 : 2)

/** Characters of text in a column: its width less the gap, and less 1 in all but the last, as in Keras. */
function roomOf(ends: readonly number[], column: number): number {
  const width = ends[column] - (column === 0 ? 0 : ends[column - 1])
  return column === ends.length - 1 ? width : width - gapAfter(ends, column) - 1
}

/** The fields in their columns; what does not fit goes on in the next line. */
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

/** The memory of so many float32 numbers, in Keras' words. */
function memory(numbers: number): string {
  const units = ['Byte', 'KB', 'MB', 'GB', 'TB', 'PB']
  let size = numbers * 4
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size.toFixed(2)} ${units[unit]}`
}
