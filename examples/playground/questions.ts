// A question for each screen, to be answered before its buttons work. Answers stay in the page's memory.

import type { App } from './app.ts'
import { button } from './controls.ts'
import { type Child, freshId, h, type Props } from './dom.ts'
import type { ScreenName } from './state.ts'

const options = [1, 2, 3] as const
type Option = (typeof options)[number]

/** Which option is right. A screen without a question is not listed. */
const rightOptions = {
  unit: 2,
  count: 2,
  race: 1,
  mosaic: 1,
  shift: 3,
  share: 2,
  place: 2,
  draw: 3,
  check: 2,
  history: 3,
  forward: 1,
  build: 3,
} as const satisfies Partial<Record<ScreenName, Option>>

export type Asked = keyof typeof rightOptions
const isAsked = (screen: ScreenName): screen is Asked => screen in rightOptions

/** The right option of a screen's question; undefined without a question. */
export const rightOf = (screen: ScreenName): Option | undefined => (isAsked(screen) ? rightOptions[screen] : undefined)

/** Controls that wait for the answer. Any screen can have several. */
export const gate = (props: Props, ...children: Child[]): HTMLFieldSetElement =>
  h('fieldset', { ...props, class: `gate ${props.class ?? ''}` }, ...children)

const answersOf = ({ store }: App) => store.remember('answers', () => ({}) as Partial<Record<ScreenName, Option>>)

/** Whether this screen's controls wait. */
export const isWaiting = (app: App, screen: ScreenName): boolean =>
  app.state.ask === 'yes' && isAsked(screen) && answersOf(app)[screen] === undefined

/** Locks or unlocks what is gated. */
export function applyGates(app: App, frame: HTMLElement): void {
  const waits = isWaiting(app, app.state.screen)
  for (const element of frame.querySelectorAll<HTMLFieldSetElement>('fieldset.gate')) element.disabled = waits
}

/** The question of a screen, or null. @param answered is called at every answer */
export function questionCard(app: App, answered: () => void): HTMLElement | null {
  const { t, state } = app
  const { screen } = state
  if (state.ask === 'no' || !isAsked(screen)) return null
  const correct = rightOptions[screen]
  const answers = answersOf(app)
  const name = freshId()
  const said = h('p', { role: 'status' })
  const reveal = button(t('ask.reveal'), () => {
    said.textContent = app.join([t(answers[screen] === correct ? 'ask.right' : 'ask.wrong'), t(`${screen}.answer`)])
    reveal.hidden = true
  })
  const draw = () => {
    said.textContent = t(answers[screen] ? 'ask.answered' : 'ask.first')
    reveal.hidden = !answers[screen]
  }
  const choices = options.map(option => {
    const id = freshId()
    const input = h('input', { type: 'radio', name, id, value: option, checked: answers[screen] === option })
    input.addEventListener('change', () => {
      answers[screen] = option
      draw()
      answered()
    })
    return h('div', { class: 'choice' }, input, h('label', { for: id }, t(`${screen}.option${option}`)))
  })
  draw()
  return h(
    'fieldset',
    { class: 'question' },
    h('legend', {}, t(`${screen}.question`)),
    h('div', { class: 'choices' }, ...choices),
    h('div', { class: 'asked' }, said, reveal),
  )
}
