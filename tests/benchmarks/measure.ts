// One case: every contender prepares, all results are compared, then they take turns.

import type { Case, Quantity } from './cases.ts'
import { difference, tolerance } from './compare.ts'
import { type Answer, Contender } from './contender.ts'
import type { Entrant } from './field.ts'
import { type CaseResult, type Entry, timing } from './results.ts'

export interface MeasureOptions {
  readonly rounds: number
  /** How long one contender's turn lasts, about, in milliseconds. */
  readonly turn: number
  readonly log: (line: string) => void
}

/** A contender within a case. */
interface Runner {
  readonly entrant: Entrant
  readonly contender: Contender
  readonly loaded: Answer
  readonly prepared: Answer
  readonly difference: number
  readonly ms: Map<Quantity, number[]>
  /** How long one run took, the first time. */
  readonly guess: Map<Quantity, number>
}

const mostRunsInATurn = 20
/** Time for the threads of the one before to fall asleep. */
const pause = 10

export async function measureCase(
  given: Case,
  entrants: readonly Entrant[],
  options: MeasureOptions,
): Promise<CaseResult> {
  const { log } = options
  log(`\n${given.title}`)
  const runners: Runner[] = []
  const failed: Entry[] = []
  let expected: Answer['results'] | null = null
  try {
    for (const entrant of entrants) {
      const excuse = entrant.excuse(given)
      if (excuse !== null) {
        failed.push(failure(entrant, excuse))
        continue
      }
      const contender = new Contender(entrant.command)
      try {
        const loaded = await contender.next()
        const prepared = await contender.ask({
          do: 'prepare',
          case: { ...given, implementation: entrant.implementation },
        })
        const { results } = await contender.ask({ do: 'results' })
        const off = expected ? difference(results, expected) : 0
        if (off > tolerance) throw new Error(`computes something else: its results are off by ${off}`)
        expected ??= results
        runners.push({
          entrant,
          contender,
          loaded,
          prepared,
          difference: off,
          ms: new Map(),
          guess: new Map(),
        })
        log(`  ${entrant.id} is ready (${loaded.version}; first output after ${show(prepared.firstMs)} ms)`)
      } catch (error) {
        await contender.stop()
        const reason = error instanceof Error ? error.message : String(error)
        log(`  ${entrant.id}: ${reason}`)
        failed.push(failure(entrant, reason))
      }
    }
    await takeTurns(runners, options)
    const measured = await Promise.all(runners.map(entryOf))
    const order = entrants.map(({ id }) => id)
    const entries = [...measured, ...failed].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id))
    return { case: given, entries }
  } finally {
    for (const { contender } of runners) await contender.stop()
  }
}

async function takeTurns(runners: readonly Runner[], { rounds, turn, log }: MeasureOptions): Promise<void> {
  const quantities = [...new Set(runners.flatMap(({ prepared }) => prepared.quantities))] as Quantity[]
  for (const what of quantities) {
    const able = runners.filter(({ prepared }) => prepared.quantities.includes(what))
    for (const runner of able) {
      // Compilers warm up; the last of three tells how many runs a turn has.
      const { ms } = await runner.contender.ask({ do: 'run', what, times: 3, warm: 0 })
      runner.guess.set(what, ms[2])
      runner.ms.set(what, [])
    }
    for (let round = 0; round < rounds; round++)
      for (const { contender, ms, guess } of able) {
        const each = guess.get(what) ?? turn
        const times = Math.max(1, Math.min(mostRunsInATurn, Math.floor(turn / each)))
        await new Promise(resolve => setTimeout(resolve, pause))
        // The first run of a turn finds the caches full of others' numbers; it counts where it is the only one.
        const answer = await contender.ask({ do: 'run', what, times, warm: each > turn ? 0 : 1 })
        ms.get(what)?.push(...answer.ms)
      }
    const line = able.map(({ entrant, ms }) => `${entrant.id} ${show(timing(ms.get(what) ?? []).median)}`)
    log(`  ${what}, ms: ${line.join(', ')}`)
  }
}

async function entryOf({ entrant, contender, loaded, prepared, difference, ms }: Runner): Promise<Entry> {
  const { memory, note } = await contender.ask({ do: 'memory' })
  const times = Object.fromEntries([...ms].map(([quantity, all]) => [quantity, timing(all)]))
  return {
    ...{ id: entrant.id, isOurs: entrant.isOurs, version: loaded.version, importMs: loaded.importMs },
    ...{ times: { ...times, first: timing([prepared.firstMs]) }, difference },
    ...{ memory: { before: loaded.memory, after: memory } },
    ...(note === undefined ? {} : { note }),
  }
}

const failure = ({ id, isOurs }: Entrant, excuse: string): Entry => {
  return { id, isOurs, version: '', excuse, importMs: 0, times: {}, difference: 0 }
}

export const show = (ms: number): string =>
  ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toPrecision(2)
