// Native controls with their labels. A control's name, if it has one, is that by which a teacher's link hides it.

import type { ControlName } from './control-names.ts'
import { type Child, freshId, h } from './dom.ts'

export const button = (label: string, onclick: () => void, props = {}): HTMLButtonElement =>
  h('button', { type: 'button', onclick, ...props }, label)

const labelled = (name: ControlName | undefined, label: string, control: HTMLElement, ...more: Child[]) => {
  control.id ||= freshId()
  return h('div', { class: 'field', 'data-control': name }, h('label', { for: control.id }, label, ...more), control)
}

export function slider(
  label: string,
  { min, max, value }: { min: number; max: number; value: number },
  change: (value: number) => void,
  name?: ControlName,
): HTMLElement {
  const shown = h('output', {}, value)
  const input = h('input', { type: 'range', min, max, value })
  input.addEventListener('input', () => {
    shown.textContent = input.value
    change(Number(input.value))
  })
  return labelled(name, label, input, ' ', shown)
}

export function select<T extends string | number>(
  label: string,
  options: readonly (readonly [T, string])[],
  value: T,
  change: (value: T) => void,
  name?: ControlName,
): HTMLElement {
  const input = h(
    'select',
    {},
    ...options.map(([option, text]) => h('option', { value: option, selected: option === value }, text)),
  )
  input.addEventListener('change', () => change(options[input.selectedIndex][0]))
  return labelled(name, label, input)
}

export function numberField(
  label: string,
  { min, max, value }: { min: number; max: number; value: number },
  change: (value: number) => void,
  name?: ControlName,
): HTMLElement {
  const input = h('input', { type: 'number', min, max, value, inputmode: 'numeric' })
  input.addEventListener('change', () => {
    const next = Math.round(Number(input.value))
    input.value = String(Math.min(max, Math.max(min, Number.isFinite(next) ? next : value)))
    change(Number(input.value))
  })
  return labelled(name, label, input)
}

export function checkbox(
  label: string,
  checked: boolean,
  change: (checked: boolean) => void,
  name?: ControlName,
): HTMLElement {
  const input = h('input', { type: 'checkbox', checked, id: freshId() })
  input.addEventListener('change', () => change(input.checked))
  return h('div', { class: 'field check', 'data-control': name }, input, h('label', { for: input.id }, label))
}

/** A table; the first cell of each row names it. The caption stays when a narrow window scrolls the table. */
export function table(caption: string, head: readonly string[], rows: readonly (readonly Child[])[]): HTMLElement {
  const id = freshId()
  const line = ([first, ...rest]: readonly Child[]) =>
    h('tr', {}, h('th', { scope: 'row' }, first), ...rest.map(cell => h('td', {}, cell)))
  const content = h(
    'table',
    { 'aria-labelledby': id },
    h('thead', {}, h('tr', {}, ...head.map(name => (name === '' ? h('td') : h('th', { scope: 'col' }, name))))),
    h('tbody', {}, ...rows.map(line)),
  )
  return h(
    'div',
    { class: 'tabled' },
    h('p', { class: 'caption', id }, caption),
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-labelledby': id }, content),
  )
}

/** Something that is made only when it is opened, and again while it is open. */
export function opens(title: string, make: () => HTMLElement): { element: HTMLElement; update(): void } {
  const element = h('details', { 'data-control': 'numbers' }, h('summary', {}, title))
  const update = () => {
    if (!element.open) return
    while (element.childNodes.length > 1) element.lastChild?.remove()
    element.append(make())
  }
  element.addEventListener('toggle', update)
  return { element, update }
}
