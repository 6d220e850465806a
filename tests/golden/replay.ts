// Replays golden fixtures of the real Keras: `npm run golden -- DIR`. DIR is any folder of fixtures with the schema
// in README.md. Prints a line for each family, every case that failed or isn't supported, and the totals; the exit
// status is 1 if a case failed.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineName } from '../../lib/simd/choose-engine.ts'
import { Comparer, Unsupported } from './compare.ts'
import { type Case, families } from './families.ts'

export interface FamilyResult {
  readonly family: string
  readonly cases: number
  readonly failed: { readonly name: string; readonly reason: string }[]
  readonly unsupported: { readonly name: string; readonly reason: string }[]
  /** The worst error as a share of its tolerance. */
  readonly worst: number
}

export const bothEngines: readonly EngineName[] = ['reference', 'simd']

/** Replays one family; `null` where the folder has none of it. */
export async function replay(
  folder: string,
  family: string,
  engines: readonly EngineName[] = bothEngines,
): Promise<FamilyResult | null> {
  const path = join(folder, `${family}.json`)
  if (!existsSync(path)) return null
  const cases: Case[] = families[family](JSON.parse(readFileSync(path, 'utf8')), folder, engines)
  const compare = new Comparer()
  const result: FamilyResult = { family, cases: cases.length, failed: [], unsupported: [], worst: 0 }
  for (const { name, run } of cases)
    try {
      await run(compare)
    } catch (error) {
      const list = error instanceof Unsupported ? result.unsupported : result.failed
      list.push({ name, reason: error instanceof Error ? error.message : String(error) })
    }
  return { ...result, worst: compare.worst }
}

export async function replayAll(
  folder: string,
  print: (line: string) => void,
  engines: readonly EngineName[] = bothEngines,
): Promise<boolean> {
  const totals = { passed: 0, failed: 0, unsupported: 0 }
  let found = 0
  for (const family of Object.keys(families)) {
    const result = await replay(folder, family, engines)
    if (!result) continue
    found++
    const { cases, failed, unsupported, worst } = result
    const passed = cases - failed.length - unsupported.length
    const counts = `${passed} passed, ${failed.length} failed, ${unsupported.length} not supported`
    print(`${family}: ${cases} cases, ${counts}; worst error ${worst.toFixed(3)} of its tolerance`)
    for (const { name, reason } of failed) print(`  failed: ${name}: ${reason}`)
    for (const { name, reason } of unsupported) print(`  not supported: ${name}: ${reason}`)
    totals.passed += passed
    totals.failed += failed.length
    totals.unsupported += unsupported.length
  }
  if (found === 0) throw new Error(`${folder} holds no fixtures: expected files such as locally_connected_2d.json`)
  print(`golden: ${totals.passed} passed, ${totals.failed} failed, ${totals.unsupported} not supported`)
  return totals.failed === 0
}
