// Digits and filters as small SVG pictures. Colours come from the page, so that they suit light and dark.

import type { LocallyConnected2D, Tensor } from 'unshared'
import { weightAt } from './findings.ts'
import { type Html, html } from './html.ts'

/** One image of `[n, rows, columns, 1]`: ink on paper. */
export function digitPicture({ shape, data }: Tensor, index: number, label: string): Html {
  const [, rows, columns] = shape
  const pixels = data.subarray(index * rows * columns, (index + 1) * rows * columns)
  const inked = Array.from(pixels, (ink, i) =>
    ink > 0 ? pixel(i % columns, Math.floor(i / columns), Math.min(ink, 1)) : html``,
  )
  return html`<svg class="digit" viewBox="0 0 ${columns} ${rows}" role="img" aria-label="${label}">
<rect class="paper" width="${columns}" height="${rows}"/>${inked}</svg>`
}

/** Between two tiles of a mosaic, in pixels. */
const gap = 1

/** The kernels of one filter, each where it looks: rows × columns of places, a tile of weights at each. */
export function filterMosaic(layer: LocallyConnected2D, filter: number, limit: number, label: string): Html {
  const { OH, OW, KH, KW } = layer.geometry
  const weight = weightAt(layer)
  const [width, height] = [OW * (KW + gap) - gap, OH * (KH + gap) - gap]
  const tiles: Html[] = []
  for (let oh = 0; oh < OH; oh++)
    for (let ow = 0; ow < OW; ow++) {
      const [x, y] = [ow * (KW + gap), oh * (KH + gap)]
      tiles.push(html`\n<rect class="tile" x="${x}" y="${y}" width="${KW}" height="${KH}"/>`)
      for (let kh = 0; kh < KH; kh++)
        for (let kw = 0; kw < KW; kw++) {
          const w = weight(oh, ow, kh, kw, filter)
          tiles.push(pixel(x + kw, y + kh, Math.abs(w) / limit, w < 0 ? 'minus' : 'plus'))
        }
    }
  return html`<svg class="mosaic" viewBox="-0.1 -0.1 ${width + 0.2} ${height + 0.2}" role="img" aria-label="${label}">${tiles}</svg>`
}

function pixel(x: number, y: number, strength: number, className = 'ink'): Html {
  const opacity = strength.toFixed(2)
  return html`<rect class="${className}" x="${x}" y="${y}" width="1" height="1" fill-opacity="${opacity}"/>`
}
