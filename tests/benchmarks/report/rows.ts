// The rows of all tables, for the terminal and for the page.

import type { Goal, Quantity } from '../cases.ts'
import { type CaseResult, directionRows, limitRows, type Results, stepRows, type Timing, verdicts } from '../results.ts'
import { megabytes, milliseconds, percent, ratio } from './format.ts'

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const quantities: readonly (readonly [Quantity, string])[] = [
  ['forward', 'forward'],
  ['backward', 'backward'],
  ['step', 'step'],
  ['call', 'array to array'],
  ['fit', 'an epoch'],
  ['batch', 'a step on a batch'],
  ['one', 'one sample'],
  ['first', 'first output'],
]

const timingCell = (timing: Timing | undefined): string => {
  if (!timing) return '–'
  if (timing.count === 1) return milliseconds(timing.median)
  return `${milliseconds(timing.median)} (${milliseconds(timing.min)})`
}

/** Milliseconds of a case: the median, and the least in brackets. */
export function caseTable({ entries }: CaseResult): Table {
  const shown = quantities.filter(([quantity]) => entries.some(({ times }) => times[quantity]))
  const rows = entries
    .filter(({ version }) => version !== '')
    .map(({ id, times, memory, difference }) => [
      id,
      ...shown.map(([quantity]) => timingCell(times[quantity])),
      memory ? megabytes(Math.max(memory.after.resident - memory.before.resident, 0)) : '–',
      difference === 0 ? '0' : difference.toExponential(0),
    ])
  return { header: ['ms', ...shown.map(([, name]) => name), 'memory, MB', 'difference'], rows }
}

/** Who sat a case out, and why. */
export const excuses = ({ entries }: CaseResult): string[] =>
  entries.flatMap(({ id, excuse, error }) => {
    if (error !== undefined) return [`${id} failed: ${error}`]
    return excuse === undefined ? [] : [`${id}: ${excuse}`]
  })

export function goalTable(results: Results, goals: readonly Goal[]): Table {
  const rows = verdicts(results, goals).map(verdict => {
    const { ours, oursMs, peer, peerMs, reached } = verdict
    const mine = ours.length === 3 ? 'slowest of ours' : ours.join(', ')
    const mark = reached === null ? 'not measured' : reached ? 'reached' : 'missed'
    return [
      `${verdict.title}: ${quantityName(verdict.quantity)}`,
      ...[mine, milliseconds(oursMs), peer ?? '–', milliseconds(peerMs)],
      ...[ratio(verdict.ratio), `≥ ${verdict.atLeast}`, mark, ratio(verdict.leastRatio), ratio(verdict.atLimit)],
    ]
  })
  const header = ['case', 'ours', 'ms', 'best peer', 'ms', 'ratio', 'goal', '', 'by least times', 'at the limit']
  return { header, rows }
}

export function limitTable(results: Results): Table {
  const rows = limitRows(results).map(({ case: given, entry, quantity, ms, bound, leastMs, share }) => [
    `${given.title}: ${quantityName(quantity)}`,
    ...[entry, milliseconds(ms), bound, milliseconds(leastMs), percent(share)],
  ])
  return { header: ['case', 'ours', 'least ms', 'limit', 'its ms', 'share'], rows }
}

export function stepTable(results: Results): Table {
  const microseconds = (ms: number) => milliseconds(1e3 * ms)
  const rows = stepRows(results).map(({ title, entry, ms, leastOfOne, leastOfAll, onBatch }) => [
    title,
    ...[entry, microseconds(ms), microseconds(leastOfOne), percent(leastOfOne / ms)],
    ...[microseconds(leastOfAll), percent(leastOfAll / ms), ratio(onBatch)],
  ])
  const header = ['a step of', 'ours', 'least µs', 'limit, one thread', 'share', 'limit, all', 'share', 'trainOnBatch']
  return { header, rows }
}

export function directionTable(results: Results): Table {
  const rows = directionRows(results).map(({ title, entry, forward, backward }) => [
    ...[title, entry, forward.toFixed(1), backward.toFixed(1), percent(backward / forward)],
  ])
  return { header: ['GFLOP/s', 'ours', 'forward', 'backward', 'backward / forward'], rows }
}

/** Import times of everyone, over all cases. */
export function importTable({ cases, sweep }: Results): Table {
  const entries = [...cases, ...sweep].flatMap(result => result.entries).filter(({ version }) => version !== '')
  const kinds = [...new Set(entries.map(({ version }) => version))]
  const rows = kinds.map(kind => {
    const times = entries.filter(({ version }) => version === kind).map(({ importMs }) => importMs)
    times.sort((a, b) => a - b)
    return [kind, milliseconds(times[times.length >> 1]), milliseconds(times[0]), String(times.length)]
  })
  return { header: ['import, ms', 'median', 'least', 'processes'], rows }
}

export const quantityName = (quantity: Quantity): string =>
  quantities.find(([name]) => name === quantity)?.[1] ?? quantity
