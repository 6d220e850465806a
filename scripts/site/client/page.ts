// What every page does: the menu on small screens, the theme, the languages, the heading that is being read, and the
// search, whose script and index load when the reader turns to it.

import { choose, chosen } from './choices.ts'

const { documentElement: html } = document
const one = <E extends HTMLElement>(selector: string) => document.querySelector<E>(selector)

// ---- Menu

const menu = one<HTMLButtonElement>('.menu')
const open = (isOpen: boolean) => {
  menu?.setAttribute('aria-expanded', String(isOpen))
  document.body.classList.toggle('menu-open', isOpen)
}
menu?.addEventListener('click', () => open(menu.getAttribute('aria-expanded') !== 'true'))
addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && document.body.classList.contains('menu-open')) {
    open(false)
    menu?.focus()
  }
})
one('.sections [aria-current]')?.scrollIntoView({ block: 'nearest' })
scrollTo({ top: location.hash ? scrollY : 0 })

// ---- Theme

const button = one<HTMLButtonElement>('.theme')
const themes = ['auto', 'light', 'dark'] as const
function showTheme(): void {
  const theme = html.dataset.theme ?? 'auto'
  if (button) {
    const label = `${button.dataset.label}: ${button.dataset[theme]}`
    button.title = label
    button.setAttribute('aria-label', label)
    button.dataset.theme = theme
  }
  // Pictures follow the theme that was chosen, not only the system's.
  for (const source of document.querySelectorAll<HTMLSourceElement>('picture source')) {
    source.dataset.media ??= source.media
    if (!source.dataset.media.includes('prefers-color-scheme')) continue
    const isFor = source.dataset.media.includes('dark') ? 'dark' : 'light'
    source.media = theme === 'auto' ? source.dataset.media : theme === isFor ? 'all' : 'not all'
  }
}
button?.addEventListener('click', () => {
  const now = themes.indexOf((html.dataset.theme ?? 'auto') as 'auto')
  const next = themes[(now + 1) % themes.length]
  if (next === 'auto') delete html.dataset.theme
  else html.dataset.theme = next
  choose('theme', next === 'auto' ? null : next)
  showTheme()
})
showTheme()

// ---- Languages

for (const link of document.querySelectorAll<HTMLAnchorElement>('.languages a'))
  link.addEventListener('click', () => choose('language', link.dataset.language ?? null))
const language = chosen('language')
if (language && language !== html.lang) {
  const link = one<HTMLAnchorElement>(`.languages a[data-language="${language}"][data-same]`)
  link?.classList.add('wanted')
}

// ---- The heading that is being read

const links = new Map(
  [...document.querySelectorAll<HTMLAnchorElement>('.contents a')].map(link => [
    decodeURIComponent(link.hash.slice(1)),
    link,
  ]),
)
let current: HTMLAnchorElement | undefined
function showCurrent(): void {
  let found: HTMLAnchorElement | undefined
  for (const [id, link] of links) {
    const heading = document.getElementById(id)
    if (heading && heading.getBoundingClientRect().top < 120) found = link
  }
  if (found === current) return
  current?.removeAttribute('aria-current')
  found?.setAttribute('aria-current', 'true')
  found?.scrollIntoView({ block: 'nearest' })
  current = found
}
let waiting = false
addEventListener(
  'scroll',
  () => {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      showCurrent()
    })
  },
  { passive: true },
)

// ---- Search

const query = one<HTMLInputElement>('#query')
let isLoading = false
function loadSearch(): void {
  if (isLoading) return
  isLoading = true
  for (const name of [`search-${html.lang}.js`, 'search.js']) {
    const script = document.createElement('script')
    script.src = `${html.dataset.root}${name}`
    script.async = false // in order
    document.head.append(script)
  }
}
query?.addEventListener('focus', loadSearch)
query?.addEventListener('input', loadSearch)
addEventListener('keydown', event => {
  const inText = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')
  if (inText || event.ctrlKey || event.metaKey || event.altKey || event.key !== '/') return
  event.preventDefault()
  query?.focus()
})
