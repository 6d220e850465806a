// One case: every contender prepares, all results are compared, then they take turns.

import type { Case } from './cases.ts'
import { difference, tolerance } from './compare.ts'
import type { Answer } from './contender.ts'
import type { Entrant } from './field.ts'
import { milliseconds } from './report/format.ts'
import type { CaseResult } from './results.ts'
import { Runner } from './runner.ts'

export interface MeasureOptions {
  /** How many turns each has; 0: results are compared, nothing is timed. */
  readonly rounds: number
  /** About how long a turn lasts, in milliseconds. */
  readonly turn: number
  /** The time limit for each answer of a contender, in milliseconds. */
  readonly patience: number
  readonly log: (line: string) => void
}

/** Time for the threads of the one before to fall asleep, in milliseconds. */
const pause = 10
/** Where the time to the first prediction is a goal, it is taken in so many processes. */
const startsOfPredictions = 3

export async function measureCase(
  given: Case,
  entrants: readonly Entrant[],
  options: MeasureOptions,
): Promise<CaseResult> {
  const { rounds, patience, log } = options
  log(`\n${given.title}`)
  const runners = entrants.map(entrant => new Runner(entrant, given, patience))
  try {
    let expected: Answer['results'] | null = null
    for (const runner of runners) {
      await runner.start(given.kind === 'prediction' && rounds > 0 ? startsOfPredictions : 1)
      if (runner.takesPart) expected = await compare(runner, expected)
      log(`  ${runner.entrant.id}: ${runner.state}`)
      if (!runner.takesPart) await runner.stop()
    }
    if (rounds > 0) await takeTurns(runners, options)
    const entries = await Promise.all(runners.map(runner => runner.entry()))
    return { case: given, entries }
  } finally {
    for (const runner of runners) await runner.stop()
  }
}

/** The first contender's results are what the others' are held against. */
async function compare(runner: Runner, expected: Answer['results'] | null): Promise<Answer['results'] | null> {
  const results = await runner.results()
  if (!runner.takesPart) return expected
  if (!expected) return results
  try {
    runner.compared(difference(results, expected), tolerance)
  } catch (error) {
    runner.fail(String(error))
  }
  return expected
}

async function takeTurns(runners: readonly Runner[], { rounds, turn, log }: MeasureOptions): Promise<void> {
  const quantities = new Set(runners.flatMap(runner => (runner.takesPart ? runner.quantities : [])))
  for (const what of quantities) {
    const able = runners.filter(runner => runner.can(what))
    for (const runner of able) await runner.warmUp(what)
    for (let round = 0; round < rounds; round++)
      for (const runner of able) {
        await new Promise(resolve => setTimeout(resolve, pause))
        await runner.turn(what, round, turn)
      }
    const line = able.map(runner => `${runner.entrant.id} ${milliseconds(runner.median(what))}`)
    log(`  ${what}, ms: ${line.join(', ')}`)
  }
}
