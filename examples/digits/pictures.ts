// Digits and weights as small SVG pictures. Colours come from the page, so that they suit light and dark.

import type { Tensor } from 'unshared'
import { type Html, html } from './html.ts'

/** One image of `[n, rows, columns, 1]`: ink on paper. */
export function digitPicture({ shape, data }: Tensor, index: number, label: string): Html {
  const [, rows, columns] = shape
  const image = data.subarray(index * rows * columns, (index + 1) * rows * columns)
  const pixels = Array.from(image, (ink, i) =>
    ink > 0 ? pixel('ink', i % columns, Math.floor(i / columns), Math.min(ink, 1)) : html``,
  )
  return html`<svg class="digit" viewBox="0 0 ${columns} ${rows}" role="img" aria-label="${label}">
<rect class="paper" width="${columns}" height="${rows}"/>${pixels}</svg>`
}

export interface Mosaic {
  /** Rows and columns of tiles, and of the pixels in each. */
  readonly places: readonly [number, number]
  readonly window: readonly [number, number]
  /** −1 … 1, for a place and a pixel of its window, both counted row by row. */
  readonly value: (place: number, pixel: number) => number
}

/** Between two tiles, in pixels. */
const gap = 1

/** A tile for each place, where the place is. */
export function mosaicPicture(
  { places: [rows, columns], window: [height, width], value }: Mosaic,
  label: string,
): Html {
  const tiles = Array.from({ length: rows * columns }, (_, place) => {
    const x = (place % columns) * (width + gap)
    const y = Math.floor(place / columns) * (height + gap)
    const pixels = Array.from({ length: height * width }, (_, i) => {
      const v = value(place, i)
      return pixel(v < 0 ? 'minus' : 'plus', x + (i % width), y + Math.floor(i / width), Math.abs(v))
    })
    return html`\n<rect class="tile" x="${x}" y="${y}" width="${width}" height="${height}"/>${pixels}`
  })
  const size = `${columns * (width + gap) - gap} ${rows * (height + gap) - gap}`
  return html`<svg class="mosaic" viewBox="0 0 ${size}" role="img" aria-label="${label}">${tiles}</svg>`
}

function pixel(className: string, x: number, y: number, strength: number): Html {
  return html`<rect class="${className}" x="${x}" y="${y}" width="1" height="1" fill-opacity="${strength.toFixed(2)}"/>`
}
