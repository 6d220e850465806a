// All kernels of a layer, each drawn at its place; a convolution has one.

import type { Example } from './layer.ts'
import { element, paint, svg } from './parts.ts'
import { texts } from './texts.ts'

export function kernelMosaic(
  { isLocal, places, window, kernel }: Example,
  isLit: (oh: number, ow: number, kh: number, kw: number) => boolean,
  pick?: (oh: number, ow: number) => void,
): HTMLElement {
  const side = isLocal ? Math.min(13, 170 / (places * window)) : 26
  const gap = isLocal ? 6 : 0
  const step = window * side + gap
  const count = isLocal ? places : 1
  const size = count * step - gap + 4
  const drawing = svg('svg', { viewBox: `-2 -2 ${size} ${size}`, width: size, height: size, 'aria-hidden': 'true' })
  for (let oh = 0; oh < count; oh++)
    for (let ow = 0; ow < count; ow++) {
      const group = svg('g', { transform: `translate(${ow * step} ${oh * step})` })
      let lit = false
      for (let kh = 0; kh < window; kh++)
        for (let kw = 0; kw < window; kw++) {
          const isOn = isLit(oh, ow, kh, kw)
          lit ||= isOn
          const value = kernel(oh, ow, kh, kw)
          group.append(
            svg('rect', {
              x: kw * side,
              y: kh * side,
              width: side,
              height: side,
              class: `${paint(value, 1.4)} ${isOn ? 'lit' : 'dim'}`,
            }),
          )
        }
      if (lit) group.append(svg('rect', { width: window * side, height: window * side, class: 'frame-line' }))
      if (pick) {
        group.addEventListener('pointerenter', () => pick(oh, ow))
        group.addEventListener('pointerdown', () => pick(oh, ow))
      }
      drawing.append(group)
    }
  return element('div', { class: 'panel' }, element('p', {}, isLocal ? texts.kernels : texts.shared), drawing)
}
