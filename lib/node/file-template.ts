// Templates for file names, a subset of Python's format strings: `{epoch:02d}-{val_loss:.2f}`.

import { textOf } from '../callbacks/training-state.ts'
import { ArgumentError } from '../core/errors.ts'

const field = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g
const specification = /^([A-Za-z_]\w*)(?::(0?)(\d*)(?:\.(\d+))?([dfFeEg]?))?$/

/** The names in a template. @throws ArgumentError for fields that are invalid in Python or not supported here */
export function namesIn(template: string): string[] {
  return [...template.matchAll(field)].flatMap(([text, inner]) => {
    if (text === '{{' || text === '}}') return []
    const [, name, , , precision, type] = specification.exec(inner ?? '') ?? []
    if (name === undefined || (precision !== undefined && 'd'.includes(type)))
      throw new ArgumentError('filepath', template, 'fields such as {epoch:02d}, {val_loss:.2f} or {loss:.3e}')
    return [name]
  })
}

/** Fills in a template. @throws ArgumentError if a value is missing, or is not an integer in a `d` field */
export function fill(template: string, values: Readonly<Record<string, number>>): string {
  return template.replaceAll(field, (text, inner: string) => {
    if (text === '{{' || text === '}}') return text[0]
    const [, name, zero, width, precision, type] = specification.exec(inner) ?? []
    if (!Object.hasOwn(values, name))
      throw new ArgumentError('filepath', template, `names among ${Object.keys(values).join(', ')}`)
    const value = values[name]
    if (type === 'd' && !Number.isInteger(value))
      throw new ArgumentError('filepath', template, `{${name}:.2f} or similar: ${name} is ${value}, not an integer`)
    const digits = formatted(value, type, precision)
    const sign = digits.startsWith('-') ? '-' : ''
    return zero
      ? sign + digits.slice(sign.length).padStart(Number(width) - sign.length, '0')
      : digits.padStart(Number(width))
  })
}

function formatted(value: number, type: string, precision: string | undefined): string {
  if (!Number.isFinite(value)) return textOf(value)
  const places = Number(precision ?? 6)
  switch (type) {
    case 'f':
    case 'F':
      return value.toFixed(places)
    case 'e':
      return exponential(value.toExponential(places))
    case 'E':
      return exponential(value.toExponential(places)).toUpperCase()
    case 'g':
      return general(value, places || 1)
    default:
      return String(value)
  }
}

/** Pads the exponent to at least two digits. */
const exponential = (text: string) => text.replace(/e([+-])(\d)$/, 'e$10$2')

function general(value: number, digits: number): string {
  const exponent = Number(value.toExponential(digits - 1).split('e')[1])
  const isShort = exponent >= -4 && exponent < digits
  const text = isShort ? value.toFixed(digits - 1 - exponent) : exponential(value.toExponential(digits - 1))
  return text.includes('.') ? text.replace(/\.?0+(?=$|e)/, '') : text
}
