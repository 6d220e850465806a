// One of the three nets at work on a picture: the maps of its hidden layer, the products of one unit, and either what
// becomes of them in the answers, or where the gradient of a weight comes from.

import type { App } from '../app.ts'
import type { Pass, WeightGradient } from '../arithmetic.ts'
import { opens, table } from '../controls.ts'
import { datum, h, percent } from '../dom.ts'
import type { NetName } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import { unitMaps } from '../unit-maps.ts'
import type { Unit, WeightAt } from '../wiring.ts'

export interface Shown {
  readonly pass: Pass
  readonly unit: Unit
  /** The weight that is looked at. */
  readonly chosen: WeightAt
  /** Whether it may be changed. */
  readonly isChosen: boolean
  /** With it, the card looks backwards. */
  readonly gradient: (WeightGradient & { readonly library: number }) | null
}

const digits = Array.from({ length: 10 }, (_, digit) => digit)
/** Ink as the digits have it, in sixteenths: exactly. */
const pixel = (ink: number) => {
  const isSixteenths = Number.isInteger(16 * ink) && ink > 0 && ink < 1
  return h('data', { value: ink }, isSixteenths ? `${16 * ink}/16` : Number(ink.toFixed(4)))
}

export function arithmeticCard(
  app: App,
  name: NetName,
  chooseUnit: (unit: Unit) => void,
  chooseWeight: (at: WeightAt) => void,
) {
  const { t } = app
  const maps = unitMaps(`--${name}`, chooseUnit)
  const products = name === 'dense' ? allProducts(app, chooseWeight) : windowProducts(app, chooseWeight)
  const bias = h('button', { type: 'button', class: 'number', onclick: () => chooseWeight({ of: 'bias' }) })
  const sum = h('p', { class: 'sum' })
  const answers = answerRows(app, name, chooseWeight)
  const back = h('div', { class: 'back' })
  let errors: readonly (readonly number[])[] = []
  const slopes = opens(t('forward.back.slope'), () => slopeTable(app, name, errors))
  const part = (title: string, ...children: HTMLElement[]) => h('section', {}, h('h4', {}, title), ...children)
  const backPart = part(t('forward.part.gradient'), back)
  const answerPart = part(t('forward.part.answers'), answers.element)
  const element = h(
    'article',
    { class: `card arithmetic ${name}` },
    h('h3', {}, app.net(name)),
    part(t('forward.part.maps'), maps.element),
    part(t('forward.part.products'), products.element, sum),
    answerPart,
  )
  return {
    name,
    element,
    draw({ pass, unit, chosen, isChosen, gradient }: Shown): void {
      const [row, col] = [Math.floor(unit.place / 6) + 1, (unit.place % 6) + 1]
      const { terms, bias: ownBias, sum: total, output } = pass.unit
      maps.draw(pass.outputs, unit, t('forward.maps', { filter: unit.filter + 1, row, col, output: output.toFixed(3) }))
      products.draw(terms, chosen)
      bias.replaceChildren(datum(ownBias))
      bias.setAttribute('aria-label', `${t('forward.bias')} ${bias.textContent}`)
      bias.setAttribute('aria-pressed', String(chosen.of === 'bias'))
      const ofProducts = terms.reduce((sum, { input, weight }) => sum + input * weight, 0)
      sum.replaceChildren(
        ...[t('forward.sum'), ' ', datum(ofProducts), ' + ', t('forward.bias'), ' ', bias, ' = ', datum(total)],
        ...[h('br'), t('forward.relu'), ' ', h('b', {}, datum(output))],
      )
      element.classList.toggle('chosen', isChosen)
      if (gradient) answerPart.replaceWith(backPart)
      else backPart.replaceWith(answerPart)
      answers.draw(pass, chosen)
      if (!gradient) return
      back.replaceChildren(...gradientRows(app, pass, unit, chosen, gradient))
      const [{ label }] = gradient.samples
      errors = pass.answers.map(({ weight, probability }, digit) => [weight, probability - Number(digit === label)])
      if (chosen.of === 'answer') slopes.element.remove()
      else if (!slopes.element.isConnected) backPart.append(slopes.element)
      slopes.update()
    },
  }
}

