// Elements in one call: h('p', { class: 'note' }, 'text').

type Handler = (event: never) => void
export type Props = Record<string, string | number | boolean | Handler | undefined>
export type Child = Node | string | number

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener)
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : `${value}`)
  }
  element.append(...children.map(child => (typeof child === 'number' ? `${child}` : child)))
  return element
}

/** Text with **strong** parts. */
export function rich(text: string): Child[] {
  return text.split('**').map((part, i) => (i % 2 === 1 ? h('strong', {}, part) : part))
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}\u202f%`
export const whole = (n: number): string => Math.round(n).toLocaleString('en-US').replaceAll(',', '\u202f')
export const signed = (x: number, digits = 2): string =>
  `${x < 0 ? '−' : x > 0 ? '+' : ''}${Math.abs(x).toFixed(digits)}`

let lastId = 0
export const freshId = (): string => `id${++lastId}`
