// The errors thrown to users. Messages name the argument, what was expected, what was received, and what to do.

/** An invalid argument. The message is "argument: expected …, received …", with a hint where useful. */
export class ArgumentError extends Error {
  static override readonly name = 'ArgumentError'
  override readonly name = 'ArgumentError'

  constructor(argument: string, received: unknown, expected: string, hint = '') {
    super(`${argument}: expected ${expected}, received ${show(received)}${hint && `. ${hint}`}`)
  }
}

/** A call that the current state does not allow: before `build`, before `compile`, during `fit` … */
export class StateError extends Error {
  static override readonly name = 'StateError'
  override readonly name = 'StateError'
}

/** A callback threw. `cause` is the error it threw; `message` says where, and which weights the model holds. */
export class CallbackError extends Error {
  static override readonly name = 'CallbackError'
  override readonly name = 'CallbackError'
}

/** Nested deeper than this, a value is not shown: it may contain itself. */
const mostDepth = 4

/** Formats a value for an error message: short but unambiguous (`"3"` differs from `3`). */
export function show(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return String(value)
  if (depth > mostDepth) return '…'
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length})`
  if (Array.isArray(value)) {
    const items = Array.from(value.slice(0, 8), item => show(item, depth + 1))
    return shorten(`[${items.join(', ')}${value.length > 8 ? `, … ${value.length} items` : ''}]`)
  }
  return showObject(value, depth + 1)
}

function showObject(value: object, depth: number): string {
  const name = value.constructor?.name ?? 'Object'
  if ('shape' in value) return `${name} of shape ${show(value.shape, depth)}`
  if (name !== 'Object') return `an object of class ${name}`
  const entries = Object.entries(value).slice(0, 8)
  return shorten(`{${entries.map(([key, item]) => `${key}: ${show(item, depth)}`).join(', ')}}`)
}

const shorten = (text: string) => (text.length > 120 ? `${text.slice(0, 119)}…` : text)