type Terms = Pass['unit']['terms']

/** Nine products, where the window has them. */
function windowProducts({ t }: App, choose: (at: WeightAt) => void) {
  const cells = Array.from({ length: 9 }, (_, k) =>
    h('button', { type: 'button', class: 'number', onclick: () => choose({ of: 'window', k }) }),
  )
  return {
    element: h('div', { class: 'products', role: 'group', 'aria-label': t('forward.part.products') }, ...cells),
    draw(terms: Terms, chosen: WeightAt): void {
      cells.forEach((cell, k) => {
        const { input, weight } = terms[k]
        const product = h('span', { class: 'product' }, '= ', datum(input * weight))
        cell.replaceChildren(h('span', {}, pixel(input), ' × ', datum(weight)), product)
        cell.setAttribute('aria-pressed', String(chosen.of === 'window' && chosen.k === k))
        cell.classList.toggle('idle', input === 0)
      })
    },
  }
}

/** Sixty-four products: as a picture to choose one from, and as a table. */
function allProducts(app: App, choose: (at: WeightAt) => void) {
  const { t } = app
  const picture = canvas(8, 8, '')
  picture.setAttribute('role', 'application')
  picture.tabIndex = 0
  const one = h('p', { class: 'sum' })
  let shown: { terms: Terms; k: number } = { terms: [], k: 0 }
  /** At once: the next key may come before all is drawn. */
  const go = (k: number) => {
    shown = { ...shown, k }
    choose({ of: 'window', k })
  }
  picture.addEventListener('pointerdown', event => {
    const { left, top, width } = picture.getBoundingClientRect()
    const at = (n: number) => Math.min(7, Math.max(0, Math.floor((8 * n) / width)))
    go(at(event.clientY - top) * 8 + at(event.clientX - left))
  })
  const moves: Record<string, [number, number]> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  }
  picture.addEventListener('keydown', event => {
    const move = moves[event.key]
    if (!move) return
    event.preventDefault()
    const within = (n: number) => Math.min(7, Math.max(0, n))
    go(within(Math.floor(shown.k / 8) + move[0]) * 8 + within((shown.k % 8) + move[1]))
  })
  const all = opens(t('forward.all'), () =>
    table(
      t('forward.all'),
      ['', ...Array.from({ length: 8 }, (_, col) => `${col + 1}`)],
      Array.from({ length: 8 }, (_, row) => [
        `${t('page.row')} ${row + 1}`,
        ...shown.terms.slice(8 * row, 8 * row + 8).map(({ input, weight }) => datum(input * weight)),
      ]),
    ),
  )
  return {
    element: h('div', { class: 'all-products' }, h('div', { class: 'beside' }, picture, one), all.element),
    draw(terms: Terms, chosen: WeightAt): void {
      const k = chosen.of === 'window' ? chosen.k : shown.k
      shown = { terms, k }
      const values = terms.map(({ input, weight }) => input * weight)
      drawTiles(picture, { places: 1, window: 8, value: (_, i) => values[i] }, largest([values]))
      const { input, weight } = terms[k]
      const where = t('unit.cell', { row: Math.floor(k / 8) + 1, col: (k % 8) + 1 })
      one.replaceChildren(
        `${where}:`,
        h('br'),
        pixel(input),
        ' × ',
        datum(weight),
        h('br'),
        '= ',
        datum(input * weight),
      )
      picture.setAttribute('aria-label', t('forward.products.label', { where, product: values[k].toFixed(3) }))
      all.update()
    },
  }
}

