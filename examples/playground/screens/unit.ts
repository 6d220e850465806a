// Screen 0: one unit, and what it sees in each of the three nets.

import type { App, Screen } from '../app.ts'
import { button } from '../controls.ts'
import { h, rich, whole } from '../dom.ts'
import { type NetName, netNames } from '../nets.ts'
import { canvas, drawCells, drawDigit, drawTiles, largest } from '../pictures.ts'
import { unitGrid } from '../unit-grid.ts'

export function unit(app: App): Screen {
  const { t, trainer } = app
  const card = (name: NetName) => {
    const picture = canvas(8, 8, t('unit.picture'))
    const kernel = canvas(8, 8, t('unit.kernel'))
    const places = canvas(6, 6, t('unit.places'))
    const facts = h('p', { class: 'facts' })
    const element = h(
      'article',
      { class: `card ${name}` },
      h('h3', {}, app.net(name)),
      h('div', { class: 'pair' }, picture, kernel),
      h('p', {}, ...rich(t(`unit.${name}`))),
      h('div', { class: 'sharing' }, places, facts),
    )
    return { name, picture, kernel, places, facts, element }
  }
  const cards = netNames.map(card)
  let pixels: number[] = []
  let isClosed = false

  const grid = unitGrid(
    t('unit.grid'),
    app.state,
    place => t('unit.cell', place),
    place => {
      app.set(place)
      draw()
    },
  )

  async function draw(): Promise<void> {
    const { row, col, digit } = app.state
    const [kernels, { pixels: found, label }] = await Promise.all([
      trainer.ask('kernels', app.state.filter - 1),
      trainer.ask('digit', digit),
    ])
    if (isClosed) return
    pixels = found
    grid.mark(row, col)
    for (const { name, picture, kernel, places, facts } of cards) {
      const all = name === 'dense'
      const frame = all ? { row: 0, col: 0, size: 8 } : { row, col, size: 3 }
      drawDigit(picture, pixels, { ...frame, colour: `--${name}` })
      picture.setAttribute(
        'aria-label',
        t(all ? 'unit.sees.all' : 'unit.sees.patch', { label, row: row + 1, col: col + 1 }),
      )
      const weights = kernels[name][name === 'conv' ? 0 : row * 6 + col]
      drawTiles(kernel, { places: 1, window: all ? 8 : 3, value: (_, k) => weights[k] }, largest([weights]))
      kernel.setAttribute('aria-label', t('unit.kernel', { weights: weights.length }))
      const shares = Array.from({ length: 36 }, (_, i) => name === 'conv' || i === row * 6 + col)
      const sharing = shares.filter(Boolean).length
      drawCells(places, shares, `--${name}`)
      facts.textContent = t('unit.facts', { links: whole(weights.length + 1), sharing })
    }
  }
  draw()

  const element = h(
    'div',
    { class: 'unit' },
    h(
      'div',
      { class: 'chooser' },
      h('h3', {}, t('unit.choose')),
      grid.element,
      h('p', { class: 'note' }, t('unit.keys')),
      button(t('unit.next'), () => {
        app.set({ digit: (app.state.digit + 1) % 360 })
        draw()
      }),
    ),
    h('div', { class: 'cards' }, ...cards.map(({ element }) => element)),
    h('p', { class: 'note legend' }, t('legend.weights')),
  )
  return {
    element,
    close() {
      isClosed = true
    },
  }
}
