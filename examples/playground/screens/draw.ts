// Screen 7: draw a digit, and the three nets read it.

import type { App, Screen } from '../app.ts'
import { button, opens } from '../controls.ts'
import { h, percent } from '../dom.ts'
import { drawingPad } from '../drawing-pad.ts'
import { netNames } from '../nets.ts'
import { canvas, drawDigit, drawTiles, largest } from '../pictures.ts'
import { squareTable } from '../square-table.ts'
import { type Stroke, toPixels } from '../strokes.ts'
import { trainBar } from '../train-bar.ts'

const newsEvery = 200 // ms while nets train

export function draw(app: App): Screen {
  const { t, store } = app
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
        element: h('li', {}, h('span', {}, i), h('span', { class: 'track', 'aria-hidden': 'true' }, fill), share),
      }
    })
    const map = canvas(8, 8, t('draw.map'))
    const mapped = h('figcaption', {}, t('draw.map'))
    const element = h(
      'article',
      { class: `card ${name}` },
      h('h3', {}, app.net(name)),
      digit,
      h('ol', { class: 'bars' }, ...bars.map(({ element }) => element)),
      h('figure', {}, map, mapped),
    )
    return { name, digit, bars, map, mapped, element }
  })
  const mine = store.remember('draw', () => ({
    strokes: [] as Stroke[],
    pixels: new Float32Array(64) as Float32Array,
    example: app.state.digit,
  }))
  let isClosed = false
  let reading = 0
  let readAt = -Infinity
  let timer: ReturnType<typeof setTimeout> | undefined
  let found: Awaited<ReturnType<typeof explain>> | null = null
  const explain = () => store.ask('explain', [...mine.pixels])
  const numbers = opens(t('draw.numbers'), () => {
    const tables = netNames.map(name =>
      squareTable(app, t('draw.table', { net: app.net(name) }), found?.[name].pixels ?? []),
    )
    return h('div', { class: 'tables' }, ...tables)
  })

  async function read(): Promise<void> {
    readAt = performance.now()
    drawDigit(preview, mine.pixels)
    const isEmpty = mine.pixels.every(ink => ink === 0)
    drawing.dataset.reading = String(++reading)
    found = await explain()
    drawing.dataset.reading = String(--reading)
    if (isClosed) return
    for (const { name, digit, bars, map, mapped } of answers) {
      const { probabilities, digit: best, pixels: contributed } = found[name]
      digit.textContent = isEmpty ? '–' : `${best}`
      const limit = largest([contributed])
      drawTiles(map, { places: 1, window: 8, value: (_, k) => contributed[k] }, limit)
      mapped.textContent = isEmpty ? t('draw.map') : t('draw.mapped', { digit: best, limit: limit.toFixed(1) })
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
    numbers.update()
  }
  const pad = drawingPad({ label: t('draw.pad'), keys: t('draw.keys') }, mine.strokes, strokes => {
    mine.strokes = [...strokes]
    mine.pixels = toPixels(strokes)
    read()
  })
  const show = (pixels: Float32Array) => {
    pad.clear()
    mine.strokes = []
    mine.pixels = pixels
    read()
  }

  const drawing = h(
    'div',
    { class: 'drawing' },
    h(
      'div',
      { class: 'column' },
      pad.element,
      h(
        'div',
        { class: 'actions' },
        button(t('draw.clear'), () => show(new Float32Array(64))),
        button(t('draw.example'), async () => {
          show(Float32Array.from((await store.ask('digit', mine.example++)).pixels))
        }),
      ),
      h('figure', { class: 'beside' }, preview, h('figcaption', {}, t('draw.preview'))),
      h('p', { class: 'note keys' }, t('draw.keys')),
    ),
    h('div', { class: 'cards' }, ...answers.map(({ element }) => element)),
  )

  return {
    element: h(
      'div',
      {},
      bar.element,
      drawing,
      h('p', { class: 'note why', 'data-control': 'why' }, t('draw.why')),
      numbers.element,
    ),
    update() {
      bar.update()
      clearTimeout(timer)
      timer = setTimeout(read, store.status?.playing ? Math.max(0, readAt + newsEvery - performance.now()) : 0)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
