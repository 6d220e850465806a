// A weight that is set by hand: with a slider, or as a number.

import type { App } from '../app.ts'
import { freshId, h, rich } from '../dom.ts'

const most = 3 // of the slider; the number may be larger

/** @param set `goesOn` while the same hand moves the slider, so that one undo takes all of it back */
export function weightEditor(app: App, set: (value: number, goesOn: boolean) => void) {
  const { t } = app
  const [name, id] = [h('span', {}), freshId()]
  const range = h('input', { type: 'range', min: -most, max: most, step: 0.01, 'aria-labelledby': id })
  const number = h('input', { type: 'number', step: 0.01, 'aria-labelledby': id })
  const note = h('p', { class: 'note' })
  let goesOn = false
  range.addEventListener('input', () => {
    number.value = range.value
    set(Number(range.value), goesOn)
    goesOn = true
  })
  const ends = () => {
    goesOn = false
  }
  for (const end of ['change', 'blur'] as const) range.addEventListener(end, ends)
  number.addEventListener('change', () => {
    if (number.value !== '' && Number.isFinite(Number(number.value))) set(Number(number.value), false)
  })
  return {
    element: h('div', { class: 'weight-editor' }, h('p', { id }, name), range, number, note),
    /** @param places that use the weight */
    show(title: string, { value, places }: { value: number; places: number }): void {
      goesOn &&= name.textContent === title
      name.textContent = title
      const rounded = String(Number(value.toFixed(4)))
      if (document.activeElement !== range) range.value = rounded
      if (document.activeElement !== number || Number(number.value) !== Number(rounded)) number.value = rounded
      note.replaceChildren(...rich(t(places > 1 ? 'forward.edit.shared' : 'forward.edit.one', { places })))
    },
  }
}
