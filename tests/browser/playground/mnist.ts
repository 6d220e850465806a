// Digits of MNIST as strokes of a pen, so that they can be drawn: what is left when all ink but the middle of every line
// is taken away, followed from end to end.

import type { Point, Stroke } from '../../../examples/playground/strokes.ts'

const side = 28
const pad = 280 // along a side
const isInk = 0.5

/** The neighbours of a dot, clockwise from above. */
const around = [-side, -side + 1, 1, side + 1, side, side - 1, -1, -side - 1]

/** @param image 28 × 28 numbers from 0 (paper) to 1 (ink), with paper at its border */
export function strokesOf(image: ArrayLike<number>): Stroke[] {
  const line = thinned(Array.from({ length: side * side }, (_, i) => image[i] > isInk))
  return walks(line).map(walk =>
    walk.map((dot): Point => [((dot % side) + 0.5) * (pad / side), (Math.floor(dot / side) + 0.5) * (pad / side)]),
  )
}

/** Every round takes ink away below and on the right, then above and on the left: where one of three neighbours is paper. */
const halves = [
  [
    [0, 2, 4],
    [2, 4, 6],
  ],
  [
    [0, 2, 6],
    [0, 4, 6],
  ],
]

/** Zhang and Suen, A fast parallel algorithm for thinning digital patterns, 1984. */
function thinned(dots: boolean[]): boolean[] {
  const isIn = (dot: number) => dot >= side && dot < side * (side - 1) && dot % side > 0 && dot % side < side - 1
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    for (const corners of halves) {
      const gone = dots.flatMap((isInk, dot) => {
        if (!isInk || !isIn(dot)) return []
        const near = around.map(step => dots[dot + step])
        const count = near.filter(Boolean).length
        const turns = near.filter((isInk, i) => !isInk && near[(i + 1) % 8]).length
        const isEdge = corners.every(three => !three.every(i => near[i]))
        return count >= 2 && count <= 6 && turns === 1 && isEdge ? [dot] : []
      })
      for (const dot of gone) dots[dot] = false
      isChanged ||= gone.length > 0
    }
  }
  return dots
}

/** Ways along the line that together pass every step from a dot to the next. */
function walks(line: readonly boolean[]): number[][] {
  const steps = new Map<number, Set<number>>()
  line.forEach((isInk, dot) => {
    if (isInk)
      steps.set(dot, new Set(around.map(step => dot + step).filter((to, i) => line[to] && isNeeded(line, dot, i))))
  })
  const found: number[][] = []
  const dots = [...steps.keys()]
  const open = (dot: number) => steps.get(dot)?.size ?? 0
  for (const dot of dots) if (open(dot) === 0) found.push([dot])
  for (;;) {
    const start = dots.find(dot => open(dot) % 2 === 1) ?? dots.find(dot => open(dot) > 0)
    if (start === undefined) return found
    const walk = [start]
    for (let at = start; open(at) > 0; walk.push(at)) {
      const [to] = steps.get(at) as Set<number>
      steps.get(at)?.delete(to)
      steps.get(to)?.delete(at)
      at = to
    }
    found.push(walk)
  }
}

/** A slanted step is not, where two straight ones lead to the same dot. */
function isNeeded(line: readonly boolean[], dot: number, direction: number): boolean {
  if (direction % 2 === 0) return true
  return !line[dot + around[direction - 1]] && !line[dot + around[(direction + 1) % 8]]
}
