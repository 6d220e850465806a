// Screen 7: draw a digit, and the three nets read it.

import type { App, Screen } from '../app.ts'
import { button } from '../controls.ts'
import { h, percent } from '../dom.ts'
import { drawingPad } from '../drawing-pad.ts'
import { netNames } from '../nets.ts'
import { canvas, drawDigit } from '../pictures.ts'
import { toPixels } from '../strokes.ts'
import { trainBar } from '../train-bar.ts'

export function draw(app: App): Screen {
  const { t, trainer } = app
  const bar = trainBar(app)
  const preview = canvas(8, 8, t('draw.preview'))
  const answers = netNames.map(name => {
    const digit = h('b', { class: 'answer' }, '–')
    const bars = Array.from({ length: 10 }, (_, i) => {
      const fill = h('span', { class: `fill ${name}` })
      const share = h('span', { class: 'value' })
      return {
        fill,
        share,
        element: h(
          'li',
          {},
          h('span', {}, i),
          h('span', { class: 'track', 'aria-hidden': 'true' }, fill),
          share,
        ),
      }
    })
    const element = h(
      'article',
      { class: `card ${name}` },
      h('h3', {}, app.net(name)),
      digit,
      h('ol', { class: 'bars' }, ...bars.map(({ element }) => element)),
    )
    return { name, digit, bars, element }
  })
  let pixels: Float32Array = new Float32Array(64)
  let isClosed = false

  async function read(): Promise<void> {
    drawDigit(preview, pixels)
    const isEmpty = pixels.every(ink => ink === 0)
    const found = await trainer.ask('read', [...pixels])
    if (isClosed) return
    for (const { name, digit, bars } of answers) {
      const probabilities = found[name]
      const best = probabilities.indexOf(Math.max(...probabilities))
      digit.textContent = isEmpty ? '–' : `${best}`
      bars.forEach(({ fill, share, element }, i) => {
        fill.style.width = isEmpty ? '0' : `${100 * probabilities[i]}%`
        share.textContent = isEmpty ? '' : percent(probabilities[i])
        element.classList.toggle('best', !isEmpty && i === best)
      })
    }
    if (!isEmpty) {
      const [dense, local, conv] = answers.map(({ digit }) => digit.textContent ?? '')
      app.say(t('draw.said', { dense, local, conv }))
    }
  }
  const pad = drawingPad({ label: t('draw.pad'), keys: t('draw.keys') }, strokes => {
    pixels = toPixels(strokes)
    read()
  })
  let example = app.state.digit

  return {
    element: h(
      'div',
      {},
      bar.element,
      h(
        'div',
        { class: 'drawing' },
        h(
          'div',
          { class: 'column' },
          pad.element,
          h('p', { class: 'note' }, t('draw.keys')),
          h(
            'div',
            { class: 'actions' },
            button(t('draw.clear'), pad.clear),
            button(t('draw.example'), async () => {
              pad.clear()
              pixels = Float32Array.from((await trainer.ask('digit', example++)).pixels)
              read()
            }),
          ),
          h('figure', { class: 'small' }, preview, h('figcaption', {}, t('draw.preview'))),
        ),
        h('div', { class: 'cards' }, ...answers.map(({ element }) => element)),
      ),
    ),
    update() {
      bar.update()
      read()
    },
    close() {
      isClosed = true
    },
  }
}
