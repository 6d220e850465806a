// Before anything shows: the theme that was chosen, and, at the entrance, the reader's language.

import { chosen } from './choices.ts'

const { documentElement: html } = document
const theme = chosen('theme')
if (theme === 'light' || theme === 'dark') html.dataset.theme = theme

const isEntrance = html.dataset.root === '' && /(^|\/)(index\.html)?$/.test(location.pathname) && html.lang === 'en'
if (isEntrance && !location.hash) {
  const wanted = chosen('language') ?? languageOf(navigator.languages)
  if (wanted !== 'en') addEventListener('DOMContentLoaded', () => follow(wanted))
}

/** The first of the reader's languages that the site has. */
function languageOf(languages: readonly string[]): string {
  for (const language of languages) {
    if (/^en\b/i.test(language)) return 'en'
    if (/^zh\b/i.test(language)) return /hant|tw|hk|mo/i.test(language) ? 'zh-TW' : 'zh-CN'
  }
  return 'en'
}

function follow(language: string): void {
  const link = document.querySelector<HTMLAnchorElement>(`.languages a[data-language="${language}"]`)
  if (link) location.replace(link.href)
}
