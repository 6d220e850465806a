// Plain data with arrays of numbers as one file: safetensors, whose header has the rest as JSON. Every bit comes back.

import { Tensor } from 'unshared'
import { fromSafetensors, toSafetensors } from '../../../lib/keras/safetensors.ts'

type Plain = null | boolean | number | string | Float32Array | readonly Plain[] | { readonly [name: string]: Plain }

const key = 'unshared.playground'
/** What stands in the JSON for an array, and for numbers that JSON has not. */
const arrayMark = '\u0001array:'
const numberMark = '\u0001number:'

export function toFile(value: unknown): Uint8Array {
  const tensors: Record<string, Tensor> = {}
  const marked = (value: Plain, path: string): unknown => {
    if (value instanceof Float32Array) {
      tensors[path] = Tensor.from(value)
      return arrayMark + path
    }
    if (typeof value === 'number' && !(Number.isFinite(value) && !Object.is(value, -0)))
      return `${numberMark}${Object.is(value, -0) ? '-0' : value}`
    if (Array.isArray(value)) return value.map((item, i) => marked(item, `${path}.${i}`))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([name, item]) => [
      name,
      marked(item as Plain, path ? `${path}.${name}` : name),
    ])
    return Object.fromEntries(entries)
  }
  return toSafetensors(tensors, { [key]: JSON.stringify(marked(value as Plain, '')) })
}

/** @throws Error for bytes that `toFile` has not made */
export function fromFile(bytes: Uint8Array): unknown {
  const tensors = fromSafetensors(bytes)
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))
  const json = header.__metadata__?.[key]
  if (typeof json !== 'string') throw new Error('no experiment of this page')
  return JSON.parse(json, (_, value) => {
    if (typeof value !== 'string') return value
    if (value.startsWith(numberMark)) return Number(value.slice(numberMark.length))
    if (!value.startsWith(arrayMark)) return value
    const tensor = tensors[value.slice(arrayMark.length)]
    if (!tensor) throw new Error(`no numbers for ${value.slice(arrayMark.length)}`)
    return tensor.data
  })
}
