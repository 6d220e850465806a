// Screen 2: the three nets learn the same digits in the same order.

import type { App, Screen } from '../app.ts'
import { type Layer, type LayerKind, lineChart, shareAxis } from '../charts.ts'
import { button, checkbox, numberField, opens, select, table } from '../controls.ts'
import { countsOf } from '../counts.ts'
import { h, percent, rich, signed, whole } from '../dom.ts'
import type { Measured } from '../measured.ts'
import { netNames, optimizerNames, type PerNet, perNet } from '../nets.ts'
import type { Measure, RaceSettings } from '../race.ts'
import { runBar } from '../run-bar.ts'
import { endsOf, spreadOf } from '../spread.ts'
import { batches, rates, start, trainSizes } from '../state.ts'
import { mostPinned, type Pinned } from '../store.ts'
import type { Key } from '../texts/en.ts'
import { trainBar } from '../train-bar.ts'

const optimizers = { adam: 'Adam', sgd: 'SGD + momentum 0.9', rmsprop: 'RMSprop' }
const tableRows = 200 // the last so many epochs
const seedsAtOnce = 5
const mostAhead = 1000 // epochs that the axis shows before they are trained
const mostEpochs = 200 // of the race with several seeds
const kinds = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const

/** Weights and biases of the three nets. */
const sizes = perNet(name => countsOf(start)[name].weights + 2890)

/** Why the dense net is ahead, or that it is not. Before all nets have fitted what they can, there is nothing to explain. */
function whyOf({ shifts }: RaceSettings, test: PerNet<number>, training: PerNet<number>): Key | null {
  const isAhead = test.dense >= Math.max(test.local, test.conv)
  if (!isAhead) return 'race.why.other'
  if (shifts) return 'race.why.moved'
  return Math.min(...netNames.map(name => training[name])) > 0.95 ? 'race.why.centred' : null
}

