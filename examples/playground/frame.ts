// What is around every screen: the title, the language, the screens' tabs, back and next.

import type { App, Screen } from './app.ts'
import { nameOf } from './control-names.ts'
import { button } from './controls.ts'
import { h } from './dom.ts'
import { type Language, languages } from './languages.ts'
import { questionCard } from './questions.ts'
import { type ScreenName, screenNames } from './state.ts'
import type { Key } from './texts/en.ts'

/** The screens by their numbers; null for those that a teacher's link hides. */
export function shownScreens({ state }: App): readonly (ScreenName | null)[] {
  const hidden = state.hide.split('.')
  return screenNames.map(name => (hidden.includes(nameOf(name)) ? null : name))
}

export interface FrameActions {
  setLanguage(lang: Language): void
  setLecture(isOn: boolean): void
  openTeacher(): void
  answered(): void
}

export function frameOf(app: App, screen: Screen, actions: FrameActions): HTMLElement[] {
  const { t, state } = app
  const name = state.screen
  const isLecture = state.mode === 'lecture'
  const title = (name: ScreenName, part: 'name' | 'title' | 'lead') => t(`${name}.${part}` as Key)
  const link = (to: ScreenName, text: string, props = {}) => h('a', { 'data-screen': to, href: '#', ...props }, text)

  const tab = (to: ScreenName, number: number) => {
    const isCurrent = to === name
    // In a lecture the numbers do: the others' names are for those who listen or point.
    const text =
      isLecture && !isCurrent ? h('span', { class: 'hidden' }, ` ${title(to, 'name')}`) : ` ${title(to, 'name')}`
    const tab = link(to, '', { 'aria-current': isCurrent ? 'page' : undefined, title: title(to, 'title') })
    tab.append(h('span', { class: 'number' }, number), text)
    return h('li', {}, tab)
  }
  const shown = screenNames.flatMap((to, number) => (shownScreens(app)[number] ? [{ to, number }] : []))
  const at = shown.findIndex(({ to }) => to === name)
  const turn = (to: ScreenName | undefined, key: 'page.back' | 'page.next', rel: string) =>
    to ? link(to, t(key, { name: title(to, 'name') }), { rel }) : h('span', {})

  const heading = h('h2', { tabindex: -1 }, title(name, 'title'))
  const language = h(
    'select',
    { 'aria-label': t('page.language'), 'data-control': 'language', class: 'language' },
    ...Object.entries(languages).map(([lang, { name, tag }]) =>
      h('option', { value: lang, lang: tag, selected: lang === state.lang }, name),
    ),
  )
  language.addEventListener('change', () => actions.setLanguage(language.value as Language))
  const skip = h(
    'a',
    {
      class: 'skip',
      href: '#main',
      onclick: (event: Event) => {
        event.preventDefault()
        heading.focus()
      },
    },
    t('page.skip'),
  )
  const tools = h(
    'div',
    { class: 'tools' },
    ...(isLecture ? [button(t('teacher.notes'), () => notes(app), { 'data-control': 'why' })] : []),
    button(t(isLecture ? 'teacher.end' : 'teacher.begin'), () => actions.setLecture(!isLecture), {
      'data-control': 'teacher',
    }),
    button(t('teacher.open'), actions.openTeacher, { 'data-control': 'teacher', 'aria-haspopup': 'dialog' }),
    language,
  )
  const question = questionCard(app, actions.answered)
  const lead = h('p', { class: 'lead' }, title(name, 'lead'))
  return [
    skip,
    h(
      'header',
      {},
      h('div', { class: 'top' }, h('h1', {}, t('page.title')), h('p', {}, t('page.subtitle')), tools),
      h(
        'nav',
        { 'aria-label': t('page.screens') },
        h('ol', { role: 'list' }, ...shown.map(({ to, number }) => tab(to, number))),
      ),
    ),
    h('main', { id: 'main', class: name }, heading, lead, ...(question ? [question] : []), screen.element),
    h(
      'footer',
      {},
      h(
        'div',
        { class: 'turn' },
        turn(shown[at - 1]?.to, 'page.back', 'prev'),
        turn(shown[at + 1]?.to, 'page.next', 'next'),
      ),
      h('p', { class: 'note' }, t('page.data')),
    ),
  ]
}

/** Takes away what a teacher's link hides. */
export function applyHidden({ state }: App, frame: HTMLElement): void {
  const hidden = state.hide.split('.')
  for (const element of frame.querySelectorAll<HTMLElement>('[data-control]'))
    if (hidden.includes(element.dataset.control as string)) element.remove()
}

/** The explanations of a screen, which a lecture leaves out, in a dialog. */
function notes({ t, state }: App): void {
  const paragraphs = [...document.querySelectorAll('main .why')].map(element => {
    const copy = element.cloneNode(true) as Element
    for (const button of copy.querySelectorAll('button')) button.remove() // copied without what it does
    return copy
  })
  const dialog = h(
    'dialog',
    { class: 'teacher', 'aria-label': t('teacher.notes') },
    h(
      'form',
      { method: 'dialog' },
      h('div', { class: 'heading' }, h('h2', {}, t(`${state.screen}.title`)), h('button', {}, t('teacher.close'))),
      ...paragraphs,
      h('p', { class: 'note' }, t('page.data')),
    ),
  )
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
}
