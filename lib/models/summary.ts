// The table that `summary` prints, in the layout of Keras 2.

import { type BatchShape, boolean, finite, knownOptions, positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Graph, Step } from '../layers/graph.ts'
import type { Module, Node } from '../layers/module.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import { bytesIn, type Costs, costsOfAll, memory, totalOf } from './costs.ts'
import { callsOf, type Network, sourceOf } from './network.ts'

/** Options of `summary`. */
export interface SummaryOptions {
  /** Characters per line. Default 65; 98 with branches. */
  readonly lineLength?: number
  /** Where the columns end: in characters, or as fractions of the line. Default [0.45, 0.85, 1]; with branches [0.3, 0.6, 0.7, 1]. */
  readonly positions?: readonly number[]
  /** Whether to add a column that shows which layers are trainable. Default false. */
  readonly showTrainable?: boolean
  /** Whether to list the layers of nested models. Default false. */
  readonly expandNested?: boolean
  /**
   * Whether to add a table of each layer's costs for one sample: multiply-adds, and the memory of weights, gradients,
   * optimizer state (after `compile`) and activations with their gradients. Default false.
   */
  readonly macs?: boolean
  /** Receives each line. Default: prints to the console. */
  readonly print?: (line: string) => void
}

/** A model, as its summary sees it. */
export interface Summarized extends Module {
  readonly layers: readonly Module[]
  readonly network: Network
  readonly graph: Graph
  readonly optimizer: Optimizer | null
  nameOf(layer: Module): string
  stepsOf(layer: Module): readonly Step[]
}

export function summaryLines(model: Summarized, options: SummaryOptions): string[] {
  const known = ['lineLength', 'positions', 'showTrainable', 'expandNested', 'macs', 'print']
  knownOptions('summary', options, known)
  const isStack = isSequence(model)
  const { positions = isStack ? [0.45, 0.85, 1] : [0.3, 0.6, 0.7, 1] } = options
  const given = positiveInteger('lineLength', options.lineLength ?? (isStack ? 65 : 98))
  const lineLength = finite('lineLength', given, 1, 10_000)
  const showTrainable = boolean('showTrainable', options.showTrainable ?? false)
  const expandNested = boolean('expandNested', options.expandNested ?? false)
  const columns = ['Layer (type)', 'Output Shape', 'Param #', ...(isStack ? [] : ['Connected to'])]
  const ascends = (end: unknown, i: number) => typeof end === 'number' && end > (i === 0 ? 0 : positions[i - 1])
  if (!Array.isArray(positions) || positions.length !== columns.length || !positions.every(ascends))
    throw new ArgumentError('positions', positions, `the ends of ${isStack ? 'three' : 'four'} columns, ascending`)
  const relative = positions[positions.length - 1] <= 1
  const ends = positions.map(end => Math.floor(relative ? lineLength * end : end))
  const width = showTrainable ? lineLength + 11 : lineLength
  if (showTrainable) ends.push(width)
  if (ends.some((end, column) => roomOf(ends, column) < 1 || end > width))
    throw new ArgumentError('lineLength', lineLength, `room for every column: they end at ${ends.join(', ')}`)

  const lines: string[] = []
  /** A line between the bars of the models around a layer. */
  const ruled = (character: string, level: number) =>
    '|'.repeat(level) + character.repeat(width - 2 * level) + '|'.repeat(level)
  const addRows = (within: Summarized, level: number) => {
    if (roomOf(ends, 0) <= level)
      throw new ArgumentError('expandNested', `${level} models inside one another`, 'a larger lineLength for so many')
    within.layers.forEach((layer, i) => {
      const fields = [
        `${within.nameOf(layer)} (${layer.className})`,
        shapesOf(within, layer),
        String(layer.countParams()),
        ...(isStack ? [] : [connectionsOf(level === 0 ? model : null, layer)]),
        ...(showTrainable ? [layer.trainable ? 'Y' : 'N'] : []),
      ]
      lines.push(...tableRow(fields, ends, level))
      if (expandNested && isModel(layer) && layer.layers.length > 0) {
        lines.push(ruled('¯', level + 1))
        addRows(layer, level + 1)
        lines.push(ruled('¯', level))
      } else if (level === 0 || i < within.layers.length - 1) lines.push(ruled(' ', level))
    })
  }
  addRows(model, 0)
  const total = model.countParams()
  const trainable = model.trainableParameters.reduce((sum, { size }) => sum + size, 0)
  return [
    `Model: "${model.name}"`,
    '_'.repeat(width),
    ...tableRow([...columns, ...(showTrainable ? ['Trainable'] : [])], ends, 0),
    '='.repeat(width),
    ...lines,
    '='.repeat(width),
    `Total params: ${total} (${memory(4 * total)})`,
    `Trainable params: ${trainable} (${memory(4 * trainable)})`,
    `Non-trainable params: ${total - trainable} (${memory(4 * (total - trainable))})`,
    '_'.repeat(width),
    ...(boolean('macs', options.macs ?? false) ? costLines(model) : []),
  ]
}

