// Forward: a window moves over the picture, its kernel lights up, and the sum is written out.

import { example, SIZE } from './layer.ts'
import { kernelMosaic } from './mosaic.ts'
import { choice, element, grid, shown, slider } from './parts.ts'
import { texts } from './texts.ts'
import { windowSize, windowStride } from './window-choices.ts'

export function windowFigure(host: HTMLElement): void {
  const kind = choice(
    texts.kind,
    [
      ['local', texts.local],
      ['conv', texts.conv],
    ],
    remake,
  )
  const size = windowSize(remake)
  const stride = windowStride(remake)
  const row = slider(texts.row, [0, 3, 1], show)
  const column = slider(texts.column, [0, 3, 2], show)
  const panels = element('div', { class: 'panels' })
  const sum = element('div', { class: 'sum', role: 'status' })
  host.append(
    element('div', { class: 'controls' }, kind.root, size.root, stride.root),
    panels,
    element('div', { class: 'controls' }, row.root, column.root),
    sum,
    element('p', { class: 'hint' }, texts.hint),
  )
  let now = example(true, 3, 1)

  function remake(): void {
    now = example(kind.value === 'local', size.value, stride.value)
    for (const line of [row, column]) {
      line.most = now.places - 1
      line.value = Math.min(line.value, now.places - 1)
    }
    show()
  }

  function pick(oh: number, ow: number): void {
    if (oh === row.value && ow === column.value) return
    row.value = Math.min(oh, now.places - 1)
    column.value = Math.min(ow, now.places - 1)
    show()
  }

  function show(): void {
    const [oh, ow] = [row.value, column.value]
    const { places, window, stride } = now
    const [top, left] = [oh * stride, ow * stride]
    const sees = (h: number, w: number) => h >= top && h < top + window && w >= left && w < left + window
    panels.replaceChildren(
      grid({
        ...{ title: texts.picture, rows: SIZE, columns: SIZE, side: 30, most: 4, value: now.pixel, isLit: sees },
        frame: [top, left, window, window],
        pick: (h, w) => pick(Math.floor(h / stride), Math.floor(w / stride)),
      }),
      kernelMosaic(now, (a, b) => (now.isLocal ? a === oh && b === ow : true), pick),
      grid({
        ...{ title: texts.output, rows: places, columns: places, side: 40, most: 5, value: now.output, pick },
        isLit: (a, b) => a === oh && b === ow,
        frame: [oh, ow, 1, 1],
      }),
    )
    const terms: string[] = []
    for (let kh = 0; kh < window; kh++)
      for (let kw = 0; kw < window; kw++) {
        const [x, k] = [now.pixel(top + kh, left + kw), now.kernel(oh, ow, kh, kw)]
        terms.push(`${shown(x)} · ${k < 0 ? `(${shown(k)})` : shown(k)}`)
      }
    sum.replaceChildren(
      element('b', {}, `out[${oh}, ${ow}] = ${shown(now.output(oh, ow))}`),
      ` = ${shown(now.bias(oh, ow))} + ${terms.join(' + ')}`,
    )
  }
  remake()
}
