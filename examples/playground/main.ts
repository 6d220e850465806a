// The page: a frame with ten screens, whose state is in the address.

import type { App, Screen } from './app.ts'
import { Bench } from './bench.ts'
import { button } from './controls.ts'
import { h } from './dom.ts'
import { placeOf } from './place-of.ts'
import type { RaceSettings } from './race.ts'
import { screens } from './screens/index.ts'
import { readState, type ScreenName, type State, screenNames, writeState } from './state.ts'
import { Store } from './store.ts'
import { en, type Key } from './texts/en.ts'
import { zh } from './texts/zh.ts'

const preferred = { lang: navigator.language.startsWith('zh') ? 'zh' : 'en' } as const
let state = readState(location.hash, preferred)
let screen: Screen | null = null
let links: HTMLAnchorElement[] = []

const said = h('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' })
const frame = h('div', { class: 'frame' })
document.body.append(frame, said)

const t: App['t'] = (key, values = {}) =>
  (state.lang === 'zh' ? zh : en)[key].replace(/\{(\w+)\}/g, (_, name) => `${values[name] ?? ''}`)

/** What decides the training: when it changes, the nets start anew. */
function settingsOf({ seed, optimizer, rate, batch, train, shifts }: State): RaceSettings {
  return { seed, optimizer, rate, batch, train, shifts: shifts === 'yes' }
}
/** Of the newest setup, which the worker may not have done yet. */
let wanted: RaceSettings
const isNew = (settings: RaceSettings) => JSON.stringify(settings) !== JSON.stringify(wanted)

const app: App = {
  get state() {
    return state
  },
  get store() {
    return store
  },
  t,
  join: sentences => sentences.join(state.lang === 'zh' ? '' : ' '),
  net: name => t(`net.${name}`),
  set(change) {
    state = { ...state, ...change }
    history.replaceState(null, '', writeState(state))
    aim()
    follow()
  },
  get bench() {
    return bench
  },
  reset() {
    store.setup(wanted, 'reset')
  },
  show,
  say(text) {
    if (said.textContent !== text) said.textContent = text
  },
}

/** Takes over what undo, redo or a file brought back. */
function adopt(change: Partial<State>): void {
  state = { ...state, ...change }
  history.replaceState(null, '', writeState(state))
  show()
}

/** Other settings, other nets. */
function follow(): void {
  const settings = settingsOf(state)
  if (!isNew(settings)) return
  wanted = settings
  store.setup(settings)
}

/** The links keep what is set. They name the page too: a link to a part alone is taken for one that skips. */
function aim(): void {
  const [page] = location.href.split('#')
  for (const link of links) link.href = page + writeState({ ...state, screen: link.dataset.screen as ScreenName })
}

function show(): void {
  const isSame = frame.querySelector('main')?.className === state.screen
  const place = isSame ? placeOf(frame) : null
  screen?.close?.()
  document.documentElement.lang = state.lang === 'zh' ? 'zh-Hans' : 'en'
  const name = state.screen
  const at = screenNames.indexOf(name)
  const title = (name: ScreenName, part: 'name' | 'title' | 'lead') => t(`${name}.${part}` as Key)
  document.title = `${title(name, 'title')} · unshared`
  const link = (to: ScreenName, text: string, props = {}) => h('a', { 'data-screen': to, href: '#', ...props }, text)
  const tab = (to: ScreenName, i: number) => {
    const tab = link(to, ` ${title(to, 'name')}`, { 'aria-current': to === name ? 'page' : undefined })
    tab.prepend(h('span', { class: 'number' }, i))
    return h('li', {}, tab)
  }
  const turn = (to: ScreenName | undefined, key: 'page.back' | 'page.next', rel: string) =>
    to ? link(to, t(key, { name: title(to, 'name') }), { rel }) : h('span', {})

  screen = screens[name](app)
  const heading = h('h2', { tabindex: -1 }, title(name, 'title'))
  const language = button(
    t('page.language'),
    () => {
      app.set({ lang: state.lang === 'zh' ? 'en' : 'zh' })
      show()
    },
    { lang: state.lang === 'zh' ? 'en' : 'zh-Hans' },
  )
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
  frame.replaceChildren(
    skip,
    h(
      'header',
      {},
      h('div', { class: 'top' }, h('h1', {}, t('page.title')), h('p', {}, t('page.subtitle')), language),
      h('nav', { 'aria-label': t('page.screens') }, h('ol', { role: 'list' }, ...screenNames.map(tab))),
    ),
    h('main', { id: 'main', class: name }, heading, h('p', { class: 'lead' }, title(name, 'lead')), screen.element),
    h(
      'footer',
      {},
      h(
        'div',
        { class: 'turn' },
        turn(screenNames[at - 1], 'page.back', 'prev'),
        turn(screenNames[at + 1], 'page.next', 'next'),
      ),
      h('p', { class: 'note' }, t('page.data')),
    ),
  )
  links = [...frame.querySelectorAll<HTMLAnchorElement>('a[data-screen]')]
  aim()
  frame.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  screen.update?.()
  place?.restore()
}

addEventListener('hashchange', () => {
  const before = state
  state = readState(location.hash, { lang: before.lang })
  history.replaceState(null, '', writeState(state)) // without what it could not read
  follow()
  show()
  if (before.screen === state.screen) return
  scrollTo(0, 0)
  frame.querySelector('h2')?.focus({ preventScroll: true })
})
// The charts and pictures take their colours when they are drawn.
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show)

/** A text that the build has packed into the page. */
async function unpack(id: string): Promise<string> {
  const packed = document.getElementById(id)?.textContent ?? ''
  const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0))
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text()
}

let store: Store
let bench: Bench
async function begin(): Promise<void> {
  frame.append(h('p', { class: 'loading', role: 'status' }, t('page.loading')))
  const [worker, digits] = await Promise.all([unpack('worker'), unpack('digits')])
  const open = () => new Store(worker, digits)
  store = open()
  store.onNews = () => screen?.update?.()
  store.onSettings = ({ settings }) => {
    wanted = settings
    const { shifts, ...same } = settings
    adopt({ ...same, shifts: shifts ? 'yes' : 'no' } as Partial<State>)
  }
  bench = new Bench(open, { news: () => screen?.update?.(), settings: adopt })
  wanted = settingsOf(state)
  await store.setup(wanted)
  history.replaceState(null, '', writeState(state))
  show()
}
begin().catch(error => {
  frame.append(h('p', { class: 'warning', role: 'alert' }, t('page.failed', { error: String(error) })))
})
