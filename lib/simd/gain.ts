// Finds out from which size on work is worth sharing. What threads gain depends on what a program cannot see: whether
// the cores share a cache, or are halves of one core, and what else runs on them, which may change within a second. So
// the sizes are tried, one against another.

/** The sizes: the number of multiply-adds that justify a thread. */
const WORTHS = [40_000, 160_000, Infinity]
/** The number of runs from one trial to the next. */
const PERIOD = 8192
/** The runs of a part of a trial, and the parts of each of its halves: the best size so far, and another one. */
const PART = 48
/** In the first part, threads and caches adapt. Of the others, the fastest counts: the least disturbed. */
const PARTS = 5
/** The least ratio of speeds at which another size replaces the best one. */
const BETTER = 1.04

/** Trials of the sizes, on the runs that the smallest size would share. */
export class Gain {
  /** The smallest size. */
  readonly least: number
  readonly #tries: boolean
  #worth: number
  #best = 0 // the index of the best size so far
  #other = 1 // that of the size to try next
  #runs = 0
  #cost = 0
  #time = 0
  #speed = 0 // the highest of all parts
  #speedOfBest = 0

  /** @param worth the only size; null: all are tried */
  constructor(worth: number | null) {
    this.least = this.#worth = worth ?? WORTHS[0]
    this.#tries = worth === null
  }

  /** The number of multiply-adds that justify a thread in the current run. */
  get worth(): number {
    return this.#worth
  }

  /** Begins a run. Returns whether it must be timed. */
  begin(): boolean {
    this.#runs++
    return this.#tries && this.#runs > PERIOD
  }

  /** Ends a timed run. @param cost its multiply-adds @param time in milliseconds */
  end(cost: number, time: number): void {
    this.#cost += cost
    this.#time += time
    const runs = this.#runs - PERIOD
    if (runs % PART > 0) return
    const part = runs / PART
    if (part % PARTS !== 1) this.#speed = Math.max(this.#speed, this.#cost / this.#time)
    this.#cost = this.#time = 0
    if (part === PARTS) this.#tryOther()
    else if (part === 2 * PARTS) this.#decide()
  }

  #tryOther(): void {
    this.#speedOfBest = this.#speed
    this.#speed = 0
    this.#worth = WORTHS[this.#other]
  }

  #decide(): void {
    const third = WORTHS.findIndex((_, i) => i !== this.#best && i !== this.#other)
    if (this.#speed > BETTER * this.#speedOfBest) this.#best = this.#other
    this.#worth = WORTHS[this.#best]
    this.#other = third
    this.#speed = this.#runs = 0
  }
}
