// A grid of 6 × 6 units to choose one from: by mouse, touch, or arrow keys. The mouse also looks without choosing.

import { h } from './dom.ts'

export interface Place {
  readonly row: number
  readonly col: number
}

export function unitGrid(
  label: string,
  start: Place,
  cellLabel: (place: { row: number; col: number }) => string,
  choose: (place: Place) => void,
  /** Under the mouse; null when it has gone. */
  look: (place: Place | null) => void,
): { element: HTMLElement; mark(row: number, col: number): void } {
  const side = 6
  const cells = Array.from({ length: side * side }, (_, i) => {
    const place = { row: Math.floor(i / side), col: i % side }
    return h('button', {
      type: 'button',
      class: 'cell',
      tabindex: -1,
      'aria-label': cellLabel({ row: place.row + 1, col: place.col + 1 }),
      onclick: () => choose(place),
      onpointerenter: ({ pointerType }: PointerEvent) => {
        if (pointerType === 'mouse') look(place)
      },
    })
  })
  const element = h('div', { class: 'units', role: 'group', 'aria-label': label }, ...cells)
  const moves: Record<string, [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  }
  element.addEventListener('pointerleave', ({ pointerType }) => {
    if (pointerType === 'mouse') look(null)
  })
  let at = start
  element.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    const within = (n: number) => Math.min(side - 1, Math.max(0, n))
    const place = { row: within(at.row + move[0]), col: within(at.col + move[1]) }
    mark(place.row, place.col)
    cells[place.row * side + place.col].focus()
    choose(place)
  })
  const mark = (row: number, col: number) => {
    at = { row, col }
    cells.forEach((cell, i) => {
      const isChosen = i === row * side + col
      cell.tabIndex = isChosen ? 0 : -1
      cell.setAttribute('aria-pressed', String(isChosen))
    })
  }
  mark(start.row, start.col)
  return { element, mark }
}
