// What a check of a layer found, as data and in words.

import type { Shape } from '../core/check.ts'
import { nest } from './candidate.ts'
import type { RecipeFault } from './faults.ts'
import { type LayerCase, type LayerSizes, type Quantity, shapesOf } from './sizes.ts'

/** The name of a fault that `checkLocallyConnected` finds. */
export type LayerFault =
  | RecipeFault
  | 'outputSize'
  | 'scaled'
  | 'inexact'
  | 'notANumber'
  | 'wrongShape'
  | 'wrongType'
  | 'throws'
  | 'changesInput'
  | 'remembersCalls'
  | 'other'

/** A case in which a layer is wrong: what it was given, and the first number that differs. */
export interface LayerExample {
  /** The sizes of the case. */
  readonly sizes: LayerSizes
  /** Nested arrays. */
  readonly x: unknown
  /** Nested arrays. */
  readonly kernel: unknown
  /** Nested arrays. */
  readonly bias: unknown
  /** Only for gradients. */
  readonly dy: unknown
  /** What is wrong: the output, or which gradient. */
  readonly quantity: Quantity
  /** The index of the first wrong number; empty where the layer did not return numbers of the right shape. */
  readonly index: readonly number[]
  /** The number that it should be, as text. */
  readonly expected: string
  /** What the layer returned, as text. */
  readonly received: string
}

/** A fault of a layer. */
export interface LayerFinding {
  /** Which fault it is. */
  readonly fault: LayerFault
  /** Where it is: in the output `y`, or in gradients. */
  readonly in: readonly Quantity[]
  /** What the layer does, and what it should do. */
  readonly message: string
  /** The smallest case in which the fault shows. */
  readonly example: LayerExample | null
}

/** The result of `checkLocallyConnected`. */
export interface LayerReport {
  /** Whether no fault was found. */
  readonly passed: boolean
  /** How many cases were tried. */
  readonly cases: number
  /** The faults, each once. */
  readonly findings: readonly LayerFinding[]
  /** All findings, with their examples. */
  toString(): string
}

/** A fault of one quantity. */
export interface Found {
  readonly fault: LayerFault
  readonly words: string
  readonly quantity: Quantity
  readonly example: LayerExample | null
}

/** Joins what is the same in several quantities. */
export function reportOf(found: readonly Found[], cases: number): LayerReport {
  const findings = new Map<string, LayerFinding>()
  for (const { fault, words, quantity, example } of found) {
    const before = findings.get(words)
    const where = [...new Set([...(before?.in ?? []), quantity])]
    const message = `${where.map(name => (name === 'y' ? 'forward' : name)).join(', ')}: ${words}`
    findings.set(words, { fault, in: where, message, example: before?.example ?? example })
  }
  return {
    passed: findings.size === 0,
    cases,
    findings: [...findings.values()],
    toString() {
      if (this.passed) return `passed: ${cases} cases`
      return this.findings.map(inWords).join('\n\n')
    },
  }
}

/** @param index of the first wrong number, flat; −1 where there is none */
export function exampleOf(
  { sizes, ...numbers }: LayerCase,
  quantity: Quantity,
  [shape, at]: readonly [Shape, number],
  expected: string,
  received: string,
): LayerExample {
  const shapes = shapesOf(sizes)
  const index = at < 0 ? [] : unravel(at, shape)
  const nested = (name: keyof typeof numbers) => nest(numbers[name], shapes[name])
  const dy = quantity === 'y' ? undefined : nested('dy')
  return {
    sizes,
    x: nested('x'),
    kernel: nested('kernel'),
    bias: nested('bias'),
    dy,
    quantity,
    index,
    expected,
    received,
  }
}

function unravel(at: number, shape: Shape): number[] {
  let rest = at
  return shape
    .map((_, axis) => shape[shape.length - 1 - axis])
    .map(size => {
      const i = rest % size
      rest = (rest - i) / size
      return i
    })
    .reverse()
}

function inWords({ message, example }: LayerFinding): string {
  if (!example) return message
  const { sizes, quantity, index, expected, received } = example
  const { KH, KW, SH, SW, F, padding, dataFormat } = sizes
  const shapes = shapesOf(sizes)
  const names = (['x', 'kernel', 'bias', 'dy'] as const).filter(name => example[name] !== undefined)
  const place = index.length > 0 ? `${quantity}[${index.join(', ')}]` : quantity
  return [
    message,
    `  the smallest example: ${count(F, 'filter')}, window ${KH} × ${KW}, strides ${SH} × ${SW}, ${padding}, ${dataFormat}`,
    ...names.map(name => `  ${name} [${shapes[name].join(', ')}] = ${brief(JSON.stringify(example[name]))}`),
    `  ${place} should be ${expected}, but is ${received}`,
  ].join('\n')
}

const brief = (text: string) => (text.length > 300 ? `${text.slice(0, 100)} …` : text)
const count = (n: number, noun: string) => `${n} ${noun}${n === 1 ? '' : 's'}`
