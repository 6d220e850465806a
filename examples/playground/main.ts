// The page: it shows one screen at a time, on the store. What is set is in the address.

import type { App, Screen } from './app.ts'
import { h } from './dom.ts'
import { applyHidden, type FrameActions, frameOf, shownScreens } from './frame.ts'
import { onScreenKeys } from './keys.ts'
import { languages, loadTexts, preferredLanguage, textOf } from './languages.ts'
import { fitType, isOver, usualType } from './lecture.ts'
import { placeOf } from './place-of.ts'
import { applyGates } from './questions.ts'
import type { RaceSettings } from './race.ts'
import { screens } from './screens/index.ts'
import { readState, type ScreenName, type State, writeState } from './state.ts'
import { Store } from './store.ts'
import { teacherDialog } from './teacher.ts'

let state = readState(location.hash, { lang: preferredLanguage(navigator.languages) })
let store: Store
let screen: Screen | null = null

const said = h('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' })
const frame = h('div', { class: 'frame' })
document.body.append(frame, said)

/** What decides the training: when it changes, the nets start anew. */
function settingsOf({ seed, optimizer, rate, batch, train, shifts }: State): RaceSettings {
  return { seed, optimizer, rate, batch, train, shifts: shifts === 'yes' }
}
/** Of the newest setup, which the worker may not have done yet. */
let wanted = settingsOf(state)

const app: App = {
  get state() {
    return state
  },
  get store() {
    return store
  },
  t: (key, values) => textOf(state.lang, key, values),
  join: sentences => sentences.join(state.lang === 'en' ? ' ' : ''),
  net: name => app.t(`net.${name}`),
  set(change) {
    state = { ...state, ...change }
    toAddress()
    follow()
  },
  reset() {
    store.setup(wanted, 'reset')
  },
  say(text) {
    if (said.textContent !== text) said.textContent = text
  },
}

/** The address, and the links, which keep what is set. They name the page: one to a part alone is taken for one that skips. */
function toAddress(): void {
  history.replaceState(null, '', writeState(state))
  const [page] = location.href.split('#')
  for (const link of frame.querySelectorAll<HTMLAnchorElement>('a[data-screen]'))
    link.href = page + writeState({ ...state, screen: link.dataset.screen as ScreenName })
}

/** Other settings, other nets. */
function follow(): void {
  const settings = settingsOf(state)
  if (JSON.stringify(settings) === JSON.stringify(wanted)) return
  wanted = settings
  store.setup(settings)
}

const actions: FrameActions = {
  setLanguage(lang) {
    app.set({ lang })
    show()
  },
  setLecture(isOn) {
    app.set({ mode: isOn ? 'lecture' : 'page' })
    show()
  },
  openTeacher() {
    const dialog = teacherDialog(app, show)
    document.body.append(dialog)
    dialog.showModal()
  },
  answered: () => applyGates(app, frame),
}

/** Makes the screen anew: on another one, in another language or theme. */
function show(): void {
  const { mode, lang } = state
  if (!shownScreens(app).includes(state.screen))
    state = { ...state, screen: shownScreens(app).find(name => name !== null) ?? state.screen }
  const isSame = frame.querySelector('main')?.className === state.screen
  const place = isSame ? placeOf(frame) : null
  screen?.close?.()
  document.documentElement.lang = languages[lang].tag
  document.title = `${app.t(`${state.screen}.title`)} · unshared`
  document.body.classList.toggle('lecture', mode === 'lecture')
  screen = screens[state.screen](app)
  frame.replaceChildren(...frameOf(app, screen, actions))
  toAddress()
  applyHidden(app, frame)
  applyGates(app, frame)
  frame.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  place?.restore()
  update()
  refit()
}

function update(): void {
  screen?.update?.()
  if (state.mode === 'lecture' && isOver(frame)) refit()
}

function refit(): void {
  if (state.mode === 'lecture') fitType(frame)
  else usualType()
}

/** To another screen, by a link or a key. */
function arrive(): void {
  show()
  scrollTo(0, 0)
  frame.querySelector('h2')?.focus({ preventScroll: true })
}

addEventListener('hashchange', () => {
  const before = state
  if (!screen) return // still loading
  state = readState(location.hash, { lang: before.lang })
  toAddress() // without what could not be read
  follow()
  if (before.screen === state.screen) show()
  else arrive()
})
addEventListener('resize', refit)
// The charts and pictures take their colours when they are drawn.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  if (screen) show()
})
onScreenKeys({
  screens: () => shownScreens(app),
  current: () => state.screen,
  isOn: () => state.keys === 'on' && screen !== null,
  isLecture: () => state.mode === 'lecture',
  go(to) {
    state = { ...state, screen: to }
    history.pushState(null, '', writeState(state))
    arrive()
  },
})

/** A text that the build has packed into the page. */
async function unpack(id: string): Promise<string> {
  const packed = document.getElementById(id)?.textContent ?? ''
  const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
}

async function begin(): Promise<void> {
  loadTexts(await unpack('texts'))
  frame.append(h('p', { class: 'loading', role: 'status' }, app.t('page.loading')))
  const [worker, digits] = await Promise.all([unpack('worker'), unpack('digits')])
  store = new Store(worker, digits)
  store.onNews = update
  store.onSettings = settings => {
    wanted = settings
    const { shifts, ...same } = settings
    state = { ...state, ...same, shifts: shifts ? 'yes' : 'no' } as State
    show()
  }
  await store.setup(wanted)
  state = readState(location.hash, { lang: state.lang }) // it may have changed meanwhile
  follow()
  show()
}
begin().catch(error => {
  frame.append(h('p', { class: 'warning', role: 'alert' }, app.t('page.failed', { error: String(error) })))
})
