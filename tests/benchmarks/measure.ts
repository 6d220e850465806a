// One case: every contender prepares, all results are compared, then they take turns.

import type { Case, Quantity } from './cases.ts'
import { difference, tolerance } from './compare.ts'
import { type Answer, Contender } from './contender.ts'
import type { Entrant } from './field.ts'
import { milliseconds } from './report/format.ts'
import { type CaseResult, type Entry, timing } from './results.ts'

export interface MeasureOptions {
  /** How many turns each has; 0: results are compared, nothing is timed. */
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
/** Every contender has so many turns; after them, one that has spent so many turns' time has no more. */
const leastRounds = 3
const patience = 100
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
        failed.push({ ...withoutTimes(entrant), excuse })
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
        const first = `first output after ${milliseconds(prepared.firstMs)} ms`
        log(`  ${entrant.id}: ${loaded.version}; ${first}; off by ${off.toExponential(0)}`)
      } catch (error) {
        await contender.stop()
        const reason = error instanceof Error ? error.message : String(error)
        log(`  ${entrant.id}: ${reason}`)
        failed.push({ ...withoutTimes(entrant), error: reason })
      }
    }
    if (options.rounds > 0) await takeTurns(runners, options)
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
      runner.guess.set(what, await warmUp(runner.contender, what))
      runner.ms.set(what, [])
    }
    for (let round = 0; round < rounds; round++)
      for (const { contender, ms, guess } of able) {
        const each = guess.get(what) ?? turn
        if (round >= leastRounds && round * each > patience * turn) continue
        const times = Math.max(1, Math.min(mostRunsInATurn, Math.floor(turn / each)))
        await new Promise(resolve => setTimeout(resolve, pause))
        // The first run of a turn finds the caches full of others' numbers; it counts where it is the only one.
        const answer = await contender.ask({ do: 'run', what, times, warm: each > turn ? 0 : 1 })
        ms.get(what)?.push(...answer.ms)
      }
    const line = able.map(
      ({ entrant, ms }) => `${entrant.id} ${milliseconds(timing(ms.get(what) ?? []).median)}`,
    )
    log(`  ${what}, ms: ${line.join(', ')}`)
  }
}

/** Compilers warm up; the last run tells how long one takes, the first where it takes a second or more. */
async function warmUp(contender: Contender, what: Quantity): Promise<number> {
  const [first] = (await contender.ask({ do: 'run', what, times: 1, warm: 0 })).ms
  if (first >= 1000) return first
  return (await contender.ask({ do: 'run', what, times: 1, warm: 1 })).ms[0]
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

const withoutTimes = ({ id, isOurs }: Entrant): Entry => {
  return { id, isOurs, version: '', importMs: 0, times: {}, difference: 0 }
}
