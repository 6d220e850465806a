// The languages of the page.

import type { State } from './state.ts'
import type { Key, Texts } from './texts/en.ts'

export type Language = State['lang']

export const languages: Record<Language, { readonly name: string; readonly tag: string }> = {
  en: { name: 'English', tag: 'en' },
  zh: { name: '简体中文', tag: 'zh-Hans' },
  'zh-TW': { name: '繁體中文', tag: 'zh-Hant-TW' },
}

let texts: Record<Language, Texts> | null = null

/** @param packed of texts/index.ts, as JSON: the build packs them into the page, which is a third smaller so */
export function loadTexts(packed: string): void {
  texts = JSON.parse(packed)
}

/** A text, with values for its {names}. */
export function textOf(lang: Language, key: Key, values: Record<string, string | number> = {}): string {
  return (texts?.[lang][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => `${values[name] ?? ''}`)
}

/** The first of a reader's languages that the page has. @param wanted as in `navigator.languages` */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    if (/^zh\b.*(hant|tw|hk|mo)/i.test(tag)) return 'zh-TW'
    if (/^zh\b/i.test(tag)) return 'zh'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'en'
}
