// A contender within a case: it starts, prepares, shows its results, and has its turns.

import type { Case, Quantity } from './cases.ts'
import { type Answer, Contender, ContenderError, TooSlow } from './contender.ts'
import type { Entrant } from './field.ts'
import { type Entry, timing } from './results.ts'

/** So many that the turn's length decides: after a pause a machine is slow for some milliseconds, which are not to be all. */
const mostRunsInATurn = 500
/** Everyone has so many turns; after them, one that has spent so many turns' time has no more. */
const leastRounds = 3
const patience = 100

export class Runner {
  readonly entrant: Entrant
  readonly #given: Case
  readonly #firstMs: number[] = []
  readonly #ms = new Map<Quantity, number[]>()
  /** About how long one run takes. */
  readonly #guess = new Map<Quantity, number>()
  readonly #patience: number
  #contender: Contender | null = null
  #loaded: Answer | null = null
  #quantities: readonly string[] = []
  #difference = 0
  #excuse: string | undefined
  #error: string | undefined

  /** @param patience the time limit for each answer, in milliseconds */
  constructor(entrant: Entrant, given: Case, patience: number) {
    this.#patience = patience
    this.entrant = entrant
    this.#given = given
    this.#excuse = entrant.excuse(given) ?? undefined
  }

  get takesPart(): boolean {
    return this.#excuse === undefined && this.#error === undefined
  }

  /** Starts so many processes one after the other, each up to its first output; the last one stays. */
  async start(times: number): Promise<void> {
    for (let i = 0; i < times && this.takesPart; i++) {
      await this.stop()
      const contender = new Contender(this.entrant.command, this.#patience)
      this.#contender = contender
      await this.#guarded(async () => {
        this.#loaded = await contender.next()
        const { implementation } = this.entrant
        const { firstMs, quantities } = await contender.ask({ do: 'prepare', case: { ...this.#given, implementation } })
        this.#firstMs.push(firstMs)
        this.#quantities = quantities
      })
    }
  }

  /** What it computes; empty when it failed. */
  async results(): Promise<Answer['results']> {
    return (await this.#ask({ do: 'results' }))?.results ?? {}
  }

  /** Takes note of how far it is from the others. */
  compared(difference: number, tolerance: number): void {
    this.#difference = difference
    if (difference > tolerance)
      this.fail(`computes something else: its results are off by ${difference.toExponential(1)}`)
  }

  fail(reason: string): void {
    this.#error = reason
  }

  can(what: Quantity): boolean {
    return this.takesPart && this.#quantities.includes(what)
  }

  get quantities(): readonly Quantity[] {
    return this.#quantities as readonly Quantity[]
  }

  /** Compilers warm up; the last run tells how long one takes, the first where it takes a second or more. */
  async warmUp(what: Quantity): Promise<void> {
    const once = (warm: number) => this.#ask({ do: 'run', what, times: 1, warm })
    const first = (await once(0))?.ms[0] ?? 0
    const guess = first >= 1000 ? first : ((await once(1))?.ms[0] ?? 0)
    this.#guess.set(what, guess)
    this.#ms.set(what, [])
  }

  /** One of its turns, of about `length` milliseconds; counted from 0. */
  async turn(what: Quantity, round: number, length: number): Promise<void> {
    const each = this.#guess.get(what) ?? 0
    if (round >= leastRounds && round * each > patience * length) return
    const times = Math.max(1, Math.min(mostRunsInATurn, Math.floor(length / Math.max(each, 1e-3))))
    // The first run of a turn finds the caches full of others' numbers; it counts where it is the only one.
    const answer = await this.#ask({ do: 'run', what, times, warm: each > length ? 0 : 1 })
    const epochs = this.#given.kind === 'fit' && what === 'fit' ? this.#given.epochs : 1
    this.#ms.get(what)?.push(...(answer?.ms ?? []).map(ms => ms / epochs))
  }

  median(what: Quantity): number | undefined {
    const ms = this.#ms.get(what)
    return ms && ms.length > 0 ? timing(ms).median : undefined
  }

  /** What there is to tell, for the log. */
  get state(): string {
    if (!this.takesPart || !this.#loaded) return this.#excuse ?? this.#error ?? 'did not start'
    const first = timing(this.#firstMs).median.toFixed(1)
    return `${this.#loaded.version}; first output after ${first} ms; off by ${this.#difference.toExponential(0)}`
  }

  async entry(): Promise<Entry> {
    const { id, isOurs } = this.entrant
    const after = this.takesPart ? await this.#ask({ do: 'memory' }) : null
    const loaded = this.#loaded
    if (!this.takesPart || !after || !loaded) {
      const why = this.#excuse !== undefined ? { excuse: this.#excuse } : { error: this.#error ?? 'it failed' }
      return { id, isOurs, version: '', ...why, importMs: 0, times: {}, difference: 0 }
    }
    const measured = [...this.#ms].filter(([, ms]) => ms.length > 0)
    const times = Object.fromEntries(measured.map(([quantity, ms]) => [quantity, timing(ms)]))
    return {
      id,
      isOurs,
      version: loaded.version,
      importMs: loaded.importMs,
      difference: this.#difference,
      times: { ...times, first: timing(this.#firstMs) },
      memory: { before: loaded.memory, after: after.memory },
      ...(after.note === undefined ? {} : { note: after.note }),
    }
  }

  async stop(): Promise<void> {
    await this.#contender?.stop()
    this.#contender = null
  }

  async #ask(command: object): Promise<Answer | null> {
    const contender = this.#contender
    return contender && this.takesPart ? this.#guarded(() => contender.ask(command)) : null
  }

  /** What goes wrong with a contender ends its part, not the benchmark. */
  async #guarded<T>(run: () => Promise<T>): Promise<T | null> {
    try {
      return await run()
    } catch (error) {
      if (!(error instanceof ContenderError)) throw error
      if (error instanceof TooSlow && this.#firstMs.length === 0)
        this.#excuse = `not ready within ${this.#patience / 1000} s`
      else this.fail(error.message)
      await this.stop()
      return null
    }
  }
}
