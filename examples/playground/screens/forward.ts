// Screen 10: the forward pass in numbers, and backwards, where the gradient of a weight comes from.

import type { App, Screen } from '../app.ts'
import type { Pass } from '../arithmetic.ts'
import { button, slider } from '../controls.ts'
import { h } from '../dom.ts'
import { arithmeticCard } from '../forward/arithmetic-card.ts'
import { weightEditor } from '../forward/weight-editor.ts'
import { type NetName, netNames, type PerNet, perNet } from '../nets.ts'
import { canvas, drawDigit } from '../pictures.ts'
import { trainBar } from '../train-bar.ts'
import type { Unit, WeightAt } from '../wiring.ts'

const newsEvery = 200 // ms
const pictures = 6 // whose gradients are shown

/** What is chosen beside the unit: a weight of it in each net, and which net's may be changed. */
interface Chosen {
  net: NetName
  at: PerNet<WeightAt>
}

export function forward(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const chosen: Chosen = store.remember('forward', () => ({
    net: 'local',
    at: perNet(name => ({ of: 'window', k: name === 'dense' ? pixelUnder(unit(), 4) : 4 })),
  }))
  let isClosed = false
  let asked = 0
  let drawnAt = -Infinity

  function unit(): Unit {
    const { row, col, filter } = app.state
    return { place: row * 6 + col, filter: filter - 1 }
  }

  function chooseUnit({ place, filter }: Unit): void {
    app.set({ row: Math.floor(place / 6), col: place % 6, filter: filter + 1 })
    const { at } = chosen
    if (at.local.of === 'window') chosen.at = { ...at, dense: { of: 'window', k: pixelUnder(unit(), at.local.k) } }
    draw()
  }

  /** The same weight in all nets, as far as they have it. */
  function chooseWeight(net: NetName, at: WeightAt): void {
    chosen.net = net
    if (at.of !== 'window') chosen.at = perNet(() => at)
    else if (net === 'dense') {
      const k = placeInWindow(unit(), at.k)
      const windowed = k === null ? {} : ({ local: { of: 'window', k }, conv: { of: 'window', k } } as const)
      chosen.at = { ...chosen.at, ...windowed, dense: at }
    } else chosen.at = { dense: { of: 'window', k: pixelUnder(unit(), at.k) }, local: at, conv: at }
    draw()
  }

  const picture = canvas(8, 8, '')
  const cards = netNames.map(name => arithmeticCard(app, name, chooseUnit, at => chooseWeight(name, at)))
  const direction = (value: 'forward' | 'back') =>
    button(t(`forward.${value}`), () => {
      app.set({ direction: value })
      draw()
    })
  const directions = { forward: direction('forward'), back: direction('back') }
  const filter = slider(t('unit.filter'), { min: 1, max: 8, value: app.state.filter }, value =>
    chooseUnit({ ...unit(), filter: value - 1 }),
  )
  const filterInput = filter.querySelector('input') as HTMLInputElement
  const filterShown = filter.querySelector('output') as HTMLOutputElement
  const edit = weightEditor(app, (to, goesOn) => store.setWeight(chosen.net, unit(), chosen.at[chosen.net], to, goesOn))

  async function draw(): Promise<void> {
    const mine = ++asked
    const { digit, direction } = app.state
    const at = unit()
    const { pixels, label } = await store.ask('digit', digit)
    const isBack = direction === 'back'
    const [{ nets }, ...gradients] = await Promise.all([
      store.ask('pass', pixels, at),
      ...(isBack ? netNames.map(name => store.ask('gradient', name, at, chosen.at[name], digit, pictures)) : []),
    ])
    if (isClosed || mine !== asked) return
    const [row, col] = [app.state.row, app.state.col]
    drawDigit(picture, pixels, { row, col, size: 3, colour: '--local' })
    picture.setAttribute('aria-label', t('unit.sees.patch', { label, row: row + 1, col: col + 1 }))
    for (const [name, shown] of Object.entries(directions))
      shown.setAttribute('aria-pressed', String(name === direction))
    filterInput.value = String(at.filter + 1)
    filterShown.textContent = filterInput.value
    cards.forEach((card, i) => {
      const isChosen = chosen.net === card.name
      card.draw({
        pass: nets[card.name],
        unit: at,
        chosen: chosen.at[card.name],
        isChosen,
        gradient: gradients[i] ?? null,
      })
    })
    edit.show(
      t('forward.edit.title', { net: app.net(chosen.net), weight: nameOf(app, chosen.at[chosen.net], chosen.net) }),
      {
        value: weightOf(nets[chosen.net], chosen.at[chosen.net]),
        places: chosen.net === 'conv' && chosen.at.conv.of !== 'answer' ? 36 : 1,
      },
    )
    element.dataset.version = String(store.status?.version)
  }

  const element = h(
    'div',
    { class: 'forward' },
    bar.element,
    h(
      'div',
      { class: 'forward-top' },
      h('figure', { class: 'thumb' }, picture),
      h(
        'div',
        { class: 'actions' },
        button(t('unit.next'), () => {
          app.set({ digit: (app.state.digit + 1) % 360 })
          draw()
        }),
        h(
          'div',
          { class: 'either', role: 'group', 'aria-label': t('forward.direction') },
          directions.forward,
          directions.back,
        ),
      ),
      filter,
      edit.element,
    ),
    h('div', { class: 'cards' }, ...cards.map(({ element }) => element)),
    h('p', { class: 'note legend' }, t('forward.keys')),
  )
  return {
    element,
    update() {
      bar.update()
      const now = performance.now()
      if (store.status?.playing && now - drawnAt < newsEvery) return // at the end of the training there is one more
      drawnAt = now
      draw()
    },
    close() {
      isClosed = true
    },
  }
}

const pixelUnder = ({ place }: Unit, k: number) =>
  (Math.floor(place / 6) + Math.floor(k / 3)) * 8 + (place % 6) + (k % 3)

function placeInWindow({ place }: Unit, pixel: number): number | null {
  const [row, col] = [Math.floor(pixel / 8) - Math.floor(place / 6), (pixel % 8) - (place % 6)]
  return row >= 0 && row < 3 && col >= 0 && col < 3 ? row * 3 + col : null
}

function weightOf({ unit, answers }: Pass, at: WeightAt): number {
  if (at.of === 'bias') return unit.bias
  return at.of === 'answer' ? answers[at.digit].weight : unit.terms[at.k].weight
}

function nameOf({ t }: App, at: WeightAt, name: NetName): string {
  if (at.of === 'bias') return t('forward.bias')
  if (at.of === 'answer') return t('forward.to', { digit: at.digit })
  const side = name === 'dense' ? 8 : 3
  const where = t('unit.cell', { row: Math.floor(at.k / side) + 1, col: (at.k % side) + 1 })
  return t('forward.window', { where })
}
