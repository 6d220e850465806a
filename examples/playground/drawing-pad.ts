// Something to draw on: with mouse, pen or finger, or with the keyboard (arrows move the pen, space lowers and lifts it).

import { h } from './dom.ts'
import type { Point, Stroke } from './strokes.ts'

const side = 280
const keyStep = side / 20

export function drawingPad(
  labels: { label: string; keys: string },
  /** What is on it at first. */
  drawn: readonly Stroke[],
  changed: (strokes: readonly Stroke[]) => void,
): {
  element: HTMLElement
  /** Without telling: who clears knows. */
  clear(): void
} {
  const element = h('canvas', {
    class: 'pad',
    width: side * 2,
    height: side * 2,
    tabindex: 0,
    role: 'application',
    'aria-label': `${labels.label} ${labels.keys}`,
  })
  const strokes: Point[][] = drawn.map(stroke => [...stroke])
  let cursor: Point = [side / 2, keyStep * 3]
  let isDown = false // the pen of the keyboard
  let hasCursor = false
  let isDrawing = false

  function paint(): void {
    const pen = element.getContext('2d') as CanvasRenderingContext2D
    const style = getComputedStyle(document.documentElement)
    pen.setTransform(2, 0, 0, 2, 0, 0)
    pen.fillStyle = style.getPropertyValue('--paper')
    pen.fillRect(0, 0, side, side)
    pen.strokeStyle = style.getPropertyValue('--ink')
    pen.lineWidth = 20
    pen.lineCap = pen.lineJoin = 'round'
    for (const stroke of strokes) {
      pen.beginPath()
      for (const [x, y] of stroke) pen.lineTo(x, y)
      if (stroke.length === 1) pen.lineTo(stroke[0][0] + 0.1, stroke[0][1])
      pen.stroke()
    }
    if (!hasCursor) return
    pen.lineWidth = 3
    pen.strokeStyle = style.getPropertyValue('--local')
    pen.fillStyle = style.getPropertyValue('--local')
    pen.beginPath()
    pen.arc(...cursor, 11, 0, 7)
    pen.stroke()
    if (isDown) pen.fill()
  }
  let isAsked = false
  const draw = () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      paint()
      changed(strokes)
    })
  }

  const at = (event: PointerEvent): Point => {
    const { left, top, width } = element.getBoundingClientRect()
    return [((event.clientX - left) * side) / width, ((event.clientY - top) * side) / width]
  }
  element.addEventListener('pointerdown', event => {
    element.setPointerCapture(event.pointerId)
    isDrawing = true
    strokes.push([at(event)])
    draw()
  })
  element.addEventListener('pointermove', event => {
    if (!isDrawing) return
    // A fast pen is at several places between two frames.
    const passed = event.getCoalescedEvents()
    strokes[strokes.length - 1].push(...(passed.length > 0 ? passed : [event]).map(at))
    draw()
  })
  for (const end of ['pointerup', 'pointercancel'] as const)
    element.addEventListener(end, () => {
      isDrawing = false
    })

  const moves: Record<string, Point> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }
  element.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (event.key === ' ') {
      isDown = !isDown
      if (isDown) strokes.push([cursor])
    } else if (move) {
      const within = (n: number) => Math.min(side - keyStep, Math.max(keyStep, n))
      cursor = [within(cursor[0] + move[0] * keyStep), within(cursor[1] + move[1] * keyStep)]
      if (isDown) strokes[strokes.length - 1].push(cursor)
    } else if (event.key === 'Delete' || event.key === 'Backspace') clear()
    else return
    event.preventDefault()
    hasCursor = true
    draw()
  })
  element.addEventListener('blur', () => {
    hasCursor = isDown = false
    draw()
  })
  function clear(): void {
    strokes.length = 0
    isDown = false
    paint()
  }
  paint()
  return { element, clear }
}
