// Screen 4: the test digits are moved, and the nets read them again.

import type { App, Screen } from '../app.ts'
import { lineChart, shareAxis } from '../charts.ts'
import { checkbox, slider, table } from '../controls.ts'
import { copyShifted } from '../digits.ts'
import { h, percent, rich, signed } from '../dom.ts'
import { netNames } from '../nets.ts'
import { canvas, drawDigit } from '../pictures.ts'
import { trainBar } from '../train-bar.ts'
import type { Answer } from '../worker-link.ts'

const moves = [-2, -1, 0, 1, 2]

export function shift(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const names = netNames.map(app.net)
  const chart = lineChart({
    label: t('shift.label'),
    xLabel: t('shift.x'),
    names,
    range: [0, 1],
    xRange: [-2, 2],
    xFormat: move => signed(move, 0),
    ...shareAxis,
  })
  const pictures = [0, 1, 2, 3, 4, 5].map(() => canvas(8, 8, t('shift.picture')))
  const answers = pictures.map(() => netNames.map(name => h('li', { class: name })))
  const numbers = h('div', {})
  const now = h('p', { class: 'words', role: 'status' })
  const asOf = h('p', { class: 'note' })
  const mine = store.remember('shift', () => ({ found: null as Answer<'shifted'> | null }))
  let timer: ReturnType<typeof setTimeout> | undefined
  let asking = false
  let isClosed = false

  async function measure(): Promise<void> {
    if (asking) return
    asking = true
    mine.found = await store.ask('shifted')
    asking = false
    if (!isClosed) draw()
  }

  async function draw(): Promise<void> {
    const { dx, dy, digit } = app.state
    const { found } = mine
    if (found) {
      const { at: of, accuracy } = found
      const lines = netNames.map(name => accuracy[name][dy + 2])
      chart.draw({ xs: moves, lines })
      const at = (i: number) => percent(lines[i][dx + 2])
      now.textContent = t('shift.now', { how: inWords(app, dx, dy), dense: at(0), local: at(1), conv: at(2) })
      asOf.textContent = t('page.as.of', { epoch: of.epoch, step: of.step })
      const rows = netNames.map((name, i) => [app.net(name), ...lines[i].map(share => (100 * share).toFixed(1))])
      numbers.replaceChildren(
        table(t('shift.table', { dy: signed(dy, 0) }), ['', ...moves.map(move => signed(move, 0))], rows),
      )
    }
    const digits = await Promise.all(pictures.map((_, i) => store.ask('digit', digit + i)))
    if (isClosed) return
    const moved = digits.map(({ pixels }) => {
      const image = new Float32Array(64)
      copyShifted(image, 0, pixels, 0, dx, dy)
      return image
    })
    const read = await Promise.all(moved.map(image => store.ask('read', [...image])))
    if (isClosed) return
    digits.forEach(({ label }, i) => {
      drawDigit(pictures[i], moved[i])
      pictures[i].setAttribute('aria-label', t('shift.picture', { label }))
      netNames.forEach((name, n) => {
        const best = read[i][name].indexOf(Math.max(...read[i][name]))
        const net = h('span', { class: 'hidden' }, `${app.net(name)} `)
        answers[i][n].replaceChildren(net, `${best} ${best === label ? '✓' : '✗'}`)
      })
    })
  }
  const move = (name: 'dx' | 'dy') =>
    slider(t(`shift.${name}`), { min: -2, max: 2, value: app.state[name] }, value => {
      app.set({ [name]: value })
      draw()
    })

  return {
    element: h(
      'div',
      {},
      bar.element,
      h(
        'div',
        { class: 'controls' },
        move('dx'),
        move('dy'),
        checkbox(t('race.shifts'), app.state.shifts === 'yes', on => app.set({ shifts: on ? 'yes' : 'no' }), 'shifts'),
      ),
      h('ul', { class: 'key' }, ...netNames.map(name => h('li', { class: name }, app.net(name)))),
      h(
        'div',
        { class: 'sample' },
        ...pictures.map((picture, i) => h('div', {}, picture, h('ul', { role: 'list' }, ...answers[i]))),
      ),
      now,
      h(
        'div',
        { class: 'split even' },
        h('figure', {}, h('h3', {}, t('shift.title.chart')), chart.element),
        h('div', {}, numbers, asOf),
      ),
      h('p', { class: 'why', 'data-control': 'why' }, ...rich(t('shift.why'))),
    ),
    update() {
      bar.update()
      clearTimeout(timer)
      timer = setTimeout(measure, store.status?.playing ? 400 : 0)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      chart.close()
    },
  }
}

/** 2 to the right and 1 up. */
function inWords({ t }: App, dx: number, dy: number): string {
  const parts = [
    ...(dx === 0 ? [] : [t(dx > 0 ? 'shift.right' : 'shift.left', { n: Math.abs(dx) })]),
    ...(dy === 0 ? [] : [t(dy > 0 ? 'shift.down' : 'shift.up', { n: Math.abs(dy) })]),
  ]
  return parts.join(t('shift.and')) || t('shift.still')
}
