// The table that `summary` prints, laid out as Keras 2 does it.

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
  const { lineLength = 65, positions = [0.45, 0.85, 1], showTrainable = false } = options
  if (positions.length !== 3) throw new ArgumentError('positions', positions, 'the ends of three columns')
  const relative = (positions.at(-1) as number) <= 1
  const ends = relative ? positions.map(share => Math.floor(lineLength * share)) : [...positions]
  const width = showTrainable ? lineLength + 11 : lineLength
  if (showTrainable) ends.push(width)

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

/** The fields in their columns; what does not fit goes on in the next line. */
function tableRow(fields: readonly string[], ends: readonly number[]): string[] {
  const rest = [...fields]
  const lines: string[] = []
  while (rest.some(text => text !== '')) {
    let line = ' '
    ends.forEach((end, column) => {
      const start = column === 0 ? 0 : ends[column - 1]
      const gap = column === ends.length - 1 ? 0 : 2
      const room = end - start - gap
      line = (line + rest[column].slice(0, room) + ' '.repeat(gap)).padEnd(end)
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
