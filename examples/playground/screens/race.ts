// Screen 2: the three nets learn the same digits in the same order.

import type { App, Screen } from '../app.ts'
import { lineChart } from '../charts.ts'
import { checkbox, numberField, opens, select, table } from '../controls.ts'
import { h, percent } from '../dom.ts'
import { netNames, optimizerNames } from '../nets.ts'
import { batches, rates, trainSizes } from '../state.ts'
import { trainBar } from '../train-bar.ts'

const optimizers = { adam: 'Adam', sgd: 'SGD + momentum 0.9', rmsprop: 'RMSprop' }
const tableRows = 200 // the last so many epochs

export function race(app: App): Screen {
  const { t, trainer } = app
  const bar = trainBar(app)
  const names = netNames.map(app.net)
  const chart = (
    what: 'loss' | 'accuracy',
    range: [number, number],
    format: (value: number) => string,
    exact: (value: number) => string,
    level?: { at: number; name: string },
  ) =>
    lineChart({
      label: t(`race.${what}.label`),
      xLabel: t('race.epoch'),
      names,
      range,
      format,
      exact,
      ...(level && { level }),
    })
  const decimals = (digits: number) => (value: number) => value.toFixed(digits)
  const loss = chart('loss', [0, 2.6], decimals(1), decimals(4), {
    at: Math.log(10),
    name: `ln 10 = ${Math.log(10).toFixed(2)}`,
  })
  const accuracy = chart('accuracy', [0, 1], value => `${Math.round(100 * value)}%`, percent)
  const words = h('p', { class: 'words' })
  const numbers = opens(t('race.numbers'), () => {
    const { history } = trainer
    const from = Math.max(0, history.length - tableRows)
    const cell = (value: number, text: string) => h('data', { value }, Number.isNaN(value) ? '–' : text)
    const kinds = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const
    const rows = history
      .slice(from)
      .map((epoch, i) => [
        `${from + i}`,
        ...netNames.flatMap(name =>
          kinds.map(kind =>
            cell(
              epoch[name][kind],
              /ccuracy/.test(kind) ? percent(epoch[name][kind]) : epoch[name][kind].toFixed(4),
            ),
          ),
        ),
      ])
    const head = [
      t('race.epoch'),
      ...names.flatMap(name => kinds.map(kind => `${name}: ${t(`race.${kind}`)}`)),
    ]
    return table(t('race.table'), head, rows)
  })
  const choose = (change: Parameters<App['set']>[0]) => app.set(change)
  const pairs = <T extends string | number>(values: readonly T[]) =>
    values.map(value => [value, `${value}`] as const)

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
      words,
      numbers.element,
      h(
        'fieldset',
        { class: 'controls' },
        h('legend', {}, t('race.settings')),
        select(t('race.train'), pairs(trainSizes), app.state.train, train => choose({ train })),
        select(
          t('race.optimizer'),
          optimizerNames.map(name => [name, optimizers[name]] as const),
          app.state.optimizer,
          optimizer => choose({ optimizer }),
        ),
        select(t('race.rate'), pairs(rates), app.state.rate, rate => choose({ rate })),
        select(t('race.batch'), pairs(batches), app.state.batch, batch => choose({ batch })),
        numberField(t('race.seed'), { min: 0, max: 999_999, value: app.state.seed }, seed =>
          choose({ seed }),
        ),
        numberField(t('race.epochs'), { min: 1, max: 1_000_000, value: app.state.epochs }, epochs =>
          choose({ epochs }),
        ),
        checkbox(t('race.shifts'), app.state.shifts === 'yes', on => choose({ shifts: on ? 'yes' : 'no' })),
      ),
    ),
    update() {
      bar.update()
      const { history, status } = trainer
      if (history.length === 0 || !status) return
      const xs = history.map((_, epoch) => epoch)
      loss.draw(
        xs,
        netNames.map(name => history.map(epoch => epoch[name].testLoss)),
      )
      accuracy.draw(
        xs,
        netNames.map(name => history.map(epoch => epoch[name].testAccuracy)),
      )
      numbers.update()
      const last = history[history.length - 1]
      const gap = (name: (typeof netNames)[number]) =>
        percent(Math.max(0, last[name].accuracy - last[name].testAccuracy))
      words.textContent =
        history.length < 2
          ? t('race.before')
          : t('race.gap', { dense: gap('dense'), local: gap('local'), conv: gap('conv') })
      words.dataset.rate = status.seconds > 0 ? (status.epoch / status.seconds).toFixed(1) : ''
      words.dataset.engine = status.engine
    },
    close() {
      loss.close()
      accuracy.close()
    },
  }
}
