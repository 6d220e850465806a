// The experiment that all screens show: a race, and what was done before, so that it can be undone. It runs in the page's
// worker and in Node alike.

import type { Sequential } from 'unshared'
import type { DataSet } from './digits.ts'
import { bytesOf } from './net-state.ts'
import { netNames, type PerNet, type Task } from './nets.ts'
import { fits } from './own/experiment-file.ts'
import { Race, type RaceSettings, type RaceState } from './race.ts'

/** What changes nets. Each has its name in the texts: `action.train`. */
export type Action = 'train' | 'step' | 'share' | 'untie' | 'reset' | 'settings' | 'weight' | 'load'

interface Moment {
  /** What was done next, or for moments that were undone, before. */
  readonly action: Action
  /** What a race is made of, not the race: its memory is larger than its state. */
  readonly settings: RaceSettings
  readonly data: DataSet
  readonly task: Task
  readonly state: RaceState
  readonly version: number
  readonly bytes: number
}

/** All moments together are kept up to this size: of Adam's nets of the page, about 60. */
export const mostBytes = 24 * 2 ** 20

export class Experiment {
  race: Race
  /** A number for the nets as they are: what was measured at another version is of other nets. */
  version = 0
  #lastVersion = 0
  readonly #past: Moment[] = []
  #future: Moment[] = []

  constructor(settings: RaceSettings, data: DataSet, task?: Task) {
    this.race = new Race(settings, data, task)
  }

  /** The action that `undo` would take back, or null. */
  get undoes(): Action | null {
    return this.#past.at(-1)?.action ?? null
  }

  get redoes(): Action | null {
    return this.#future.at(-1)?.action ?? null
  }

  get bytes(): number {
    return [...this.#past, ...this.#future].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** To be called before anything that changes nets, by its name: `undo` comes back to here. */
  keep(action: Action): void {
    this.#past.push(this.#moment(action))
    this.#future = []
    while (this.bytes > mostBytes && this.#past.length > 1) this.#past.shift()
  }

  trainBatch(): void {
    this.race.trainBatch()
    this.#next()
  }

  /** Changes weights by hand. @param goesOn whether it is part of the change before: `undo` takes both back */
  change(action: Action, how: (nets: PerNet<Sequential>) => void, goesOn = false): void {
    if (!goesOn || this.undoes !== action) this.keep(action)
    how(this.race.nets)
    this.race.weightsChanged()
    this.#next()
  }

  /** Starts anew, with other settings or the same ones. */
  begin(action: Action, settings: RaceSettings, data = this.race.data, task?: Task): void {
    this.keep(action)
    this.race = new Race(settings, data, task)
    this.#next()
  }

  /** Goes on from what was saved. @throws Error if it does not fit these nets; then nothing has changed */
  load(state: RaceState, settings: RaceSettings, data: DataSet, task?: Task): void {
    const race = new Race(settings, data, task)
    if (!fits(race, state)) throw new Error('the weights in the file are those of other nets')
    race.restore(state)
    this.keep('load')
    this.race = race
    this.#next()
  }

  undo(): void {
    this.#go(this.#past, this.#future)
  }

  redo(): void {
    this.#go(this.#future, this.#past)
  }

  #go(from: Moment[], to: Moment[]): void {
    const moment = from.pop()
    if (!moment) return
    to.push(this.#moment(moment.action))
    const { settings, data, task, state, version } = moment
    const isSame = this.race.settings === settings && this.race.data === data && this.race.task === task
    if (!isSame) this.race = new Race(settings, data, task)
    this.race.restore(state)
    this.version = version
  }

  #next(): void {
    this.version = ++this.#lastVersion
  }

  #moment(action: Action): Moment {
    const { settings, data, task } = this.race
    const state = this.race.state()
    const bytes = netNames.reduce((sum, name) => sum + bytesOf(state.nets[name]), 0)
    return { action, settings, data, task, state, version: this.version, bytes }
  }
}
