// Screen 2: the three nets learn the same digits in the same order.

import type { App, Screen } from '../app.ts'
import { lineChart, shareAxis } from '../charts.ts'
import { checkbox, numberField, opens, select, table } from '../controls.ts'
import { h, percent, whole } from '../dom.ts'
import { netNames, optimizerNames } from '../nets.ts'
import { batches, rates, trainSizes } from '../state.ts'
import { trainBar } from '../train-bar.ts'

const optimizers = { adam: 'Adam', sgd: 'SGD + momentum 0.9', rmsprop: 'RMSprop' }
const tableRows = 200 // the last so many epochs

export function race(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const names = netNames.map(app.net)
  const common = {
    xLabel: t('race.epoch'),
    names: [...names, ...names.map(net => t('race.learned', { net }))],
    group: 'race',
  }
  const loss = lineChart({
    ...common,
    label: t('race.loss.label'),
    range: [0, 2.8],
    format: value => value.toFixed(1),
    exact: value => value.toFixed(4),
    level: { at: Math.log(10), name: `ln 10 = ${Math.log(10).toFixed(2)}` },
  })
  const accuracy = lineChart({
    ...common,
    label: t('race.accuracy.label'),
    range: [app.state.from / 100, 1],
    ...shareAxis,
  })
  const words = h('p', { class: 'words' })
  const speed = h('p', { class: 'note' })
  const numbers = opens(t('race.numbers'), () => {
    const cell = (value: number, text: string) => h('data', { value }, Number.isNaN(value) ? '–' : text)
    const kinds = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const
    const rows = store.measured
      .slice(-tableRows)
      .map(({ epoch, nets }) => [
        `${epoch}`,
        ...netNames.flatMap(name =>
          kinds.map(kind =>
            cell(nets[name][kind], /ccuracy/.test(kind) ? percent(nets[name][kind]) : nets[name][kind].toFixed(4)),
          ),
        ),
      ])
    const head = [t('race.epoch'), ...names.flatMap(name => kinds.map(kind => `${name}: ${t(`race.${kind}`)}`))]
    return table(t('race.table'), head, rows)
  })
  const choose = (change: Parameters<App['set']>[0]) => app.set(change)
  const pairs = <T extends number>(values: readonly T[]) =>
    values.map(value => [value, value < 1 ? `${value}` : whole(value)] as const)

  function draw(): void {
    const { measured } = store
    const lines = (test: 'testLoss' | 'testAccuracy', training: 'loss' | 'accuracy') =>
      (app.state.curves === 'both' ? [test, training] : [test]).flatMap(kind =>
        netNames.map(name => measured.map(({ nets }) => nets[name][kind])),
      )
    const xs = measured.map(({ epoch }) => epoch)
    loss.draw(xs, lines('testLoss', 'loss'))
    accuracy.draw(xs, lines('testAccuracy', 'accuracy'))
  }

  return {
    element: h(
      'div',
      {},
      bar.element,
      h('ul', { class: 'key' }, ...netNames.map(name => h('li', { class: name }, app.net(name)))),
      h(
        'div',
        { class: 'charts' },
        h('figure', {}, h('h3', {}, t('race.loss.title')), loss.element),
        h('figure', {}, h('h3', {}, t('race.accuracy.title')), accuracy.element),
      ),
      h(
        'div',
        { class: 'actions' },
        checkbox(t('race.curves'), app.state.curves === 'both', on => {
          app.set({ curves: on ? 'both' : 'test' })
          draw()
        }),
        checkbox(t('race.zoom'), app.state.from === 80, on => {
          app.set({ from: on ? 80 : 0 })
          accuracy.from(app.state.from / 100)
        }),
      ),
      words,
      numbers.element,
      speed,
      h(
        'fieldset',
        { class: 'controls' },
        h('legend', {}, t('race.settings')),
        h('p', { class: 'note' }, t('race.anew')),
        select(t('race.train'), pairs(trainSizes), app.state.train, train => choose({ train })),
        select(
          t('race.optimizer'),
          optimizerNames.map(name => [name, optimizers[name]] as const),
          app.state.optimizer,
          optimizer => choose({ optimizer }),
        ),
        select(t('race.rate'), pairs(rates), app.state.rate, rate => choose({ rate })),
        select(t('race.batch'), pairs(batches), app.state.batch, batch => choose({ batch })),
        numberField(t('race.seed'), { min: 0, max: 999_999, value: app.state.seed }, seed => choose({ seed })),
        numberField(t('race.epochs'), { min: 1, max: 1_000_000, value: app.state.epochs }, epochs =>
          choose({ epochs }),
        ),
        checkbox(t('race.shifts'), app.state.shifts === 'yes', on => choose({ shifts: on ? 'yes' : 'no' })),
      ),
    ),
    update() {
      bar.update()
      const { measured, status } = store
      if (measured.length === 0 || !status) return
      draw()
      numbers.update()
      const last = measured[measured.length - 1].nets
      const gap = (name: (typeof netNames)[number]) =>
        (100 * Math.max(0, last[name].accuracy - last[name].testAccuracy)).toFixed(1)
      words.textContent =
        measured.length < 2
          ? t('race.before')
          : t('race.gap', { dense: gap('dense'), local: gap('local'), conv: gap('conv') })
      const { engine } = status
      const rate = status.rate > 0 ? status.rate.toFixed(1) : ''
      speed.textContent = rate && t('race.speed', { rate, engine })
      words.dataset.rate = rate
      words.dataset.engine = engine
    },
    close() {
      loss.close()
      accuracy.close()
    },
  }
}
