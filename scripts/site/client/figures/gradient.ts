// Backward: a pixel takes part in every place whose window holds it; its gradient is written out.

import { example, SIZE } from './layer.ts'
import { kernelMosaic } from './mosaic.ts'
import { element, grid, shown, slider } from './parts.ts'
import { texts } from './texts.ts'
import { windowSize, windowStride } from './window-choices.ts'

export function gradientFigure(host: HTMLElement): void {
  const size = windowSize(remake)
  const stride = windowStride(remake)
  const row = slider(texts.row, [0, SIZE - 1, 1], show)
  const column = slider(texts.column, [0, SIZE - 1, 3], show)
  const panels = element('div', { class: 'panels' })
  const sum = element('div', { class: 'sum', role: 'status' })
  host.append(
    element('div', { class: 'controls' }, size.root, stride.root),
    panels,
    element('div', { class: 'controls' }, row.root, column.root),
    sum,
    element('p', { class: 'hint' }, texts.hint),
  )
  let now = example(true, 3, 1)

  function remake(): void {
    now = example(true, size.value, stride.value)
    show()
  }

  function pick(h: number, w: number): void {
    if (h === row.value && w === column.value) return
    row.value = h
    column.value = w
    show()
  }

  function show(): void {
    const [h, w] = [row.value, column.value]
    const { places, window, stride } = now
    const inside = (at: number, place: number) => at - place * stride >= 0 && at - place * stride < window
    const sees = (oh: number, ow: number) => inside(h, oh) && inside(w, ow)
    panels.replaceChildren(
      grid({
        ...{ title: texts.dx, rows: SIZE, columns: SIZE, side: 32, most: 4, value: now.dx, pick },
        isLit: (a, b) => a === h && b === w,
        frame: [h, w, 1, 1],
      }),
      kernelMosaic(now, (oh, ow, kh, kw) => oh * stride + kh === h && ow * stride + kw === w),
      grid({ title: texts.dout, rows: places, columns: places, side: 40, most: 2, value: now.dout, isLit: sees }),
    )
    const terms: string[] = []
    for (let oh = 0; oh < places; oh++)
      for (let ow = 0; ow < places; ow++)
        if (sees(oh, ow)) {
          const factors = [now.kernel(oh, ow, h - oh * stride, w - ow * stride), now.dout(oh, ow)]
          terms.push(factors.map((value, i) => (i > 0 && value < 0 ? `(${shown(value)})` : shown(value))).join(' · '))
        }
    sum.replaceChildren(
      element('b', {}, `dx[${h}, ${w}] = ${shown(now.dx(h, w))}`),
      terms.length > 0 ? ` = ${terms.join(' + ')}` : '',
      element('p', { class: 'hint' }, texts.seen(terms.length)),
    )
  }
  remake()
}
