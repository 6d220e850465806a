// Screen 0: one unit, and what it sees in each of the three nets.

import type { App, Screen } from '../app.ts'
import { button, opens, slider, table } from '../controls.ts'
import { type Counts, countsOf } from '../counts.ts'
import { h, rich, whole } from '../dom.ts'
import { type NetName, netNames, type PerNet } from '../nets.ts'
import { canvas, drawCells, drawDigit, drawTiles, largest } from '../pictures.ts'
import { gate } from '../questions.ts'
import { squareTable } from '../square-table.ts'
import { start } from '../state.ts'
import { type Place, unitGrid } from '../unit-grid.ts'

const kinds = ['links', 'weights', 'macs'] as const

/** Of one of the 6 × 6 × 8 units: the weights are the kernel and the bias. */
function countsOfUnit(all: Counts, weights: number): Record<(typeof kinds)[number], number> {
  return { links: all.links / 288, weights: weights + 1, macs: all.macs / 288 }
}

export function unit(app: App): Screen {
  const { t, store } = app
  const layer = countsOf(start)
  const captioned = (picture: HTMLElement, caption: string) => h('figure', {}, picture, h('figcaption', {}, caption))
  const card = (name: NetName) => {
    const picture = canvas(8, 8, t('unit.picture'))
    const kernel = canvas(8, 8, t('unit.kernel'))
    const places = canvas(6, 6, t('unit.places'))
    const strongest = h('figcaption', {})
    const one = countsOfUnit(layer[name], name === 'dense' ? 64 : 9)
    const element = h(
      'article',
      { class: `card ${name}` },
      h('h3', {}, app.net(name)),
      h('div', { class: 'pair' }, captioned(picture, t('unit.picture')), h('figure', {}, kernel, strongest)),
      h('p', {}, ...rich(t(`unit.${name}`))),
      h(
        'div',
        { class: 'sharing' },
        places,
        h('p', { class: 'facts' }, t('unit.sharing', { places: name === 'conv' ? 36 : 1 })),
      ),
      table(
        t('unit.counts', { net: app.net(name) }),
        ['', t('unit.one'), t('unit.all')],
        kinds.map(kind => [t(`count.${kind}`), whole(one[kind]), whole(layer[name][kind])]),
      ),
    )
    return { name, picture, kernel, strongest, places, element }
  }
  const cards = netNames.map(card)
  let shown: PerNet<number[]> | null = null
  let isClosed = false

  const grid = unitGrid(
    t('unit.grid'),
    app.state,
    place => t('unit.cell', place),
    place => {
      app.set(place)
      draw(app.state)
    },
    place => draw(place ?? app.state),
  )
  const numbers = opens(t('unit.numbers'), () => {
    const tables = netNames.map(name => squareTable(app, t('unit.table', { net: app.net(name) }), shown?.[name] ?? []))
    return h('div', { class: 'tables' }, ...tables)
  })

  async function draw({ row, col }: Place): Promise<void> {
    const { digit, filter } = app.state
    const [kernels, { pixels, label }] = await Promise.all([
      store.ask('kernels', filter - 1),
      store.ask('digit', digit),
    ])
    if (isClosed) return
    const weightsOf = (name: NetName) => kernels[name][name === 'conv' ? 0 : row * 6 + col]
    shown = { dense: weightsOf('dense'), local: weightsOf('local'), conv: weightsOf('conv') }
    grid.mark(app.state.row, app.state.col)
    for (const { name, picture, kernel, strongest, places } of cards) {
      const all = name === 'dense'
      const frame = all ? { row: 0, col: 0, size: 8 } : { row, col, size: 3 }
      drawDigit(picture, pixels, { ...frame, colour: `--${name}` })
      picture.setAttribute(
        'aria-label',
        t(all ? 'unit.sees.all' : 'unit.sees.patch', { label, row: row + 1, col: col + 1 }),
      )
      const weights = shown[name]
      const limit = largest([weights])
      drawTiles(kernel, { places: 1, window: all ? 8 : 3, value: (_, k) => weights[k] }, limit)
      kernel.setAttribute('aria-label', t('unit.kernel', { weights: weights.length }))
      strongest.textContent = t('unit.strongest', { limit: limit.toFixed(2) })
      drawCells(
        places,
        Array.from({ length: 36 }, (_, i) => name === 'conv' || i === row * 6 + col),
        `--${name}`,
      )
    }
    numbers.update()
  }
  draw(app.state)

  const element = h(
    'div',
    { class: 'unit' },
    gate(
      { class: 'chooser' },
      h('h3', {}, t('unit.choose')),
      grid.element,
      h('p', { class: 'note' }, t('unit.keys')),
      slider(t('unit.filter'), { min: 1, max: 8, value: app.state.filter }, filter => {
        app.set({ filter })
        draw(app.state)
      }),
      button(t('unit.next'), () => {
        app.set({ digit: (app.state.digit + 1) % 360 })
        draw(app.state)
      }),
    ),
    h('div', { class: 'cards' }, ...cards.map(({ element }) => element)),
    h('p', { class: 'note legend' }, t('legend.weights')),
    numbers.element,
  )
  return {
    element,
    close() {
      isClosed = true
    },
  }
}
