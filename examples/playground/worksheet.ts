// The worksheet: a page of questions for a class, and if wanted, a page of answers. It is there while it is printed.

import type { App } from './app.ts'
import { nameOf } from './control-names.ts'
import { h } from './dom.ts'
import { type Asked, rightOf } from './questions.ts'
import { screenNames } from './state.ts'

const options = [1, 2, 3] as const

export function worksheet({ t, state }: App, withAnswers: boolean): HTMLElement {
  const hidden = state.hide.split('.')
  const asked = screenNames.flatMap(screen => {
    const correct = rightOf(screen)
    return correct === undefined || hidden.includes(nameOf(screen)) ? [] : [{ screen: screen as Asked, correct }]
  })
  const numbered = (screen: (typeof screenNames)[number]) => `${screenNames.indexOf(screen)}. ${t(`${screen}.title`)}`
  const lines = (count: number) => Array.from({ length: count }, () => h('p', { class: 'line' }))
  const questions = asked.map(({ screen }) =>
    h(
      'section',
      {},
      h('h2', {}, numbered(screen)),
      h('p', {}, t(`${screen}.question`)),
      h('ul', {}, ...options.map(option => h('li', {}, '☐ ', t(`${screen}.option${option}`)))),
      h('p', { class: 'small' }, t('sheet.reason')),
      ...lines(1),
      h('p', { class: 'small' }, t('sheet.seen')),
      ...lines(2),
    ),
  )
  const answers = h(
    'div',
    { class: 'answers' },
    h('h1', {}, t('sheet.answers')),
    ...asked.map(({ screen, correct }) =>
      h(
        'section',
        {},
        h('h2', {}, numbered(screen)),
        h('p', {}, h('b', {}, `☒ ${t(`${screen}.option${correct}`)}`)),
        h('p', {}, t(`${screen}.answer`)),
      ),
    ),
  )
  return h(
    'article',
    { class: 'sheet' },
    h('h1', {}, t('sheet.title')),
    h('p', {}, t('page.subtitle')),
    h('p', { class: 'small' }, t('sheet.name')),
    ...questions,
    ...(withAnswers ? [answers] : []),
  )
}

/** Shows the print dialog of the browser with the worksheet alone. */
export function printWorksheet(app: App, withAnswers: boolean): void {
  document.querySelector('.sheet')?.remove()
  const sheet = worksheet(app, withAnswers)
  document.body.append(sheet)
  document.body.classList.add('printing')
  addEventListener(
    'afterprint',
    () => {
      sheet.remove()
      document.body.classList.remove('printing')
    },
    { once: true },
  )
  print()
}
