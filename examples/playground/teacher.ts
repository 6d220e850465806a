// The teacher's dialog: lecture mode, questions first, what students need not see, a link with all that, a worksheet.

import type { App } from './app.ts'
import { hidable } from './control-names.ts'
import { button, checkbox } from './controls.ts'
import { freshId, h } from './dom.ts'
import { start, writeState } from './state.ts'
import { printWorksheet } from './worksheet.ts'

/** @param show makes the screen anew */
export function teacherDialog(app: App, show: () => void): HTMLDialogElement {
  const { t } = app
  const hidden = new Set(app.state.hide.split('.').filter(name => name !== ''))
  const id = freshId()
  const link = h('input', { type: 'text', readonly: true, class: 'link', 'aria-label': t('teacher.link') })
  const copied = h('span', { class: 'note', role: 'status' })
  const apply = (change: Parameters<App['set']>[0]) => {
    app.set(change)
    aim()
  }
  /** Of the page as it is set, for others: their language is their browser's, if this one's is not wanted. */
  const aim = () => {
    const [page] = location.href.split('#')
    link.value = page + writeState(app.state)
    copied.textContent = ''
  }
  const hide = (name: string, on: boolean) => {
    if (on) hidden.add(name)
    else hidden.delete(name)
    apply({ hide: hidable.flatMap(([name]) => (hidden.has(name) ? [name] : [])).join('.') })
  }
  const boxes = (part: typeof hidable) =>
    h(
      'div',
      { class: 'boxes' },
      ...part.map(([name, text]) => checkbox(t(text), hidden.has(name), on => hide(name, on))),
    )
  const isScreen = (name: string) => /^[A-Z]/.test(name)
  const dialog = h(
    'dialog',
    { class: 'teacher', 'aria-labelledby': id },
    h(
      'form',
      { method: 'dialog' },
      h(
        'div',
        { class: 'heading' },
        h('h2', { id }, t('teacher.title')),
        h('button', { value: 'close' }, t('teacher.close')),
      ),
      h('p', { class: 'note' }, t('teacher.lead')),
      h(
        'div',
        { class: 'boxes' },
        checkbox(t('teacher.lecture'), app.state.mode === 'lecture', on => apply({ mode: on ? 'lecture' : 'page' })),
        checkbox(t('teacher.ask'), app.state.ask === 'yes', on => apply({ ask: on ? 'yes' : 'no' })),
        checkbox(t('teacher.keys'), app.state.keys === 'on', on => apply({ keys: on ? 'on' : 'off' })),
      ),
      h('h3', {}, t('teacher.hide.screens')),
      boxes(hidable.filter(([name]) => isScreen(name))),
      h('h3', {}, t('teacher.hide.controls')),
      boxes(hidable.filter(([name]) => !isScreen(name))),
      h('h3', {}, t('teacher.link')),
      h(
        'div',
        { class: 'actions' },
        link,
        button(t('check.copy'), () => {
          link.select()
          document.execCommand('copy') // works from a file too, where navigator.clipboard may not
          copied.textContent = t('check.copied')
        }),
        button(t('teacher.all'), () => {
          hidden.clear()
          apply({ hide: start.hide })
          for (const box of dialog.querySelectorAll<HTMLInputElement>('.boxes ~ .boxes input')) box.checked = false
        }),
        copied,
      ),
      h('h3', {}, t('sheet.title')),
      h(
        'div',
        { class: 'actions' },
        button(t('sheet.print'), () => printWorksheet(app, false)),
        button(t('sheet.print.answers'), () => printWorksheet(app, true)),
      ),
    ),
  )
  aim()
  dialog.addEventListener('close', () => {
    dialog.remove()
    show()
  })
  return dialog
}
