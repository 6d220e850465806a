// A model as a drawing: a box for each layer, an arrow for each value that another layer takes.

import { boolean, knownOptions } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { optional } from '../core/optional.ts'
import type { Module, SymbolicTensor } from '../layers/module.ts'
import type { Outputs } from '../models/model.ts'
import { Model } from '../models/model.ts'
import { isModel, type Summarized, shapesOf, shapeText } from '../models/summary.ts'

/** Options of `plotModel`. */
export interface PlotOptions {
  /** Whether to draw the layers of nested models. Default false. */
  readonly expandNested?: boolean
}

interface Point {
  readonly x: number
  readonly y: number
}

/** A box before its layout: its lines of text, and the number of the model around it. */
interface Box {
  readonly lines: readonly string[]
  readonly within: number | null
}

/** The content of a drawing. Boxes have numbers; a nested model whose layers are drawn is a box around theirs. */
interface Drawing {
  readonly boxes: Box[]
  /** From box to box, each pair once. */
  readonly arrows: Map<string, readonly [number, number]>
}

/** The boxes at which values enter and leave a model or a layer. */
interface Ends {
  /** For each input; of a layer, one box for all. */
  readonly entries: readonly number[]
  /** For each output; of a layer, one box for all. */
  readonly exits: readonly number[]
}

const maxBoxes = 1000
const fontSize = 12
const lineHeight = 16
const padding = 10

/** In a `try` statement: bundlers go on where the package is not installed. */
async function loadDagre() {
  try {
    return await import('@dagrejs/dagre')
  } catch (cause) {
    throw new Error('@dagrejs/dagre is not installed', { cause })
  }
}

/**
 * Draws a model as SVG, from the inputs at the top to the outputs at the bottom. As in Keras, a layer has one box, even
 * if it is called several times. The text needs no script, style sheet or font file, and is safe in a page under a strict
 * content security policy. Needs the package `@dagrejs/dagre`.
 * @returns an `<svg>` element as text
 * @throws ArgumentError if the drawing has more than 1000 boxes
 * @throws StateError if the package is missing, or the model is not built
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/utils/plot_model
 */
export async function plotModel<O extends Outputs>(model: Model<O>, options: PlotOptions = {}): Promise<string> {
  if (!(model instanceof Model)) throw new ArgumentError('model', model, 'a model')
  knownOptions('plotModel', options, ['expandNested'])
  const expandNested = boolean('expandNested', options.expandNested ?? false)
  const drawing: Drawing = { boxes: [], arrows: new Map() }
  addModel(drawing, model, null, expandNested)
  const { graphlib, layout } = await optional('@dagrejs/dagre', 'drawings', loadDagre)
  const graph = new graphlib.Graph({ compound: true })
  graph.setGraph({ ranksep: 44, nodesep: 28 })
  drawing.boxes.forEach(({ lines, within }, i) => {
    const title = within === null ? '' : drawing.boxes[within].lines[0] // dagre leaves no room for it
    const width = Math.max(...[...lines, title].map(widthOf)) + 2 * padding
    graph.setNode(String(i), { width, height: lines.length * lineHeight + padding })
    if (within !== null) graph.setParent(String(i), String(within))
  })
  for (const [from, to] of drawing.arrows.values()) graph.setEdge(String(from), String(to), {})
  layout(graph)
  return svgOf(model.name, drawing, {
    rectangle: i => {
      const { x, y, width, height } = graph.node(String(i))
      return { x: x - width / 2, y: y - height / 2, width, height }
    },
    line: (from, to) => {
      const points: readonly Point[] = graph.edge(String(from), String(to)).points
      if (from !== to) return points
      const { x, y, width, height } = graph.node(String(from)) // dagre's loop ends beside the box
      const turn = Math.max(...points.map(({ x }) => x))
      const [up, down, right] = [y - height / 4, y + height / 4, x + width / 2]
      return [
        { x: right, y: up },
        { x: turn, y: up },
        { x: turn, y: down },
        { x: right, y: down },
      ]
    },
  })
}