/** The unit's share in each answer. */
function answerRows({ t, net }: App, name: NetName, choose: (at: WeightAt) => void) {
  const rows = digits.map(digit => {
    const weight = h('button', { type: 'button', class: 'number', onclick: () => choose({ of: 'answer', digit }) })
    const cells = [h('td', {}, weight), h('td'), h('td'), h('td'), h('td')]
    return { weight, cells, element: h('tr', {}, h('th', { scope: 'row' }, digit), ...cells) }
  })
  const heads = ['weight', 'share', 'rest', 'score', 'probability'] as const
  const element = h(
    'table',
    { class: 'answers' },
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { scope: 'col' }, t('forward.digit')),
        ...heads.map(head => h('th', { scope: 'col' }, t(`forward.head.${head}`))),
      ),
    ),
    h('tbody', {}, ...rows.map(({ element }) => element)),
  )
  return {
    element: h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `${net(name)}: ${t('forward.part.answers')}` },
      element,
    ),
    draw({ answers }: Pass, chosen: WeightAt): void {
      const best = answers.reduce((best, { score }, digit) => (score > answers[best].score ? digit : best), 0)
      rows.forEach(({ weight, cells, element }, digit) => {
        const { weight: value, share, others, bias, score, probability } = answers[digit]
        weight.replaceChildren(datum(value))
        weight.setAttribute('aria-label', `${t('forward.to', { digit })} ${weight.textContent}`)
        weight.setAttribute('aria-pressed', String(chosen.of === 'answer' && chosen.digit === digit))
        ;[
          datum(share),
          datum(others + bias, 2),
          datum(score, 2),
          h('data', { value: probability }, percent(probability)),
        ].forEach((shown, i) => {
          cells[i + 1].replaceChildren(shown)
        })
        element.classList.toggle('best', digit === best)
      })
    },
  }
}

/** Where the gradient comes from: places, then pictures, then what the library says. */
function gradientRows(
  app: App,
  { unit: own }: Pass,
  { place }: Unit,
  at: WeightAt,
  found: WeightGradient & { readonly library: number },
): HTMLElement[] {
  const { t } = app
  const [first] = found.samples
  const line = (...children: (Node | string)[]) => h('p', { class: 'sum' }, ...children)
  const contributions = first.parts.map(({ input, slope }) => input * slope)
  const here = first.parts.find(part => part.place === place) ?? first.parts[0]
  const many = contributions.length > 1
  const grid = () =>
    h(
      'div',
      { class: 'places', role: 'img', 'aria-label': t('forward.places.label') },
      ...contributions.map((value, i) => {
        const cell = datum(value)
        cell.classList.toggle('here', first.parts[i].place === place)
        cell.classList.toggle('idle', value === 0)
        return cell
      }),
    )
  return [
    line(t(at.of === 'answer' ? 'forward.back.answer' : own.output > 0 ? 'forward.back.on' : 'forward.back.off')),
    line(pixel(here.input), ' × ', datum(here.slope, 4), ' = ', datum(here.input * here.slope, 4)),
    ...(many ? [line(t('forward.back.places', { places: contributions.length })), grid()] : []),
    line(t('forward.back.digit', { label: first.label }), ' ', h('b', {}, datum(first.total, 4))),
    line(t('forward.back.pictures', { pictures: found.samples.length })),
    h(
      'ol',
      { class: 'samples' },
      ...found.samples.map(({ label, total }) =>
        h('li', {}, h('span', { class: 'note' }, `${label}: `), datum(total, 4)),
      ),
    ),
    line(t('forward.back.mean'), ' ', h('b', {}, datum(found.gradient, 4))),
    line(t('forward.back.library'), ' ', h('b', {}, datum(found.library, 4))),
  ]
}

/** How the slope at the place comes about: of each answer, the weight and how far it is off. */
function slopeTable({ t, net }: App, name: NetName, rows: readonly (readonly number[])[]): HTMLElement {
  const title = `${net(name)}: ${t('forward.back.slope')}`
  return table(
    title,
    [t('forward.digit'), t('forward.head.weight'), t('forward.error'), '×'],
    rows.map(([weight, error], digit) => [`${digit}`, datum(weight), datum(error), datum(weight * error, 4)]),
  )
}
