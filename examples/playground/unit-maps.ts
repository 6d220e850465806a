// What all units of a layer give, and a way to choose one of them: by mouse or touch, or with arrow keys (place) and page
// keys (filter).

import { h } from './dom.ts'
import { canvas, drawMaps, mapAt } from './pictures.ts'
import type { Unit } from './wiring.ts'

const [side, filters] = [6, 8]
const moves: Record<string, [number, number, number]> = {
  ArrowUp: [-1, 0, 0],
  ArrowDown: [1, 0, 0],
  ArrowLeft: [0, -1, 0],
  ArrowRight: [0, 1, 0],
  PageUp: [0, 0, -1],
  PageDown: [0, 0, 1],
}

export function unitMaps(colour: string, choose: (unit: Unit) => void) {
  const picture = canvas(4 * (side + 1), 2 * (side + 1), '')
  picture.classList.add('maps')
  picture.setAttribute('role', 'application')
  picture.tabIndex = 0
  let chosen: Unit = { place: 0, filter: 0 }
  /** At once: the next key may come before all is drawn. */
  const go = (unit: Unit) => {
    chosen = unit
    choose(unit)
  }
  picture.addEventListener('pointerdown', event => {
    const { left, top, width } = picture.getBoundingClientRect()
    const cell = (4 * (side + 1)) / width
    const [x, y] = [(event.clientX - left) * cell, (event.clientY - top) * cell]
    const [tileX, tileY] = [x, y].map(at => Math.floor(at / (side + 1)))
    const filter = Math.min(filters - 1, Math.max(0, tileY * 4 + tileX))
    const corner = mapAt(filter, side)
    const within = (at: number) => Math.min(side - 1, Math.max(0, Math.floor(at)))
    go({ place: within(y - corner.top) * side + within(x - corner.left), filter })
  })
  picture.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    const within = (n: number, most: number) => Math.min(most - 1, Math.max(0, n))
    const row = within(Math.floor(chosen.place / side) + move[0], side)
    const col = within((chosen.place % side) + move[1], side)
    go({ place: row * side + col, filter: within(chosen.filter + move[2], filters) })
  })
  return {
    element: h('div', {}, picture),
    /** @param label says what is chosen */
    draw(maps: readonly (readonly number[])[], unit: Unit, label: string): void {
      chosen = unit
      picture.setAttribute('aria-label', label)
      drawMaps(picture, maps, unit, colour)
    },
  }
}
