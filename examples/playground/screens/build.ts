// Screen 11: build nets, give one of them a handicap, let them race, and take the code along.

import type { App, Screen } from '../app.ts'
import { onBench } from '../bench.ts'
import { answer } from '../builder/answer.ts'
import { designOf } from '../builder/bench-state.ts'
import { choices, type Design, type DesignPart, mismatch, placesAlong, sizesOf } from '../builder/design.ts'
import { designInKeras, designInTypescript } from '../builder/design-code.ts'
import { presets } from '../builder/presets.ts'
import { lineChart, shareAxis } from '../charts.ts'
import { codeBlock } from '../code-block.ts'
import { checkbox, numberField, select, table } from '../controls.ts'
import { h, signed, whole } from '../dom.ts'
import { type NetName, netNames, optimizerNames } from '../nets.ts'
import { rates, type State, start, trainSizes } from '../state.ts'
import type { Key } from '../texts/en.ts'
import { trainBar } from '../train-bar.ts'

const plain = Object.fromEntries(Object.entries(start).filter(([name]) => name.startsWith('b.'))) as Partial<State>

const optimizers = { adam: 'Adam', sgd: 'SGD + momentum 0.9', rmsprop: 'RMSprop' }

export function build(app: App): Screen {
  const { t, bench } = app
  const onIt = onBench(app)
  const bar = trainBar(onIt)
  const mine = bench.store.remember('build', () => ({ code: 'local' as NetName }))
  const sizes = h('div', {})
  const warning = h('p', { class: 'warning', role: 'alert' }, t('build.none'))
  const running = h('div', {}, bar.element)
  const chart = lineChart({
    label: t('race.accuracy.label'),
    xLabel: t('race.epoch'),
    names: netNames.map(app.net),
    layers: [
      { kind: 'main', name: net => net },
      { kind: 'thin', name: net => t('race.learned', { net }) },
    ],
    range: [0, 1],
    ...shareAxis,
  })
  const said = answer(app)
  const code = h('div', {})

  const classes = () => (app.state['b.data'] === 'own' && bench.canLearnOwn ? bench.own.classes.length : 10)
  const change = (what: Partial<State>) => {
    app.set(what)
    follow()
  }
  function part(name: DesignPart): HTMLElement {
    const values = [...(choices[name] as readonly (number | string)[])].sort((a, b) => Number(a) - Number(b))
    const shown = (value: number | string) =>
      typeof value === 'number' || name === 'activation' ? `${value}` : t(`build.${name}.${value}` as Key)
    return select(
      t(`build.${name}`),
      values.map(value => [value, shown(value)] as const),
      app.state[`b.${name}`],
      value => change({ [`b.${name}`]: value } as Partial<State>),
    )
  }

  function follow(): void {
    const design = designOf(app.state)
    const fits = placesAlong(design, 8) !== null
    warning.hidden = fits
    running.hidden = sizes.hidden = code.hidden = !fits
    if (!fits) return
    bench.follow(app.state)
    drawSizes(design)
    drawCode(design)
  }

  function drawSizes(design: Design): void {
    const found = sizesOf(design, { side: 8, classes: classes() })
    const row = (name: NetName) => {
      const { widths, units, weights, macs } = found[name]
      return [app.net(name), widths.join(' · '), whole(units), whole(weights), whole(macs)]
    }
    const head = ['', t('build.widths'), t('build.units'), t('count.weights'), t('count.macs')]
    const { handicap } = design
    const off = handicap === 'none' ? null : mismatch(found, handicap)
    const exactly = (share: number) => (share === 0 ? '0\u202f%' : `${signed(100 * share, 1)}\u202f%`)
    sizes.replaceChildren(
      table(t('build.sizes'), head, netNames.map(row)),
      h(
        'p',
        { class: 'note' },
        off
          ? t(`build.equal.${handicap as 'weights'}`, { dense: exactly(off.dense), conv: exactly(off.conv) })
          : t('build.unequal'),
      ),
    )
  }

  function drawCode(design: Design): void {
    const { state } = app
    const look = { side: 8, classes: classes() }
    const settings = {
      seed: state['b.seed'],
      optimizer: state['b.optimizer'],
      rate: state['b.rate'],
      batch: 32,
      epochs: state['b.epochs'],
    }
    code.replaceChildren(
      h(
        'div',
        { class: 'split even' },
        codeBlock(app, 'TypeScript', designInTypescript(mine.code, design, look, settings)),
        codeBlock(app, 'Python (Keras 2)', designInKeras(mine.code, design, look, settings)),
      ),
    )
  }

  const controls = h(
    'fieldset',
    { class: 'controls column build' },
    h('legend', {}, t('build.nets')),
    ...(['depth', 'window', 'step', 'width', 'activation', 'pooling', 'l2', 'dropout', 'handicap'] as const).map(part),
  )
  const training = h(
    'fieldset',
    { class: 'controls column build' },
    h('legend', {}, t('build.training')),
    select(
      t('build.data'),
      [
        ['digits', t('build.data.digits')],
        ['own', t('build.data.own')],
      ] as const,
      app.state['b.data'],
      value => change({ 'b.data': value }),
    ),
    select(
      t('race.train'),
      trainSizes.map(n => [n, whole(n)] as const),
      app.state['b.train'],
      value => change({ 'b.train': value }),
    ),
    select(
      t('race.optimizer'),
      optimizerNames.map(name => [name, optimizers[name]] as const),
      app.state['b.optimizer'],
      value => change({ 'b.optimizer': value }),
    ),
    select(
      t('race.rate'),
      rates.map(n => [n, `${n}`] as const),
      app.state['b.rate'],
      value => change({ 'b.rate': value }),
    ),
    numberField(t('race.seed'), { min: 0, max: 999_999, value: app.state['b.seed'] }, value =>
      change({ 'b.seed': value }),
    ),
    numberField(t('race.epochs'), { min: 1, max: 1_000_000, value: app.state['b.epochs'] }, value =>
      change({ 'b.epochs': value }),
    ),
    checkbox(t('race.shifts'), app.state['b.shifts'] === 'yes', on => change({ 'b.shifts': on ? 'yes' : 'no' })),
    h('p', { class: 'note' }, t(app.state['b.data'] === 'own' && !bench.canLearnOwn ? 'build.data.none' : 'race.anew')),
  )
  const tries = select(
    t('build.try'),
    (['own', 'level', 'dense', 'conv', 'local'] as const).map(name => [name, t(`build.try.${name}`)] as const),
    'own',
    name => {
      if (name === 'own') return
      change({ ...plain, ...presets[name] })
      app.show()
    },
  )
  const codeOf = select(
    t('build.code.of'),
    netNames.map(name => [name, app.net(name)] as const),
    mine.code,
    name => {
      mine.code = name
      drawCode(designOf(app.state))
    },
  )
  follow()

  return {
    element: h(
      'div',
      {},
      running,
      h(
        'div',
        { class: 'builder' },
        h('div', { class: 'settings' }, tries, controls, training),
        h(
          'div',
          {},
          warning,
          sizes,
          h('ul', { class: 'key' }, ...netNames.map(name => h('li', { class: name }, app.net(name)))),
          chart.element,
          said.element,
        ),
      ),
      h(
        'details',
        { class: 'codes', 'data-control': 'code' },
        h('summary', {}, t('build.code')),
        h('div', { class: 'narrow' }, codeOf),
        code,
      ),
    ),
    update() {
      bar.update()
      const { measured, status } = bench.store
      if (measured.length === 0 || !status) return
      const layer = (kind: 'testAccuracy' | 'accuracy') => ({
        xs: measured.map(({ epoch }) => epoch),
        lines: netNames.map(name => measured.map(({ nets }) => nets[name][kind])),
      })
      chart.until(app.state['b.epochs'])
      chart.draw(layer('testAccuracy'), layer('accuracy'))
      const own = bench.ownOf(status)
      const design = status.design ?? designOf(app.state)
      const number = own ? own.classes.length : 10
      said.draw(status, {
        sizes: sizesOf(design, { side: 8, classes: number }),
        tests: own ? own.pictures.filter((_, i) => i % 4 === 1).length : 360,
        pools: design.pooling !== 'none',
      })
    },
    close() {
      chart.close()
    },
  }
}
