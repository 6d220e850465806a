// Screen 6: a task where every place has a meaning of its own, and the local net wins.

import type { App, Screen } from '../app.ts'
import { lineChart, shareAxis } from '../charts.ts'
import { opens, table } from '../controls.ts'
import { h, percent, rich } from '../dom.ts'
import type { PlaceResult } from '../long-runs.ts'
import { netNames } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import { runBar } from '../run-bar.ts'

export function place(app: App): Screen {
  const { t, store } = app
  const result = () => store.run('place')?.result ?? null
  const bar = runBar(app, 'place', {
    label: () => t('place.run'),
    start: () => store.start('place', { seed: app.state.seed }),
    progress: ({ result }) => {
      const epoch = result?.history.at(-1)?.epoch ?? 0
      const epochs = result?.epochs ?? 1
      return { share: epoch / epochs, text: t('place.where', { epoch, epochs: result ? epochs : '…' }) }
    },
  })
  const said = h('p', { class: 'words' })
  const chart = lineChart({
    label: t('place.label'),
    xLabel: t('race.epoch'),
    names: netNames.map(app.net),
    range: [0.5, 1],
    xRange: [0, 30],
    ...shareAxis,
  })
  const rule = canvas(8, 8, t('place.rule.label'))
  const kernels = [0, 1].map(() => canvas(8, 8, t('mosaic.local.label')))
  const picture = canvas(12, 12, t('place.picture'))
  const voices = { rule: canvas(4, 4, t('place.voices.rule')), net: canvas(4, 4, t('place.voices.net')) }
  const answers = { rule: h('b', {}), net: h('b', {}) }
  const mine = store.remember('place', () => ({ example: 0 }))
  const results = h('div', { class: 'beside-chart' })
  const numbers = opens(t('race.numbers'), () => {
    const rows = (result()?.history ?? []).map(({ epoch, nets }) => [
      `${epoch}`,
      ...netNames.map(name => percent(nets[name].testAccuracy)),
    ])
    return table(t('place.table'), [t('race.epoch'), ...netNames.map(app.net)], rows)
  })

  function drawExample({ examples }: PlaceResult): void {
    const example = examples[mine.example % examples.length]
    const { pixels } = example
    drawTiles(picture, { places: 1, window: 12, value: (_, k) => pixels[k] }, largest([[...pixels]]) / 1.5)
    for (const who of ['rule', 'net'] as const) {
      const values = example[who]
      drawTiles(voices[who], { places: 4, window: 1, value: at => values[at] }, largest([[...values]]))
      const says = values.reduce((sum, voice) => sum + voice) > 0
      answers[who].textContent = t(says ? 'place.yes' : 'place.no')
    }
  }
  results.append(
    h(
      'div',
      {},
      h('ul', { class: 'key' }, ...netNames.map(name => h('li', { class: name }, app.net(name)))),
      h('figure', { class: 'wide' }, h('h3', {}, t('place.chart')), chart.element),
      numbers.element,
    ),
    h(
      'div',
      { class: 'three' },
      h('figure', {}, h('h3', {}, t('place.rule')), rule),
      ...kernels.map((kernel, f) =>
        h('figure', { class: 'local' }, h('h3', {}, t('place.kernel', { filter: f + 1 })), kernel),
      ),
      h('figure', {}, h('h3', {}, t('place.picture')), picture),
      h('figure', {}, h('h3', {}, t('place.voices.rule')), voices.rule, h('figcaption', {}, answers.rule)),
      h('figure', { class: 'local' }, h('h3', {}, t('place.voices.net')), voices.net, h('figcaption', {}, answers.net)),
    ),
    h('p', { class: 'note legend' }, t('legend.weights')),
  )
  return {
    element: h(
      'div',
      {},
      h('p', {}, ...rich(t('place.what'))),
      bar.element,
      said,
      results,
      h('p', { class: 'why', 'data-control': 'why' }, ...rich(t('place.why'))),
    ),
    update() {
      bar.update()
      const found = result()
      results.hidden = !found
      const last = found?.history.at(-1)
      if (!found || !last) {
        said.textContent = t('place.start')
        return
      }
      const { history, rule: signs, kernel } = found
      chart.draw({
        xs: history.map(({ epoch }) => epoch),
        lines: netNames.map(name => history.map(({ nets }) => nets[name].testAccuracy)),
      })
      numbers.update()
      const [dense, local, conv] = netNames.map(name => percent(last.nets[name].testAccuracy))
      said.textContent = t('place.done', { epoch: last.epoch, dense, local, conv })
      const secret = (at: number, k: number) =>
        signs[(Math.floor(at / 4) * 3 + Math.floor(k / 3)) * 12 + (at % 4) * 3 + (k % 3)]
      drawTiles(rule, { places: 4, window: 3, value: secret }, 1.4)
      kernels.forEach((element, f) => {
        drawTiles(
          element,
          { places: 4, window: 3, value: (at, k) => kernel[(at * 9 + k) * 2 + f] },
          largest([[...kernel]]) / 1.5,
        )
      })
      drawExample(found)
    },
    close() {
      chart.close()
    },
  }
}
