// The search, without a server: the index of the language is a script beside this one.

import MiniSearch from 'minisearch'
import { answers, searchOptions } from '../search-words.js'

declare const searchIndex: string

const index = MiniSearch.loadJSON(searchIndex, searchOptions)
const { root } = document.documentElement.dataset
const query = document.querySelector('#query') as HTMLInputElement
const list = document.querySelector('#found') as HTMLElement
const status = document.querySelector('.search [role=status]') as HTMLElement
const texts = document.querySelector('.languages [aria-current]')?.getAttribute('lang') ?? 'en'
const nothing = {
  en: 'Nothing found. Try another word.',
  'zh-CN': '没有结果，请换一个词。',
  'zh-TW': '沒有結果，請換一個詞。',
}
const MOST_PAGES = 8
const MOST_SECTIONS = 3

let at = -1
const options = () => [...list.querySelectorAll<HTMLAnchorElement>('a')]

function element(tag: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const made = document.createElement(tag)
  made.className = className
  made.append(...content)
  return made
}

function show(): void {
  const text = query.value.trim()
  list.replaceChildren()
  at = -1
  query.removeAttribute('aria-activedescendant')
  if (text === '') {
    close()
    return
  }
  const found = answers(index, text).slice(0, MOST_PAGES)
  for (const { sections } of found) {
    const [best] = sections
    for (const [i, section] of sections.slice(0, MOST_SECTIONS).entries()) {
      const link = document.createElement('a')
      link.href = `${root}${section.url}`
      link.id = `found-${options().length}`
      link.setAttribute('role', 'option')
      link.tabIndex = -1
      link.className = i === 0 ? 'page' : 'section'
      const title = i === 0 ? best.name : section.heading || section.name
      link.append(element('span', 'title', i === 0 && section.heading ? `${title} › ${section.heading}` : title))
      if (i === 0) link.append(element('span', 'start', section.start))
      list.append(link)
    }
  }
  const message = found.length === 0 ? nothing[texts as keyof typeof nothing] : ''
  if (message) list.append(element('p', 'nothing', message))
  status.textContent = message || String(options().length)
  list.hidden = false
  query.setAttribute('aria-expanded', 'true')
  if (options().length > 0) move(0)
}

function close(): void {
  list.hidden = true
  query.setAttribute('aria-expanded', 'false')
  query.removeAttribute('aria-activedescendant')
}

function move(to: number): void {
  const all = options()
  if (all.length === 0) return
  all[at]?.removeAttribute('aria-selected')
  at = (to + all.length) % all.length
  all[at].setAttribute('aria-selected', 'true')
  all[at].scrollIntoView({ block: 'nearest' })
  query.setAttribute('aria-activedescendant', all[at].id)
}

query.addEventListener('input', show)
query.addEventListener('focus', () => query.value && show())
query.addEventListener('keydown', event => {
  if (event.isComposing) return // letters that become Chinese characters
  if (event.key === 'ArrowDown') move(at + 1)
  else if (event.key === 'ArrowUp') move(at - 1)
  else if (event.key === 'Enter') options()[at]?.click()
  else if (event.key === 'Escape') close()
  else return
  event.preventDefault()
})
document.addEventListener('pointerdown', event => {
  if (!(event.target as Element).closest('.search')) close()
})
list.addEventListener('click', close)
if (query.value) show()
