// What the first locally connected layer learned: a kernel for every place.

import { LocallyConnected2D, type Sequential } from 'unshared'
import { type Html, html } from './html.ts'
import { details } from './page.ts'
import { mosaicPicture } from './pictures.ts'

/** How many filters are shown. */
const shown = 4

/** Nothing if no locally connected layer stores its kernel place by place (implementation 1). */
export function learnedFilters(model: Sequential): Html {
  const layer = model.layers.find(l => l instanceof LocallyConnected2D && l.implementation === 1)
  if (!(layer instanceof LocallyConnected2D)) return html``
  const { OH, OW, KH, KW, C, F, P } = layer.geometry
  const weight = weightAt(layer)
  const filters = range(Math.min(shown, F))
  const sizes = filters.flatMap(f => range(P).flatMap(p => range(KH * KW).map(k => Math.abs(weight(p, k, f)))))
  const limit = Math.max(...sizes, Number.MIN_VALUE)
  const { neighbours, anyTwo } = kernelDistances(layer)

  const mosaic = (f: number) => {
    const value = (p: number, k: number) => weight(p, k, f) / limit
    const label = `Filter ${f + 1}: ${OH} by ${OW} tiles of ${KH} by ${KW} weights`
    return html`
<figure>${mosaicPicture({ places: [OH, OW], window: [KH, KW], value }, label)}
<figcaption>Filter ${f + 1} of ${F}${C > 1 ? ', first channel' : ''}</figcaption></figure>`
  }
  return html`<section>
<h2>A filter for every place</h2>
<p>The first layer looks at the picture through ${OH} × ${OW} windows of ${KH} × ${KW} pixels. Each tile below shows what
one window looks for, drawn where the window is. In a convolution all tiles would be the same; this layer shares no
weights, so every place has a filter of its own.</p>
<div class="filters"><div class="mosaics">${filters.map(mosaic)}</div>
<div>
<div class="scale"><i></i><ol>
<li><b>−${limit.toFixed(2)}</b> ink here lowers the output</li><li><b>0</b></li>
<li><b>+${limit.toFixed(2)}</b> ink here raises the output</li></ol></div>
<p class="measure"><strong>${neighbours.toFixed(2)}</strong> is the mean distance between the kernels of neighbouring places.
Between any two places it is ${anyTwo.toFixed(2)}; in a convolution, 0.
<span class="note">Euclidean, over all ${F} filters.</span></p>
</div></div>
${details(
  'The weights in numbers',
  filters.map(f => weightTable(layer, f)),
)}
</section>`
}

/** Of place p: the weight of its window's pixel k in the first channel, for filter f. */
function weightAt(layer: LocallyConnected2D) {
  const { K, F, C, channelsFirst } = layer.geometry
  const [kernel] = layer.getWeights()
  return (p: number, k: number, f: number) => kernel.data[(p * K + (channelsFirst ? k : k * C)) * F + f]
}

/** Mean Euclidean distances of one filter's kernels at two places, over all filters. */
function kernelDistances(layer: LocallyConnected2D) {
  const { K, F, OW, P } = layer.geometry
  const [{ data: kernel }] = layer.getWeights()
  const distance = (p: number, q: number, f: number) => {
    let sum = 0
    for (let k = 0; k < K; k++) sum += (kernel[(p * K + k) * F + f] - kernel[(q * K + k) * F + f]) ** 2
    return Math.sqrt(sum)
  }
  const all: number[] = []
  const near: number[] = []
  for (let p = 0; p < P; p++)
    for (let q = p + 1; q < P; q++) {
      const besideOrBelow = q === p + OW || (q === p + 1 && q % OW > 0)
      for (let f = 0; f < F; f++) {
        all.push(distance(p, q, f))
        if (besideOrBelow) near.push(distance(p, q, f))
      }
    }
  return { neighbours: mean(near), anyTwo: mean(all) }
}

function weightTable(layer: LocallyConnected2D, filter: number): Html {
  const { OW, KH, KW, P } = layer.geometry
  const weight = weightAt(layer)
  const pixels = range(KH * KW)
  const head = pixels.map(k => html`<th scope="col">${position(k, KW)}</th>`)
  const rows = range(P).map(p => {
    const cells = pixels.map(k => html`<td>${weight(p, k, filter).toFixed(3)}</td>`)
    return html`\n<tr><th scope="row">${position(p, OW)}</th>${cells}</tr>`
  })
  return html`<table><caption>Filter ${filter + 1}: row, column of the place, and of the pixel in its window</caption>
<thead><tr><th scope="col">place</th>${head}</tr></thead><tbody>${rows}</tbody></table>`
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i)
const position = (i: number, columns: number) => `${Math.floor(i / columns) + 1}, ${(i % columns) + 1}`
const mean = (numbers: readonly number[]) => numbers.reduce((sum, n) => sum + n, 0) / Math.max(numbers.length, 1)
