// Screen 6: a task where every place has a meaning of its own, and the local net wins.

import type { App, Screen } from '../app.ts'
import { lineChart, shareAxis } from '../charts.ts'
import { button, opens, table } from '../controls.ts'
import { h, percent, rich } from '../dom.ts'
import { netNames, type PerNet } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import type { Measure } from '../race.ts'

export function place(app: App): Screen {
  const { t, trainer } = app
  const said = h('p', { class: 'words', role: 'status' }, t('place.start'))
  const chart = lineChart({
    label: t('place.label'),
    xLabel: t('race.epoch'),
    names: netNames.map(app.net),
    range: [0.5, 1],
    ...shareAxis,
  })
  const rule = canvas(8, 8, t('place.rule.label'))
  const kernels = [0, 1].map(() => canvas(8, 8, t('mosaic.local.label')))
  const results = h('div', { hidden: true })
  let history: PerNet<Measure>[] = []
  const numbers = opens(t('race.numbers'), () => {
    const rows = history.map((epoch, i) => [`${i}`, ...netNames.map(name => percent(epoch[name].testAccuracy))])
    return table(t('place.table'), [t('race.epoch'), ...netNames.map(app.net)], rows)
  })
  const run = button(t('place.run'), train, { class: 'primary' })
  let isClosed = false

  async function train(): Promise<void> {
    run.disabled = true
    said.textContent = t('place.running')
    await trainer.pause()
    const found = await trainer.ask('places', app.state.seed)
    if (isClosed) return
    run.disabled = false
    results.hidden = false
    const { kernel } = found
    history = found.history
    chart.draw(
      history.map((_, i) => i),
      netNames.map(name => history.map(epoch => epoch[name].testAccuracy)),
    )
    numbers.update()
    const last = history[history.length - 1]
    const [dense, local, conv] = netNames.map(name => percent(last[name].testAccuracy))
    said.textContent = t('place.done', { dense, local, conv })
    const secret = (at: number, k: number) =>
      found.rule[(Math.floor(at / 4) * 3 + Math.floor(k / 3)) * 12 + (at % 4) * 3 + (k % 3)]
    drawTiles(rule, { places: 4, window: 3, value: secret }, 1.4)
    kernels.forEach((picture, f) => {
      drawTiles(
        picture,
        { places: 4, window: 3, value: (at, k) => kernel[(at * 9 + k) * 2 + f] },
        largest([kernel]) / 1.5,
      )
    })
  }

  results.append(
    h('ul', { class: 'key' }, ...netNames.map(name => h('li', { class: name }, app.net(name)))),
    h('figure', { class: 'wide' }, h('h3', {}, t('place.chart')), chart.element),
    numbers.element,
    h(
      'div',
      { class: 'three' },
      h('figure', {}, h('h3', {}, t('place.rule')), rule),
      ...kernels.map((picture, f) =>
        h('figure', { class: 'local' }, h('h3', {}, t('place.kernel', { filter: f + 1 })), picture),
      ),
    ),
    h('p', { class: 'note legend' }, t('legend.weights')),
  )
  return {
    element: h(
      'div',
      {},
      h('p', {}, ...rich(t('place.what'))),
      h('div', { class: 'actions' }, run),
      said,
      results,
      h('p', {}, ...rich(t('place.why'))),
    ),
    close() {
      isClosed = true
      chart.close()
    },
  }
}
