// A program to read and to copy.

import type { App } from './app.ts'
import { button } from './controls.ts'
import { h } from './dom.ts'

export function codeBlock({ t, say }: Pick<App, 't' | 'say'>, title: string, text: string): HTMLElement {
  const shown = h('pre', { tabindex: 0, role: 'region', 'aria-label': title }, text)
  const copy = button(t('check.copy'), () => {
    getSelection()?.selectAllChildren(shown)
    document.execCommand('copy') // works from a file too, where navigator.clipboard may not
    say(t('check.copied'))
    copy.textContent = t('check.copied')
  })
  return h('div', { class: 'code' }, h('div', { class: 'heading' }, h('h3', {}, title), copy), shown)
}
