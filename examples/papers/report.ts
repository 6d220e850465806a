// What an experiment found, as text: tables for the terminal, Markdown for the page.

import type { Findings, Table } from './experiment.ts'
import { Results } from './experiment.ts'
import type { Finished } from './runner.ts'
import { type Claim, formatP, level } from './statistics.ts'

export const findingsOf = ({ experiment, plan, runs }: Finished): Findings =>
  experiment.findings(new Results(runs), plan)

const verdict = ({ holds }: Claim) => (holds ? 'yes' : '**no**')

/** What was claimed, and what came out. */
export function claimTable(claims: readonly Claim[]): Table {
  const tests = claims.filter(({ p }) => p !== undefined).length
  return {
    caption:
      tests > 0
        ? `Does it come out? p: one-sided paired t tests, Holm's correction for ${tests}; required: p < ${level}`
        : 'Does it come out?',
    header: ['claim', 'measured', 'p', 'comes out'],
    rows: claims.map(claim => [claim.text, claim.found, claim.p === undefined ? '' : formatP(claim.p), verdict(claim)]),
  }
}

/** Seeds and time, in a sentence. */
export function timeAndSeeds({ plan, runs }: Pick<Finished, 'plan' | 'runs'>): string {
  const { seeds, models } = plan
  const seconds = runs.reduce((sum, run) => sum + run.seconds, 0)
  const time = seconds < 90 ? `${seconds.toFixed(0)} seconds` : `${(seconds / 60).toFixed(1)} minutes`
  const span = seeds.length === 1 ? `seed ${seeds[0]}` : `seeds ${seeds[0]} to ${seeds[seeds.length - 1]}`
  return `${runs.length} runs (${models.length} ${models.length === 1 ? 'model' : 'models'}, ${span}), ${time} in all`
}

const bare = (cell: string) => cell.replaceAll('**', '')

/** A table in columns. */
function columns({ caption, header, rows }: Table): string[] {
  const cells = [header, ...rows].map(row => row.map(bare))
  const widths = header.map((_, i) => Math.max(...cells.map(row => row[i].length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('   ')
      .trimEnd()
  return [caption, ...cells.map(line)]
}

/** The lines for the terminal, but for the time. */
export function printed(finished: Finished): string[] {
  const { title } = finished.experiment
  const { answer, tables, claims } = findingsOf(finished)
  return [
    '',
    title,
    '='.repeat(title.length),
    answer,
    ...[...tables, claimTable(claims)].flatMap(table => ['', ...columns(table)]),
  ]
}

/** A table of Markdown. */
export const markdownTable = ({ caption, header, rows }: Table): string[] => [
  `*${caption}*`,
  '',
  `| ${header.join(' | ')} |`,
  `|${header.map((_, i) => (i === 0 ? '---' : '---:')).join('|')}|`,
  ...rows.map(row => `| ${row.join(' | ')} |`),
  '',
]

export const comesOut = (claims: readonly Claim[]) =>
  `${claims.filter(({ holds }) => holds).length} of ${claims.length}`
