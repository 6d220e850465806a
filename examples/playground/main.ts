// The page: it shows one screen at a time, on the store. What is set is in the address.

import type { App, Screen } from './app.ts'
import { Bench } from './bench.ts'
import { h } from './dom.ts'
import { applyHidden, type FrameActions, frameOf, shownScreens } from './frame.ts'
import { onScreenKeys } from './keys.ts'
import { languages, loadTexts, preferredLanguage, textOf } from './languages.ts'
import { fitType, isOver, usualType } from './lecture.ts'
import { experimentFile, readExperiment } from './own/experiment-file.ts'
import { bytesOf, tableOf, unzipped } from './packed.ts'
import { placeOf } from './place-of.ts'
import { applyGates } from './questions.ts'
import type { RaceSettings } from './race.ts'
import { screens } from './screens/index.ts'
import { readState, type ScreenName, type State, writeState } from './state.ts'
import { Store } from './store.ts'
import { teacherDialog } from './teacher.ts'

let state = readState(location.hash, { lang: preferredLanguage(navigator.languages) })
let store: Store
let bench: Bench
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
  get bench() {
    return bench
  },
  reset() {
    store.setup(wanted, 'reset')
  },
  show,
  async save() {
    const saved = await store.ask('save')
    const built = bench.isOpen ? await bench.save() : null
    const parts = { link: writeState(state), race: { ...saved, own: null }, bench: built, own: bench.own }
    return { name: 'unshared-experiment.safetensors', bytes: experimentFile(parts) }
  },
  async load({ bytes }, done) {
    const { link, race, bench: built, own } = readExperiment(bytes)
    const there = readState(link, { lang: state.lang })
    if (JSON.stringify(settingsOf(there)) !== JSON.stringify(race.settings))
      throw new Error('the settings in the file are not those of its nets')
    await store.load(race)
    try {
      if (built) await bench.load(built)
    } catch (error) {
      await store.undo()
      throw error
    }
    wanted = race.settings
    bench.own = own
    const { lang, screen, mode, ask, keys, hide } = state
    state = { ...there, lang, screen, mode, ask, keys, hide }
    done()
    show()
  },
  say(text) {
    if (said.textContent !== text) said.textContent = text
  },
}

/** Takes over what undo, redo or a file brought back. */
function adopt(change: Partial<State>): void {
  state = { ...state, ...change }
  show()
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
// What a screen finds later may be too much for the type.
new ResizeObserver(() => {
  if (screen && state.mode === 'lecture') requestAnimationFrame(() => isOver(frame) && refit())
}).observe(frame)
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

/** What the build has packed into the page. */
const packed = (id: string): Response => unzipped(bytesOf(document.getElementById(id)?.textContent ?? ''))

async function begin(): Promise<void> {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(await packed('style').text())
  document.adoptedStyleSheets = [sheet]
  loadTexts(await packed('texts').text())
  frame.append(h('p', { class: 'loading', role: 'status' }, app.t('page.loading')))
  const worker = await packed('worker').text()
  const digits = tableOf(new Uint8Array(await packed('digits').arrayBuffer()))
  const open = () => new Store(worker, digits)
  store = open()
  store.onNews = update
  store.onSettings = ({ settings }) => {
    wanted = settings
    const { shifts, ...same } = settings
    adopt({ ...same, shifts: shifts ? 'yes' : 'no' } as Partial<State>)
  }
  bench = new Bench(open, { news: update, settings: adopt })
  wanted = settingsOf(state)
  await store.setup(wanted)
  state = readState(location.hash, { lang: state.lang }) // it may have changed meanwhile
  follow()
  show()
}
begin().catch(error => {
  const text = app.t('page.failed', { error: String(error) })
  // Before there are texts, their keys come instead.
  frame.append(h('p', { class: 'warning', role: 'alert' }, text === 'page.failed' ? String(error) : text))
})