export function race(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const names = netNames.map(app.net)

  /** What curves were made with, in few words. */
  const setting = ({ train, optimizer, rate, batch, seed, shifts }: RaceSettings) =>
    [
      t('race.setting', { train: whole(train), optimizer: optimizers[optimizer], rate, batch, seed }),
      ...(shifts ? [t('race.shifted')] : []),
    ].join(', ')

  // ---- The curves: now, of the training, kept ones, and the band of several seeds.

  const layers: { kind: LayerKind; name: (net: string) => string }[] = [
    { kind: 'band', name: net => t('race.mean', { net }) },
    ...Array.from({ length: mostPinned }, (_, i) => ({
      kind: 'kept' as const,
      name: (net: string) => t('race.kept', { net, number: i + 1 }),
    })),
    { kind: 'main', name: net => net },
    { kind: 'thin', name: net => t('race.learned', { net }) },
  ]
  const common = { xLabel: t('race.epoch'), names, layers, group: 'race' }
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
  const curvesOf = (measured: readonly Measured[], kind: keyof Measure): Layer => ({
    xs: measured.map(({ epoch }) => epoch),
    lines: netNames.map(name => measured.map(({ nets }) => nets[name][kind])),
  })
  const band = (kind: keyof Measure): Layer | null => {
    const runs = store.run('seeds')?.result?.runs
    if (!runs) return null
    const { epochs, mean, least, most } = spreadOf(runs, kind)
    return { xs: epochs, lines: mean, from: least, to: most }
  }
  function drawCurves(): void {
    const { measured, pinned } = store
    const both = app.state.curves === 'both'
    for (const [chart, test, training] of [
      [loss, 'testLoss', 'loss'],
      [accuracy, 'testAccuracy', 'accuracy'],
    ] as const) {
      if (app.state.epochs <= mostAhead) chart.until(app.state.epochs)
      chart.draw(
        band(test),
        ...Array.from({ length: mostPinned }, (_, i) => (pinned[i] ? curvesOf(pinned[i].measured, test) : null)),
        curvesOf(measured, test),
        both ? curvesOf(measured, training) : null,
      )
    }
  }

  // ---- Curves to compare with.

  const keep = button(t('race.keep'), () => store.pin(), { 'data-control': 'keep' })
  const drop = button(t('race.drop'), () => store.unpin(), { 'data-control': 'keep' })
  const kept = h('ol', { class: 'kept' })
  const epochsOfSeeds = () => Math.min(mostEpochs, app.state.epochs)
  const seeds = runBar(app, 'seeds', {
    label: () => t('race.seeds', { count: seedsAtOnce }),
    start: () => {
      const { status } = store
      if (!status) return
      const first = status.settings.seed
      store.start('seeds', {
        settings: status.settings,
        epochs: epochsOfSeeds(),
        seeds: Array.from({ length: seedsAtOnce }, (_, i) => first + i),
      })
    },
    progress: ({ args, result }) => {
      const runs = result?.runs ?? []
      const epochs = runs.reduce((sum, run) => sum + (run.at(-1)?.epoch ?? 0), 0)
      const { count } = endsOf(runs, args.epochs)
      return {
        share: epochs / (args.epochs * args.seeds.length),
        text: t('race.seeds.done', { count, of: args.seeds.length }),
      }
    },
  })
  const seedsSaid = h('p', { class: 'found' })
  function drawCompared(): void {
    const { pinned } = store
    drop.disabled = pinned.length === 0
    keep.disabled = store.measured.length < 2
    kept.replaceChildren(...pinned.map(({ settings }: Pinned) => h('li', {}, setting(settings))))
    kept.hidden = pinned.length === 0
    const run = store.run('seeds')
    const ends = run?.result ? endsOf(run.result.runs, run.args.epochs) : null
    seedsSaid.hidden = !ends?.count
    if (!run || !ends?.count) return
    const one = (name: (typeof netNames)[number]) => {
      const { mean, deviation } = ends[name]
      return Number.isNaN(deviation) ? percent(mean) : `${(100 * mean).toFixed(1)} ± ${percent(deviation)}`
    }
    const { settings, epochs } = run.args
    seedsSaid.textContent = t('race.seeds.found', {
      ...{ count: ends.count, epochs, setting: setting(settings) },
      ...perNet(one),
    })
  }

  // ---- The answer, with the numbers of the run.

  const words = h('div', { class: 'words' })
  const speed = h('p', { class: 'note' })
  function drawAnswer(): void {
    const { measured, status } = store
    const last = measured.at(-1)
    if (!status || !last) return
    const rate = status.rate > 0 ? status.rate.toFixed(1) : ''
    speed.textContent = rate && t('race.speed', { rate, engine: status.engine })
    Object.assign(words.dataset, { rate, engine: status.engine })
    if (measured.length < 2) {
      words.replaceChildren(h('p', {}, t('race.before')))
      return
    }
    const { nets } = last
    const [test, training] = [perNet(name => nets[name].testAccuracy), perNet(name => nets[name].accuracy)]
    const texts = perNet(name => percent(test[name]))
    const most = Math.max(...netNames.map(name => test[name]))
    const first = netNames.filter(name => test[name] === most).map(app.net)
    const gap = perNet(name => signed(100 * (training[name] - test[name]), 1))
    const answer = [
      t('race.result', { epoch: last.epoch, best: first.join(t('race.and')), ...texts }),
      t('race.gap', gap),
    ]
    const why = last.epoch < 10 ? null : whyOf(status.settings, test, training)
    words.replaceChildren(
      h('p', {}, app.join(answer)),
      ...(why
        ? [
            h(
              'p',
              { class: 'why', 'data-control': 'why' },
              ...rich(t(why, { ...perNet(name => percent(training[name])), ...weights })),
            ),
          ]
        : []),
    )
  }
  const weights = { denseWeights: whole(sizes.dense), localWeights: whole(sizes.local), convWeights: whole(sizes.conv) }

  const numbers = opens(t('race.numbers'), () => {
    const cell = (value: number, text: string) => h('data', { value }, Number.isNaN(value) ? '–' : text)
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
  const pairs = <T extends number>(values: readonly T[]) =>
    values.map(value => [value, value < 1 ? `${value}` : whole(value)] as const)

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
        checkbox(
          t('race.curves'),
          app.state.curves === 'both',
          on => {
            app.set({ curves: on ? 'both' : 'test' })
            drawCurves()
          },
          'curves',
        ),
        checkbox(
          t('race.zoom'),
          app.state.from === 80,
          on => {
            app.set({ from: on ? 80 : 0 })
            accuracy.from(app.state.from / 100)
          },
          'zoom',
        ),
        keep,
        drop,
      ),
      kept,
      words,
      h('div', { 'data-control': 'seeds' }, seeds.element, seedsSaid),
      numbers.element,
      speed,
      h(
        'fieldset',
        { class: 'controls race-settings', 'data-control': 'settings' },
        h('legend', {}, t('race.settings')),
        h('p', { class: 'note' }, t('race.anew')),
        select(t('race.train'), pairs(trainSizes), app.state.train, train => app.set({ train }), 'train'),
        select(
          t('race.optimizer'),
          optimizerNames.map(name => [name, optimizers[name]] as const),
          app.state.optimizer,
          optimizer => app.set({ optimizer }),
          'optimizer',
        ),
        select(t('race.rate'), pairs(rates), app.state.rate, rate => app.set({ rate }), 'rate'),
        select(t('race.batch'), pairs(batches), app.state.batch, batch => app.set({ batch }), 'batch'),
        numberField(t('race.seed'), { min: 0, max: 999_999, value: app.state.seed }, seed => app.set({ seed }), 'seed'),
        numberField(
          t('race.epochs'),
          { min: 1, max: 1_000_000, value: app.state.epochs },
          epochs => {
            app.set({ epochs })
            drawCurves()
          },
          'epochs',
        ),
        checkbox(t('race.shifts'), app.state.shifts === 'yes', on => app.set({ shifts: on ? 'yes' : 'no' }), 'shifts'),
      ),
    ),
    update() {
      bar.update()
      seeds.update()
      drawCurves()
      drawCompared()
      drawAnswer()
      numbers.update()
    },
    close() {
      loss.close()
      accuracy.close()
    },
  }
}
