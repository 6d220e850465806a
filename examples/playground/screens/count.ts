// Screen 1: links, weights and multiply-adds of one layer, with the formula filled in.

import type { App, Screen } from '../app.ts'
import { select, slider, table } from '../controls.ts'
import { type Counts, countsOf, kerasSummary, outputSide } from '../counts.ts'
import { h, whole } from '../dom.ts'
import { netNames } from '../nets.ts'
import { gate } from '../questions.ts'

export function count(app: App): Screen {
  const { t } = app
  const result = h('div', { class: 'result' })
  const summary = h('pre', { tabindex: 0, role: 'region', 'aria-label': t('count.keras') })
  const keras = h('div', {}, h('h3', {}, t('count.keras')), summary)
  const border = h('p', { class: 'note' }, t('count.border'))
  const control = (name: 'size' | 'kernel' | 'stride' | 'filters', min: number, max: number) =>
    slider(t(`count.${name}`), { min, max, value: app.state[name] }, value => {
      app.set({ [name]: value })
      draw()
    })

  function draw(): void {
    const look = app.state
    const counts = countsOf(look)
    const side = outputSide(look)
    if (side === 0) {
      result.replaceChildren(h('p', { class: 'warning', role: 'alert' }, t('count.none')))
      keras.hidden = border.hidden = true
      return
    }
    const most = Math.ceil(Math.log10(Math.max(...netNames.map(name => counts[name].weights))))
    const along = (weights: number) => `${(100 * Math.log10(weights)) / most}%`
    const bar = (weights: number, name: string) => {
      const fill = h('span', { class: `fill ${name}` })
      fill.style.width = along(weights)
      return h('div', { class: 'track', 'aria-hidden': 'true' }, fill)
    }
    const tick = (power: number) => {
      const mark = h('span', {}, '10', h('sup', {}, power))
      mark.style.left = along(10 ** power)
      return mark
    }
    const axis = h(
      'div',
      { class: 'ticks', 'aria-hidden': 'true' },
      ...Array.from({ length: most + 1 }, (_, power) => tick(power)),
    )
    const row = (name: (typeof netNames)[number]) => {
      const wiring = name === 'local' ? look.padding : name
      return h(
        'div',
        { class: `amount ${name}` },
        h(
          'div',
          { class: 'heading' },
          h('h3', {}, app.net(name)),
          h('span', { class: 'note' }, t(`count.formula.${wiring}`)),
        ),
        h('p', { class: 'formula' }, `${counts[name].formula} = `, h('b', {}, whole(counts[name].weights))),
        bar(counts[name].weights, name),
      )
    }
    const numbers = (kind: keyof Omit<Counts, 'formula'>) => [
      t(`count.${kind}`),
      ...netNames.map(name => whole(counts[name][kind])),
    ]
    result.replaceChildren(
      h(
        'p',
        { class: 'note' },
        t('count.output', { side, filters: look.filters, units: whole(side * side * look.filters) }),
      ),
      ...netNames.map(row),
      axis,
      h('p', { class: 'note' }, t('count.log')),
      table(t('count.table'), ['', ...netNames.map(app.net)], [numbers('links'), numbers('weights'), numbers('macs')]),
    )
    keras.hidden = false
    summary.textContent = kerasSummary(look)
    border.hidden = look.padding === 'valid'
  }
  draw()

  return {
    element: h(
      'div',
      { class: 'split' },
      gate(
        { class: 'controls column' },
        control('size', 4, 32),
        control('kernel', 1, 7),
        control('stride', 1, 4),
        control('filters', 1, 32),
        select(
          t('count.padding'),
          [
            ['valid', t('count.valid')],
            ['same', t('count.same')],
          ],
          app.state.padding,
          padding => {
            app.set({ padding })
            draw()
          },
        ),
      ),
      h('div', {}, result, keras, border),
    ),
  }
}