/** Adds the layers of a model. @param within the box around them */
function addModel(drawing: Drawing, model: Summarized, within: number | null, expandNested: boolean): Ends {
  const { inputs, outputs, inputLayers, nodes } = model.network
  const add = (lines: readonly string[], around = within) => {
    if (drawing.boxes.length === maxBoxes)
      throw new ArgumentError('model', 'more layers', `at most ${maxBoxes} layers to draw`)
    return drawing.boxes.push({ lines, within: around }) - 1
  }
  const titleOf = (layer: Module) => `${model.nameOf(layer)} (${layer.className})`
  const entries = inputs.map(({ shape }, i) => add([titleOf(inputLayers[i]), shapeText(shape)]))
  const sources = new Map<SymbolicTensor, number>(inputs.map((tensor, i) => [tensor, entries[i]]))
  const ends = new Map<Module, Ends>()
  for (const node of nodes) {
    const { module } = node
    let own = ends.get(module)
    if (!own) {
      if (expandNested && isModel(module)) own = addModel(drawing, module, add([titleOf(module)]), expandNested)
      else {
        const box = [add([titleOf(module), shapesOf(model, module)])]
        own = { entries: box, exits: box }
      }
      ends.set(module, own)
    }
    const { entries, exits } = own
    node.inputs.forEach((tensor, k) => {
      const arrow = [sources.get(tensor) as number, entries[k] ?? entries[0]] as const
      drawing.arrows.set(arrow.join(), arrow)
    })
    node.outputs.forEach((tensor, k) => {
      sources.set(tensor, exits[k] ?? exits[0])
    })
  }
  return { entries, exits: outputs.map(tensor => sources.get(tensor) as number) }
}

/** Where boxes and arrows are. */
interface Layout {
  rectangle(box: number): Point & { readonly width: number; readonly height: number }
  line(from: number, to: number): readonly Point[]
}

function svgOf(name: string, { boxes, arrows }: Drawing, { rectangle, line }: Layout): string {
  const titled = new Set(boxes.map(({ within }) => within))
  const corners: Point[] = []
  // A box around others comes before them, so that it is drawn behind them.
  const shapes = boxes.map(({ lines }, i) => {
    const { x, y, width, height } = rectangle(i)
    corners.push({ x, y }, { x: x + width, y: y + height })
    const rect = `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}" rx="5" stroke="#888"`
    if (titled.has(i)) {
      const title = `<text x="${number(x + padding)}" y="${number(y + lineHeight)}" fill="#777">${escaped(lines[0])}</text>`
      return `${rect} fill="#888" fill-opacity=".12"/>${title}`
    }
    const texts = lines.map((text, k) => {
      const at = `x="${number(x + width / 2)}" y="${number(y + padding / 2 + (k + 0.75) * lineHeight)}"`
      return `<text ${at} fill="#1b1f24" text-anchor="middle"${k === 0 ? ' font-weight="600"' : ''}>${escaped(text)}</text>`
    })
    return `${rect} fill="#fff"/>${texts.join('')}`
  })
  const lines = [...arrows.values()].map(([from, to]) => {
    const points = line(from, to)
    corners.push(...points)
    return arrowPath(points)
  })
  const xs = corners.map(({ x }) => x)
  const ys = corners.map(({ y }) => y)
  const [left, top] = [Math.min(...xs) - padding, Math.min(...ys) - padding]
  const [width, height] = [Math.max(...xs) + padding - left, Math.max(...ys) + padding - top].map(number)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${number(left)} ${number(top)} ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(`The layers of the model ${name}`)}">
<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}">
${shapes.join('\n')}
</g>
<g fill="none" stroke="#777" stroke-width="1.5">
${lines.join('\n')}
</g>
</svg>`
}

/** A curve that ends in an arrowhead. */
function arrowPath(points: readonly Point[]): string {
  const at = ({ x, y }: Point) => `${number(x)} ${number(y)}`
  const [tip, before] = [points[points.length - 1], points[points.length - 2]]
  const length = Math.max(Math.sqrt((tip.x - before.x) ** 2 + (tip.y - before.y) ** 2), Number.EPSILON)
  const [dx, dy] = [(tip.x - before.x) / length, (tip.y - before.y) / length]
  const side = (turn: number): Point => ({ x: tip.x - 7 * dx + 3.5 * turn * dy, y: tip.y - 7 * dy - 3.5 * turn * dx })
  const bends = points.slice(1, -1).map((point, i) => {
    const next = points[i + 2]
    const end = next === tip ? tip : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 }
    return `Q${at(point)} ${at(end)}`
  })
  const curve = `M${at(points[0])}${bends.join('')}${bends.length === 0 ? `L${at(tip)}` : ''}`
  return `<path d="${curve}"/><path d="M${at(side(1))}L${at(tip)}L${at(side(-1))}Z" fill="#777"/>`
}

/** The width of a text in a monospaced font, in which letters such as Chinese ones are twice as wide. */
const widthOf = (text: string) =>
  Array.from(text).reduce((sum, letter) => sum + (letter > '\u2e7f' ? 1 : 0.62), 0) * fontSize

const number = (value: number) => String(Math.round(10 * value) / 10)

/** Text in XML, without the characters that it forbids. */
const escaped = (text: string) =>
  text
    .replace(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
