// Screens by key: their number (12 as 1, 2), and in lecture mode, arrows, Page Up and Down as presenters send them, Home
// and End. A key that is meant for the element with the focus is left to it.

import type { ScreenName } from './state.ts'

/** As long may a second digit take, in ms. */
const patience = 700

export function onScreenKeys(options: {
  /** The screens by their numbers; a hidden one is null. */
  screens(): readonly (ScreenName | null)[]
  current(): ScreenName
  isOn(): boolean
  isLecture(): boolean
  go(to: ScreenName): void
}): void {
  let typed = ''
  let typedAt = 0
  const steps: Record<string, number> = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }

  /** The screen to go to, or null. */
  function screenOf(key: string): ScreenName | null {
    const screens = options.screens()
    if (/^\d$/.test(key)) {
      const now = performance.now()
      const both = now - typedAt < patience ? typed + key : key
      ;[typed, typedAt] = [key, now]
      return screens[Number(both)] ?? screens[Number(key)] ?? null
    }
    if (!options.isLecture()) return null
    const shown = screens.filter(name => name !== null)
    if (key === 'Home') return shown[0]
    if (key === 'End') return shown.at(-1) ?? null
    return key in steps ? (shown[shown.indexOf(options.current()) + steps[key]] ?? null) : null
  }

  addEventListener('keydown', event => {
    if (!options.isOn() || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const target = event.target as Element
    const takesDigits = 'input:not([type=checkbox], [type=range], [type=radio]), select, textarea, dialog *'
    const takesArrows = `${takesDigits}, input, [role=application], [role=group] .cell, .scroll, pre, [contenteditable]`
    if (target.closest(/^\d$/.test(event.key) ? takesDigits : takesArrows)) return
    const to = screenOf(event.key)
    if (!to || to === options.current()) return
    event.preventDefault()
    options.go(to)
    typedAt = performance.now() // a slow machine takes none of the patience
  })
}
