// Pictures of pixels and of weights, on canvases. A weight's sign has a colour and a shape: positive is a blue square,
// negative an orange disc; the size of the number is the strength of the colour.

import { h } from './dom.ts'

const colours = new Map<string, string>()
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => colours.clear())

/** A colour of the theme. Kept: to ask for it anew would make the browser lay out all that has changed before. */
function colour(name: string): string {
  const known = colours.get(name)
  if (known !== undefined) return known
  const found = getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  colours.set(name, found)
  return found
}

/** A canvas with this many units on each side, sharp on every screen. */
export function canvas(width: number, height: number, label: string): HTMLCanvasElement {
  const element = h('canvas', { role: 'img', 'aria-label': label, class: 'picture' })
  const scale = Math.max(4, Math.ceil(480 / Math.max(width, height)))
  element.width = width * scale
  element.height = height * scale
  return element
}

function context(element: HTMLCanvasElement, width: number): CanvasRenderingContext2D {
  const pen = element.getContext('2d') as CanvasRenderingContext2D
  pen.setTransform(element.width / width, 0, 0, element.width / width, 0, 0)
  pen.globalAlpha = 1
  return pen
}

/** Ink on paper. @param windows frames around receptive fields: [row, col, size] */
export function drawDigit(
  element: HTMLCanvasElement,
  pixels: ArrayLike<number>,
  frame?: { row: number; col: number; size: number; colour: string },
): void {
  const side = Math.sqrt(pixels.length)
  const pen = context(element, side)
  pen.fillStyle = colour('--paper')
  pen.fillRect(0, 0, side, side)
  pen.fillStyle = colour('--ink')
  for (let i = 0; i < pixels.length; i++) {
    pen.globalAlpha = pixels[i]
    pen.fillRect(i % side, Math.floor(i / side), 1, 1)
  }
  pen.globalAlpha = 1
  if (!frame) return
  pen.fillStyle = pen.strokeStyle = colour(frame.colour)
  pen.lineWidth = 0.22
  pen.strokeRect(frame.col + 0.11, frame.row + 0.11, frame.size - 0.22, frame.size - 0.22)
  pen.globalAlpha = 0.18
  pen.fillRect(frame.col, frame.row, frame.size, frame.size)
}

/** A grid of cells, of which some are marked. */
export function drawCells(element: HTMLCanvasElement, marked: readonly boolean[], colourName: string): void {
  const side = Math.sqrt(marked.length)
  const pen = context(element, side)
  pen.clearRect(0, 0, side, side)
  marked.forEach((isMarked, i) => {
    pen.fillStyle = colour(isMarked ? colourName : '--line')
    pen.fillRect((i % side) + 0.08, Math.floor(i / side) + 0.08, 0.84, 0.84)
  })
}

export interface Tiles {
  /** Tiles along each side. */
  readonly places: number
  /** Weights along each side of a tile. */
  readonly window: number
  value(place: number, weight: number): number
}

/** Strengths of colour that are told apart. All weights of one strength and sign are painted at once: that is what takes time. */
const strengths = 32

/** @param limit the weight that has the full colour */
export function drawTiles(element: HTMLCanvasElement, { places, window, value }: Tiles, limit: number): void {
  const gap = places > 1 ? 0.12 * window : 0
  const side = places * (window + gap)
  const pen = context(element, side)
  const [paper, plus, minus, edge] = ['--paper', '--plus', '--minus', '--line'].map(colour)
  pen.fillStyle = edge
  pen.fillRect(0, 0, side, side)
  const at = (place: number) => [
    (place % places) * (window + gap) + gap / 2,
    Math.floor(place / places) * (window + gap) + gap / 2,
  ]
  pen.fillStyle = paper
  const paths = Array.from({ length: 2 * (strengths + 1) }, () => new Path2D())
  for (let place = 0; place < places * places; place++) {
    const [left, top] = at(place)
    pen.fillRect(left, top, window, window)
    for (let k = 0; k < window * window; k++) {
      const weight = value(place, k)
      const strength = Math.round(strengths * Math.min(1, Math.abs(weight) / limit))
      const [x, y] = [left + (k % window), top + Math.floor(k / window)]
      const path = paths[2 * strength + Number(weight < 0)]
      if (weight >= 0) path.rect(x, y, 1, 1)
      else {
        path.moveTo(x + 1, y + 0.5)
        path.arc(x + 0.5, y + 0.5, 0.5, 0, 2 * Math.PI)
      }
    }
  }
  paths.forEach((path, i) => {
    pen.globalAlpha = Math.floor(i / 2) / strengths
    pen.fillStyle = i % 2 === 1 ? minus : plus
    pen.fill(path)
  })
  pen.globalAlpha = 1
}

export const largest = (values: readonly number[][]): number =>
  Math.max(1e-6, ...values.map(row => Math.max(...row.map(Math.abs))))

/** Where the map of a filter lies among the maps of a layer, in cells: four maps in a row, a cell apart. */
export const mapAt = (filter: number, side: number) => ({
  left: (filter % 4) * (side + 1) + 0.5,
  top: Math.floor(filter / 4) * (side + 1) + 0.5,
})

/** What all units of a layer give: a map for each filter, with ink for what is more than 0. One of them is marked. */
export function drawMaps(
  element: HTMLCanvasElement,
  maps: readonly (readonly number[])[],
  chosen: { place: number; filter: number },
  colourName: string,
): void {
  const side = Math.sqrt(maps[0].length)
  const pen = context(element, 4 * (side + 1))
  const most = Math.max(1e-6, ...maps.flat())
  pen.fillStyle = colour('--line')
  pen.fillRect(0, 0, 4 * (side + 1), Math.ceil(maps.length / 4) * (side + 1))
  maps.forEach((map, filter) => {
    const { left, top } = mapAt(filter, side)
    pen.globalAlpha = 1
    pen.fillStyle = colour('--paper')
    pen.fillRect(left, top, side, side)
    pen.fillStyle = colour('--ink')
    map.forEach((value, place) => {
      pen.globalAlpha = value / most
      pen.fillRect(left + (place % side), top + Math.floor(place / side), 1, 1)
    })
  })
  pen.globalAlpha = 1
  pen.strokeStyle = colour(colourName)
  const { left, top } = mapAt(chosen.filter, side)
  pen.lineWidth = 0.18
  pen.strokeRect(left - 0.09, top - 0.09, side + 0.18, side + 0.18)
  pen.lineWidth = 0.3
  pen.strokeRect(left + (chosen.place % side) - 0.05, top + Math.floor(chosen.place / side) - 0.05, 1.1, 1.1)
}

/** Pictures side by side. @param room for so many */
export function drawRow(element: HTMLCanvasElement, pictures: readonly ArrayLike<number>[], room: number): void {
  const pen = context(element, 9 * room)
  pen.clearRect(0, 0, 9 * room, 9)
  pictures.forEach((pixels, n) => {
    pen.globalAlpha = 1
    pen.fillStyle = colour('--paper')
    pen.fillRect(9 * n + 0.5, 0.5, 8, 8)
    pen.fillStyle = colour('--ink')
    for (let i = 0; i < 64; i++) {
      pen.globalAlpha = pixels[i]
      pen.fillRect(9 * n + 0.5 + (i % 8), 0.5 + Math.floor(i / 8), 1, 1)
    }
  })
  pen.globalAlpha = 1
}
