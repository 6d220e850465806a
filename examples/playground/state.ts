// What the address keeps, so that a lecturer can link to a screen as it is: everything that differs from the start.

import { choices, type Design, type DesignPart, designParts } from './builder/design.ts'
import { hidable } from './control-names.ts'
import { screenNames } from './screen-names.ts'

export { type ScreenName, screenNames } from './screen-names.ts'

const whole = (start: number, least: number, most: number) => ({
  start,
  read: (text: string) => {
    const value = Number(text)
    return text !== '' && Number.isInteger(value) && value >= least && value <= most ? value : undefined
  },
})
const oneOf = <T extends string | number>(start: T, values: readonly T[]) => ({
  start,
  read: (text: string) => values.find(value => String(value) === text),
})

/** Some of these names, joined by dots, in their order. */
const someOf = (names: readonly string[]) => ({
  start: '' as string,
  read: (text: string) => {
    const given = text.split('.')
    return names.filter(name => given.includes(name)).join('.') || undefined
  },
})

export const rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1] as const
export const batches = [8, 16, 32, 64] as const
export const trainSizes = [50, 100, 200, 400, 800, 1437] as const

/** Parts of a design of nets: `b.depth`, … */
type DesignFields = {
  [P in DesignPart as `b.${P}`]: { start: Design[P]; read(text: string): Design[P] | undefined }
}
const designFields = Object.fromEntries(
  designParts.map(part => [`b.${part}`, oneOf<string | number>(choices[part][0], choices[part])]),
) as unknown as DesignFields

const fields = {
  screen: oneOf('unit', screenNames),
  lang: oneOf('en', ['en', 'zh', 'zh-TW']),
  mode: oneOf('page', ['page', 'lecture']),
  /** Whether a question is to be answered before a screen's buttons work. */
  ask: oneOf('no', ['no', 'yes']),
  keys: oneOf('on', ['on', 'off']),
  /** What a teacher's link hides: names of control-names.ts. */
  hide: someOf(hidable.map(([name]) => name)),
  seed: whole(1, 0, 999_999),
  optimizer: oneOf('adam', ['adam', 'sgd', 'rmsprop']),
  rate: oneOf(0.003, rates),
  batch: oneOf(32, batches),
  train: oneOf(1437, trainSizes),
  shifts: oneOf('no', ['no', 'yes']),
  epochs: whole(30, 1, 1_000_000),
  curves: oneOf('test', ['test', 'both']),
  from: oneOf(0, [0, 80]),
  row: whole(2, 0, 5),
  col: whole(2, 0, 5),
  digit: whole(0, 0, 359),
  size: whole(8, 4, 32),
  kernel: whole(3, 1, 7),
  stride: whole(1, 1, 4),
  filters: whole(8, 1, 32),
  padding: oneOf('valid', ['valid', 'same']),
  filter: whole(1, 1, 8),
  dx: whole(0, -2, 2),
  dy: whole(0, -2, 2),
  direction: oneOf('forward', ['forward', 'back']),
  ...designFields,
  'b.data': oneOf('digits', ['digits', 'own']),
  'b.train': oneOf(1437, trainSizes),
  'b.shifts': oneOf('no', ['no', 'yes']),
  'b.optimizer': oneOf('adam', ['adam', 'sgd', 'rmsprop']),
  'b.rate': oneOf(0.003, rates),
  'b.seed': whole(1, 0, 999_999),
  'b.epochs': whole(30, 1, 1_000_000),
} as const

type Fields = typeof fields
export type State = { readonly [K in keyof Fields]: NonNullable<ReturnType<Fields[K]['read']>> }

const entries = Object.entries(fields)
export const start = Object.fromEntries(entries.map(([name, field]) => [name, field.start])) as State

/** Unknown names and wrong values count as not there. */
export function readState(hash: string, preferred: Partial<State> = {}): State {
  const given = new URLSearchParams(hash.replace(/^#/, ''))
  const state = entries.flatMap(([name, { read }]) => {
    const value = read(given.get(name) ?? '')
    return value === undefined ? [] : [[name, value]]
  })
  return { ...start, ...preferred, ...Object.fromEntries(state) }
}

/** The screen and the language are always named. */
export function writeState(state: State): string {
  const kept = entries.filter(([name, field]) => {
    return name === 'screen' || name === 'lang' || state[name as keyof State] !== field.start
  })
  const pairs = kept.map(([name]): [string, string] => [name, String(state[name as keyof State])])
  return `#${new URLSearchParams(pairs)}`
}
