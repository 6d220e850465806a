// The tables in the terminal.

import type { Goal } from '../cases.ts'
import type { Results } from '../results.ts'
import { columns } from './format.ts'
import {
  caseTable,
  directionTable,
  excuses,
  goalTable,
  importTable,
  limitTable,
  stepTable,
  type Table,
} from './rows.ts'

export function tables(results: Results, goals: readonly Goal[]): string[] {
  const lines: string[] = []
  for (const result of [...results.cases, ...results.sweep]) {
    lines.push('', result.case.title, ...indented(caseTable(result)))
    for (const excuse of excuses(result)) lines.push(`  – ${excuse}`)
  }
  lines.push('', ...titled('Import', importTable(results)))
  lines.push(...titled('Distance to what the machine can do', limitTable(results)))
  lines.push(...titled('Steps of training', stepTable(results)))
  lines.push(...titled('Backward beside forward', directionTable(results)))
  lines.push(...titled('Goals: the best peer’s time over ours, by medians', goalTable(results, goals)))
  return lines
}

const titled = (title: string, table: Table): string[] =>
  table.rows.length === 0 ? [] : ['', title, ...indented(table)]

const indented = ({ header, rows }: Table): string[] => columns([header, ...rows]).map(line => `  ${line}`)
