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
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : `${value}`)
  }
  element.append(...children.map(child => (typeof child === 'number' ? `${child}` : child)))
  return element
}

/** Text with **strong** parts. */
export function rich(text: string): (Node | string)[] {
  return text.split('**').map((part, i) => (i % 2 === 1 ? h('strong', {}, part) : part))
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)}\u202f%`
export const whole = (n: number): string => Math.round(n).toLocaleString('en-US').replaceAll(',', '\u202f')
export const signed = (x: number, digits = 2): string =>
  `${x < 0 ? '−' : x > 0 ? '+' : ''}${Math.abs(x).toFixed(digits)}`

/** 0.00057 as 5.7 × 10⁻⁴. */
export function power(x: number): string {
  if (x === 0) return '0'
  const [digits, exponent] = x.toExponential(1).split('e')
  const raised = [...String(Number(exponent))].map(c => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)])).join('')
  return `${digits.replace('-', '−')} × 10${raised}`
}

let lastId = 0
export const freshId = (): string => `id${++lastId}`

/** A number as it is shown, with all of its digits for whoever computes with it. */
export const datum = (value: number, digits = 3): HTMLElement => h('data', { value }, signed(value, digits))
