// Long runs, side by side: each does a little and lets the others in. What a run has found so far is told a few times a
// second; it can be paused, resumed and stopped. This is the worker's part; the page's is in store.ts.

/** What a run works with. */
export interface Work<Result> {
  /** Tells what is known so far. */
  tell(result: Result): void
  /**
   * To be awaited after every few milliseconds of work: lets others in, and waits while the run is paused.
   * @throws Stopped when the run was stopped: let it pass
   */
  turn(): Promise<void>
}

export type Kind<Args, Result> = (args: Args, work: Work<Result>) => Promise<void>

export type Phase = 'running' | 'paused' | 'stopped' | 'done' | 'failed'

export interface RunNews {
  readonly run: string
  /** As given at its start: news of an earlier run of this name may still be on their way. */
  readonly id: number
  readonly phase: Phase
  /** What it has found so far; not there before it has found anything. */
  readonly result?: unknown
  readonly error?: string
}

export class Stopped extends Error {}

const slice = 20 // ms of work before others are let in
const newsEvery = 100 // ms

/** A message to oneself comes after the messages that wait, and without the 4 ms of a timer. */
const hop = (): Promise<void> =>
  new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    const receive = () => {
      port1.close()
      resolve()
    }
    Object.assign(port1, { onmessage: receive }) // browsers and Node type it differently
    port2.postMessage(null)
  })

class Run {
  phase: Phase = 'running'
  readonly #name: string
  readonly #id: number
  readonly #post: (news: RunNews) => void
  #result: unknown
  #toldAt = 0
  #sliceFrom = performance.now()
  #wake: (() => void) | null = null

  constructor(name: string, id: number, post: (news: RunNews) => void) {
    this.#name = name
    this.#id = id
    this.#post = post
  }

  async work<Args>(kind: Kind<Args, unknown>, args: Args): Promise<void> {
    try {
      await kind(args, {
        tell: result => {
          this.#result = result
          if (performance.now() - this.#toldAt > newsEvery) this.#tell()
        },
        turn: () => this.#turn(),
      })
      this.to('done')
    } catch (error) {
      // A library in between may have wrapped what the stop threw.
      if (this.phase === 'stopped') this.#tell()
      else this.to('failed', String(error))
    }
  }

  to(phase: Phase, error?: string): void {
    this.phase = phase
    this.#tell(error)
    this.#wake?.()
    this.#wake = null
  }

  async #turn(): Promise<void> {
    if (performance.now() - this.#sliceFrom < slice && this.phase === 'running') return
    await hop()
    while (this.phase === 'paused')
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    if (this.phase === 'stopped') throw new Stopped()
    this.#sliceFrom = performance.now()
  }

  #tell(error?: string): void {
    this.#toldAt = performance.now()
    const [run, id, phase, result] = [this.#name, this.#id, this.phase, this.#result]
    this.#post({ run, id, phase, result, ...(error !== undefined && { error }) })
  }
}

export class Runs {
  readonly #post: (news: RunNews) => void
  readonly #runs = new Map<string, Run>()

  constructor(post: (news: RunNews) => void) {
    this.#post = post
  }

  /** A run of the same name is stopped. */
  start<Args, Result>(name: string, id: number, kind: Kind<Args, Result>, args: Args): Promise<void> {
    this.stop(name)
    const run = new Run(name, id, this.#post)
    this.#runs.set(name, run)
    return run.work(kind as Kind<Args, unknown>, args)
  }

  pause(name: string): void {
    const run = this.#runs.get(name)
    if (run?.phase === 'running') run.to('paused')
  }

  resume(name: string): void {
    const run = this.#runs.get(name)
    if (run?.phase === 'paused') run.to('running')
  }

  stop(name: string): void {
    const run = this.#runs.get(name)
    if (run?.phase === 'running' || run?.phase === 'paused') run.to('stopped')
  }
}
