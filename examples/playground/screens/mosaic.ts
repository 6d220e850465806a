// Screen 3: the kernels, each drawn where it looks.

import type { App, Screen } from '../app.ts'
import { opens, slider, table } from '../controls.ts'
import { h, rich, signed } from '../dom.ts'
import { netNames, type PerNet } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import { trainBar } from '../train-bar.ts'

const newsEvery = 200 // ms

export function mosaic(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const places = { dense: 6, local: 6, conv: 1 }
  const windows = { dense: 8, local: 3, conv: 3 }
  const pictures = netNames.map(name => {
    const picture = canvas(8, 8, t(`mosaic.${name}.label`))
    const strongest = h('span', {})
    return {
      name,
      picture,
      strongest,
      element: h(
        'figure',
        { class: name },
        h('h3', {}, app.net(name)),
        picture,
        h('figcaption', {}, ...rich(t(`mosaic.${name}`)), h('br'), strongest),
      ),
    }
  })
  const neighbours = h('p', { class: 'measure' })
  let kernels: PerNet<number[][]> | null = null
  let drawnAt = -Infinity
  let waiting: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  const numbers = opens(t('mosaic.numbers'), () => {
    const rows = (kernels?.local ?? []).map((kernel, place) => [
      `${Math.floor(place / 6) + 1}, ${(place % 6) + 1}`,
      ...kernel.map(weight => signed(weight)),
    ])
    const head = Array.from({ length: 9 }, (_, k) => `${Math.floor(k / 3) + 1}, ${(k % 3) + 1}`)
    return table(t('mosaic.table'), [t('mosaic.place'), ...head], rows)
  })

  async function draw(): Promise<void> {
    drawnAt = performance.now()
    const [found, { distance, likeness }] = await Promise.all([
      store.ask('kernels', app.state.filter - 1),
      store.ask('neighbours'),
    ])
    if (isClosed) return
    kernels = found
    for (const { name, picture, strongest } of pictures) {
      const tiles = {
        places: places[name],
        window: windows[name],
        value: (place: number, k: number) => found[name][place][k],
      }
      const limit = largest(found[name])
      drawTiles(picture, tiles, limit)
      strongest.textContent = t('legend.strongest', { limit: limit.toFixed(2) })
    }
    const values = { distance: distance.toFixed(2), likeness: signed(likeness) }
    neighbours.replaceChildren(...rich(t('mosaic.neighbours', values)))
    numbers.update()
  }

  return {
    element: h(
      'div',
      {},
      bar.element,
      h(
        'div',
        { class: 'controls' },
        slider(t('mosaic.filter'), { min: 1, max: 8, value: app.state.filter }, filter => {
          app.set({ filter })
          draw()
        }),
        neighbours,
      ),
      h('div', { class: 'three' }, ...pictures.map(({ element }) => element)),
      h('p', { class: 'note legend' }, t('legend.weights')),
      numbers.element,
    ),
    update() {
      bar.update()
      clearTimeout(waiting)
      waiting = setTimeout(draw, Math.max(0, drawnAt + newsEvery - performance.now()))
    },
    close() {
      isClosed = true
      clearTimeout(waiting)
    },
  }
}
