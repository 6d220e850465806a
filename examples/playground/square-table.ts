// Numbers that stand in a square, as a table.

import type { App } from './app.ts'
import { table } from './controls.ts'
import { signed } from './dom.ts'

export function squareTable({ t }: App, caption: string, values: readonly number[]): HTMLElement {
  const side = Math.sqrt(values.length)
  const rows = Array.from({ length: side }, (_, row) => [
    `${row + 1}`,
    ...values.slice(row * side, (row + 1) * side).map(value => signed(value)),
  ])
  return table(caption, [t('page.row'), ...rows.map((_, i) => `${i + 1}`)], rows)
}