export const isModel = (module: Module): module is Summarized => 'layers' in module

/** Whether each layer takes the output of the one before, so that no column needs to say so. */
function isSequence({ network: { inputs, nodes } }: Summarized): boolean {
  const follows = ({ inputs: own }: Node, i: number) =>
    own.length === 1 && (i === 0 ? own[0] === inputs[0] : own[0].node === nodes[i - 1])
  return inputs.length === 1 && nodes.every(follows) && new Set(nodes.map(({ module }) => module)).size === nodes.length
}

export const shapeText = (shape: BatchShape) =>
  `(${['None', ...shape.slice(1)].join(', ')}${shape.length === 1 ? ',' : ''})`

/** A layer's output shape in this model, as Python writes it. */
export function shapesOf({ network }: Pick<Summarized, 'network'>, layer: Module): string {
  const input = layer.nodes.find(({ inputs }) => inputs.length === 0)
  if (input) return `[${shapeText(input.outputs[0].shape)}]`
  const texts = callsOf(network, layer).map(({ outputs }) => {
    const shapes = outputs.map(({ shape }) => shapeText(shape))
    return shapes.length === 1 ? shapes[0] : `[${shapes.join(', ')}]`
  })
  return new Set(texts).size === 1 ? texts[0] : 'multiple'
}

/** The inputs of a layer's calls, as Python writes a list: layer, number of the call, number of the output. */
function connectionsOf(model: Summarized | null, layer: Module): string {
  if (!model) return '[]'
  const { network } = model
  const texts = callsOf(network, layer).flatMap(({ inputs }) =>
    inputs.map(tensor => {
      const [module, call, index] = sourceOf(network, tensor)
      return `'${model.nameOf(module)}[${call}][${index}]'`
    }),
  )
  return `[${texts.join(', ')}]`
}

/** A table of costs: a line for each layer, and a total. */
function costLines(model: Summarized): string[] {
  const { layers, optimizer, graph } = model
  const run = { batch: 1, training: true, optimizer }
  const costs = new Map(costsOfAll(graph.steps, run).map((each, i) => [graph.steps[i], each]))
  const cells = (name: string, of: Costs) => [
    name,
    of.macs.toLocaleString('en'),
    ...[of.weights, of.gradients, of.optimizer, of.activations, bytesIn(of)].map(memory),
  ]
  const names = ['Weights', 'Gradients', 'Optimizer', 'Activations', 'Together']
  const own = (layer: Module) => totalOf(model.stepsOf(layer).map(step => costs.get(step) as Costs))
  const table = [
    ['For one sample', 'Multiply-adds', ...names],
    ...layers.map(layer => cells(model.nameOf(layer), own(layer))),
    cells('Total', totalOf([...costs.values()])),
  ]
  const widths = table[0].map((_, column) => Math.max(...table.map(row => row[column].length)))
  const lines = table.map(row =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  )
  const rule = '_'.repeat(lines[0].length)
  return [lines[0], rule, ...lines.slice(1, -1), rule, lines[lines.length - 1]]
}

const gapAfter = (ends: readonly number[], column: number) => (column === ends.length - 1 ? 0 : 2)

/** The text width of a column: the last uses its full width, the others exclude the gap and one more, as in Keras. */
function roomOf(ends: readonly number[], column: number): number {
  const width = ends[column] - (column === 0 ? 0 : ends[column - 1])
  return column === ends.length - 1 ? width : width - gapAfter(ends, column) - 1
}

/**
 * Formats the fields in columns. Text that does not fit continues on the next line, as does an item of a list.
 * @param level the number of bars at both ends, for layers of nested models
 */
function tableRow(fields: readonly string[], ends: readonly number[], level: number): string[] {
  const rest = [...fields]
  const lines: string[] = []
  const last = ends.length - 1
  while (rest.some(text => text !== '')) {
    let line = `${'|'.repeat(level)} `
    ends.forEach((end, column) => {
      let room = roomOf(ends, column) - (column === 0 ? level : 0)
      const breaks = ['),', '},', '],', "',"]
        .map(mark => rest[column].slice(0, room).indexOf(mark))
        .filter(at => at >= 0)
      if (breaks.length > 0) room = Math.min(...breaks) + 2
      line += rest[column].slice(0, room) + ' '.repeat(gapAfter(ends, column))
      line = line.padEnd(column === last ? end - level : end)
      rest[column] = rest[column].slice(room)
    })
    lines.push(line + '|'.repeat(level))
  }
  return lines
}
