// The builder's experiment: nets of the reader's design, on the digits or on pictures of the reader's own. Like the page's
// own race it has a store, with a worker that starts when it is first needed.

import type { App } from './app.ts'
import { benchSettings, benchState, designOf } from './builder/bench-state.ts'
import { plainDesign } from './builder/design.ts'
import type { SavedRace } from './own/experiment-file.ts'
import { dataSetOf, nothingOwn, type OwnData } from './own/own-data.ts'
import type { State } from './state.ts'
import type { Store } from './store.ts'
import type { Status } from './worker.ts'

export class Bench {
  /** The reader's own pictures. */
  own: OwnData = nothingOwn

  readonly #open: () => Store
  readonly #tell: { news(): void; settings(change: Partial<State>): void }
  #store: Store | null = null
  #made = ''
  /** The data sets that nets were trained on. Undo finds each by its index. */
  readonly #learned: OwnData[] = []

  constructor(open: () => Store, tell: { news(): void; settings(change: Partial<State>): void }) {
    this.#open = open
    this.#tell = tell
  }

  /** Whether any nets have been built. */
  get isOpen(): boolean {
    return this.#store !== null
  }

  get store(): Store {
    if (this.#store) return this.#store
    const store = this.#open()
    store.onNews = () => this.#tell.news()
    store.onSettings = status => {
      const own = this.ownOf(status)
      if (own) this.own = own
      const change = benchState(status, own !== null)
      this.#made = keyOf(status.settings, status.design, status.own)
      this.#tell.settings(change)
    }
    this.#store = store
    return store
  }

  /** The pictures that the nets of this status learn; null for the digits. */
  ownOf({ own }: Pick<Status, 'own'>): OwnData | null {
    return own === null ? null : (this.#learned[own] ?? null)
  }

  /** Whether the reader's pictures can be learned. */
  get canLearnOwn(): boolean {
    return dataSetOf(this.own) !== null
  }

  /** Builds the nets that are set, unless they are there. */
  follow(state: State): void {
    const isOwn = state['b.data'] === 'own' && this.canLearnOwn
    const [settings, design] = [benchSettings(state), designOf(state)]
    const id = isOwn ? this.#numberOf(this.own) : null
    const key = keyOf(settings, design, id)
    if (key === this.#made) return
    this.#made = key
    this.store.setup(settings, 'settings', { design, own: id === null ? null : { id, data: this.own } })
  }

  /** The same nets from their beginning. */
  reset(): void {
    const { status } = this.store
    if (status) this.store.setup(status.settings, 'reset')
  }

  async save(): Promise<SavedRace> {
    const { own, ...saved } = await this.store.ask('save')
    return { ...saved, own: own === null ? null : this.#learned[own] }
  }

  async load(saved: SavedRace): Promise<void> {
    const id = saved.own ? this.#numberOf(saved.own) : null
    await this.store.load({ ...saved, design: saved.design ?? plainDesign }, id ?? 0)
    this.#made = keyOf(saved.settings, saved.design ?? plainDesign, id)
  }

  #numberOf(own: OwnData): number {
    const known = this.#learned.indexOf(own)
    return known >= 0 ? known : this.#learned.push(own) - 1
  }
}

const keyOf = (...parts: unknown[]) => JSON.stringify(parts)

/** The app, with the builder's nets in place of the page's: for what shows either. */
export function onBench(app: App): App {
  const { bench } = app
  return Object.create(app, {
    store: { get: () => bench.store },
    state: { get: () => ({ ...app.state, epochs: app.state['b.epochs'] }) },
    reset: { value: () => bench.reset() },
  })
}
