// The one store behind all screens: the nets as they are now, what was measured of them, what can be undone, long runs and
// what they found, and what each screen remembers. A screen is made anew whenever the reader goes elsewhere and comes back,
// or changes language or theme; it keeps nothing itself, and draws what is here.

import type { Action } from './experiment.ts'
import type { RunArgs, RunName, RunResult } from './long-runs.ts'
import { addMeasured, type Measured } from './measured.ts'
import type { NetName } from './nets.ts'
import type { SavedRace } from './own/experiment-file.ts'
import type { NamedFile } from './own/net-files.ts'
import type { RaceSettings } from './race.ts'
import type { Phase, RunNews } from './runs.ts'
import type { Unit, WeightAt } from './wiring.ts'
import type { At, Calls, Made, Status } from './worker.ts'
import { type Answer, WorkerLink } from './worker-link.ts'

/** A long run as the page knows it. */
export interface RunState<N extends RunName> {
  readonly id: number
  readonly phase: Phase
  readonly args: RunArgs<N>
  /** What it has found so far; null before it has found anything. */
  readonly result: RunResult<N> | null
  readonly error?: string
}

/** Curves to lay under the others. */
export interface Pinned {
  readonly settings: RaceSettings
  readonly measured: readonly Measured[]
}

/** As many curves can be pinned. */
export const mostPinned = 3

export class Store {
  /** Of the nets; null before the first are there. */
  status: Status | null = null
  /** After each epoch of this training. */
  measured: readonly Measured[] = []
  pinned: readonly Pinned[] = []
  /** Called when anything is new, at most once a frame; while nets train, once a second for who asks for less motion. */
  onNews: () => void = () => {}
  /** Called when undo or redo brought other settings back. */
  onSettings: (status: Status) => void = () => {}

  readonly #nets: WorkerLink
  readonly #startLab: () => Promise<WorkerLink>
  #lab: Promise<WorkerLink> | null = null
  readonly #runs: { [N in RunName]?: RunState<N> } = {}
  readonly #memories = new Map<string, object>()
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #lastRun = 0
  #frame = 0
  #later: ReturnType<typeof setTimeout> | undefined

  /** @param source the worker's script @param digits the file of digits, as a text */
  constructor(source: string, digits: string) {
    this.#nets = new WorkerLink(source, { news: status => this.#take(status) })
    this.#nets.ask('digits', digits)
    this.#startLab = async () => {
      const lab = new WorkerLink(source, { run: news => this.#takeRun(news) })
      await lab.ask('digits', digits)
      return lab
    }
  }

  // ---- The nets.

  /** Asks about the nets as they are. The answer is of that moment: ask again in `update`. */
  ask<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): Promise<Answer<K>> {
    return this.#nets.ask(call, ...args)
  }

  /** Nets for other settings, or with the same ones from their beginning. @param made how they are built; null: as before */
  async setup(settings: RaceSettings, action: Action = 'settings', made: Made | null = null): Promise<void> {
    this.#take(await this.ask('setup', settings, action, made))
  }

  /** The nets and all that their training goes on from, as they were saved. */
  async load({ settings, state, design, own }: SavedRace, ownId = 0): Promise<void> {
    const made = design && { design, own: own && { id: ownId, data: own } }
    this.#take(await this.ask('load', settings, state, made))
  }

  /** A net gets the weights in files. */
  async loadNet(name: NetName, files: readonly NamedFile[]): Promise<void> {
    this.#take(await this.ask('loadNet', name, files))
  }

  /** Sets a weight by hand. @param goesOn whether the same hand is still at it */
  async setWeight(name: NetName, unit: Unit, at: WeightAt, to: number, goesOn: boolean): Promise<void> {
    this.#take(await this.ask('setWeight', name, unit, at, to, goesOn))
  }

  /** Trains until the epoch with this number is done. */
  async play(until: number): Promise<void> {
    this.#take(await this.ask('play', until))
  }

  async pause(): Promise<void> {
    this.#take(await this.ask('pause'))
  }

  async step(): Promise<void> {
    this.#take(await this.ask('step'))
  }

  /** The nets, their epochs and curves, and the settings as before the last action. */
  undo(): Promise<void> {
    return this.#back('undo')
  }

  redo(): Promise<void> {
    return this.#back('redo')
  }

  /** Whether what was found at a moment is of the nets as they are now. */
  isNow({ version }: At): boolean {
    return version === this.status?.version
  }

  /** Keeps the curves so far, to lay later ones over them. */
  pin(): void {
    if (!this.status) return
    this.pinned = [...this.pinned, { settings: this.status.settings, measured: this.measured }].slice(-mostPinned)
    this.#draw()
  }

  unpin(): void {
    this.pinned = []
    this.#draw()
  }

  // ---- Long runs, in a worker of their own.

  run<N extends RunName>(name: N): RunState<N> | null {
    return (this.#runs[name] as RunState<N> | undefined) ?? null
  }

  /** A run of the same name is stopped, and its result is gone. */
  async start<N extends RunName>(name: N, args: RunArgs<N>): Promise<void> {
    const id = ++this.#lastRun
    this.#setRun(name, { id, phase: 'running', args, result: null })
    await this.#askLab('run', name, id, args as never)
  }

  pauseRun(name: RunName): void {
    this.#askLab('pauseRun', name)
  }

  resumeRun(name: RunName): void {
    this.#askLab('resumeRun', name)
  }

  /** Ends a run; what it found stays. */
  stopRun(name: RunName): void {
    this.#askLab('stopRun', name)
  }

  // ---- What is neither of the nets nor in the address.

  /** An object that lives as long as the page, made at the first call: what a screen wants to find again. */
  remember<T extends object>(name: string, make: () => T): T {
    let memory = this.#memories.get(name) as T | undefined
    if (!memory) {
      memory = make()
      this.#memories.set(name, memory)
    }
    return memory
  }

  /** Lets the screen draw, in the next frame. */
  changed(): void {
    this.#draw()
  }

  async #back(call: 'undo' | 'redo'): Promise<void> {
    const set = (status: Status | null) => JSON.stringify([status?.settings, status?.design, status?.own])
    const before = set(this.status)
    const status = await this.ask(call)
    this.#take(status)
    if (set(status) !== before) this.onSettings(status)
  }

  #take(status: Status): void {
    this.status = status
    this.measured = status.anew ? status.measures : addMeasured(this.measured, status.measures)
    if (this.#frame) return
    if (status.playing && this.#calm.matches) this.#later ??= setTimeout(() => this.#draw(), 1000)
    else this.#draw()
  }

  async #askLab<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): Promise<void> {
    this.#lab ??= this.#startLab()
    const lab = await this.#lab
    await lab.ask(call, ...args)
  }

  #takeRun({ run, id, phase, result, error }: RunNews): void {
    const name = run as RunName
    const before = this.#runs[name]
    if (before?.id !== id) return
    this.#setRun(name, {
      ...before,
      phase,
      result: result ?? before.result,
      ...(error !== undefined && { error }),
    } as RunState<RunName>)
  }

  #setRun(name: RunName, state: RunState<RunName>): void {
    Object.assign(this.#runs, { [name]: state })
    this.#draw()
  }

  #draw(): void {
    clearTimeout(this.#later)
    this.#later = undefined
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0
      this.onNews()
    })
  }
}
