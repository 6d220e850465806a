// The errors thrown to users. Messages name the argument, what was expected, what was received, and what to do.

/** An invalid argument. The message is "argument: expected …, received …", with a hint where useful. */
export class ArgumentError extends Error {
  override readonly name = 'ArgumentError'

  constructor(argument: string, received: unknown, expected: string, hint = '') {
    super(`${argument}: expected ${expected}, received ${show(received)}${hint && `. ${hint}`}`)
  }
}

/** A call that the current state does not allow: before `build`, before `compile`, during `fit` … */
export class StateError extends Error {
  override readonly name = 'StateError'
}

/** A callback threw. `cause` is the error it threw; `message` says where, and which weights the model holds. */
export class CallbackError extends Error {
  override readonly name = 'CallbackError'
}

/** Formats a value for an error message: short but unambiguous (`"3"` differs from `3`). */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (Object.is(value, -0)) return '-0'
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length})`
  if (Array.isArray(value)) {
    const items = value.slice(0, 8).map(show)
    return shorten(`[${items.join(', ')}${value.length > 8 ? `, … ${value.length} items` : ''}]`)
  }
  if (typeof value === 'object' && value !== null) return showObject(value)
  return String(value)
}

function showObject(value: object): string {
  const name = value.constructor?.name ?? 'Object'
  if ('shape' in value) return `${name} of shape ${show(value.shape)}`
  if (name !== 'Object') return `an object of class ${name}`
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${show(item)}`)
  return shorten(`{${entries.join(', ')}}`)
}

const shorten = (text: string) => (text.length > 120 ? `${text.slice(0, 119)}…` : text)
