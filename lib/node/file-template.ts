// Templates for file names: Python's format strings, as in `{epoch:02d}-{val_loss:.2f}`.

import { exponentOf, textOf } from '../callbacks/training-state.ts'
import { ArgumentError } from '../core/errors.ts'

const field = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g
/** Name, fill, alignment, sign, zero, width, separator of thousands, precision, type. */
const specification = /^([A-Za-z_]\w*)(?::(?:(.)?([<>=^]))?([-+ ]?)(0?)(\d*)([,_]?)(?:\.(\d+))?([dfFeEgG%]?))?$/

/** Whether a field is written as an integer. */
const isOfInteger = (name: string, type: string) => type === 'd' || (type === '' && /^(epoch|batch)$/.test(name))

/** The names in a template. @throws ArgumentError for fields that are invalid in Python or not supported here */
export function namesIn(template: string): string[] {
  return [...template.matchAll(field)].flatMap(([text, inner]) => {
    if (text === '{{' || text === '}}') return []
    const [, name, , , , , , , precision, type = ''] = specification.exec(inner ?? '') ?? []
    if (name === undefined || (precision !== undefined && isOfInteger(name, type)))
      throw new ArgumentError('filepath', template, 'fields such as {epoch:02d}, {val_loss:.2f} or {loss:.3e}')
    return [name]
  })
}

/** Fills in a template. @throws ArgumentError if a value is missing, or is not an integer in a `d` field */
export function fill(template: string, values: Readonly<Record<string, number>>): string {
  return template.replaceAll(field, (text, inner: string) => {
    if (text === '{{' || text === '}}') return text[0]
    const parts = specification.exec(inner) ?? []
    const [, name, filler, align, plus = '', zero, width, separator = '', precision, type = ''] = parts
    if (!Object.hasOwn(values, name))
      throw new ArgumentError('filepath', template, `names among ${Object.keys(values).join(', ')}`)
    const value = values[name]
    if (type === 'd' && !Number.isInteger(value))
      throw new ArgumentError('filepath', template, `{${name}:.2f} or similar: ${name} is ${value}, not an integer`)
    const isInteger = isOfInteger(name, type)
    const isNegative = value < 0 || Object.is(value, -0)
    const sign = isNegative ? '-' : plus.replace('-', '')
    const digits = isInteger ? String(Math.abs(value)) : formatted(Math.abs(value), type, precision)
    const grouped = separator ? digits.replace(/\d(?=(\d{3})+(?!\d))(?<!\.\d*)/g, `$&${separator}`) : digits
    return padded(sign, grouped, Number(width), filler ?? (zero || ' '), align ?? (zero ? '=' : '>'))
  })
}

function padded(sign: string, digits: string, width: number, filler: string, align: string): string {
  const room = Math.max(width - sign.length - digits.length, 0)
  const left = { '<': 0, '>': room, '=': room, '^': Math.floor(room / 2) }[align] as number
  const [before, after] = [filler.repeat(left), filler.repeat(room - left)]
  return align === '=' ? sign + before + digits : before + sign + digits + after
}

/** A number, not negative, as Python writes a float. */
function formatted(value: number, type: string, precision: string | undefined): string {
  const places = Number(precision ?? 6)
  const text = () => {
    if (!Number.isFinite(value)) return textOf(value) + (type === '%' ? '%' : '')
    switch (type.toLowerCase()) {
      case 'f':
        return fixed(value, places)
      case '%':
        return `${fixed(value * 100, places)}%`
      case 'e':
        return exponential(value, places)
      case 'g':
        return general(value, places || 1, places || 1)
      default:
        return withPoint(precision === undefined ? shortest(value) : general(value, places || 1, (places || 1) - 1))
    }
  }
  return /[A-Z]/.test(type) ? text().toUpperCase() : text()
}

/** Like `toFixed`, but rounds a tie to the even digit, and writes all digits of large numbers. */
function fixed(value: number, places: number): string {
  const point = places > 0 ? '.' : ''
  if (value >= 1e21) return BigInt(value) + point + '0'.repeat(places)
  const [whole, part] = value.toFixed(100).split('.')
  return evenTie(whole + point + part.slice(0, places), part.slice(places)) ?? value.toFixed(places)
}

/** Like `toExponential`, but rounds a tie to the even digit, and has an exponent of at least two digits. */
function exponential(value: number, places: number): string {
  const [exact] = value.toExponential(100).split('e')
  const end = places > 0 ? places + 2 : 1
  const [rounded, exponent] = value.toExponential(places).split('e')
  const digits = evenTie(exact.slice(0, end), exact.slice(end).replace('.', '')) ?? rounded
  return `${digits}e${exponentOf(exponent)}`
}

/** The first digits of a number, if the rest is exactly one half and the last of them is even. */
const evenTie = (digits: string, rest: string) => (/[02468]$/.test(digits) && /^50*$/.test(rest) ? digits : null)

/** As many significant digits, without zeros at the end; with an exponent below −4 and from `most` on. */
function general(value: number, digits: number, most: number): string {
  const [mantissa, power] = exponential(value, digits - 1).split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < most) return withoutZeros(fixed(value, Math.max(digits - 1 - exponent, 0)))
  return `${withoutZeros(mantissa)}e${power}`
}

const withoutZeros = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

/** The fewest digits that identify the number; with an exponent below −4 and from 16 on. */
function shortest(value: number): string {
  const [mantissa, exponent] = value.toExponential().split('e')
  if (Number(exponent) < -4 || Number(exponent) >= 16) return `${mantissa}e${exponentOf(exponent)}`
  const digits = mantissa.replace('.', '').length - 1
  return value.toFixed(Math.max(digits - Number(exponent), 0))
}

const withPoint = (text: string) => (/[.e]/.test(text) ? text : `${text}.0`)
