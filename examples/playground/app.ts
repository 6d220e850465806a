// What every screen gets, and what it gives.

import type { Bench } from './bench.ts'
import type { NetName } from './nets.ts'
import type { NamedFile } from './own/net-files.ts'
import type { State } from './state.ts'
import type { Store } from './store.ts'
import type { Key } from './texts/en.ts'

export interface App {
  readonly state: State
  /** The nets, what was found, what can be undone, what screens remember: see store.ts. */
  readonly store: Store
  /** The builder's experiment. */
  readonly bench: Bench
  /** A text in the reader's language; {name} stands for a value. */
  t(key: Key, values?: Record<string, string | number>): string
  /** Sentences in a row: with spaces between them, where the language has any. */
  join(sentences: readonly string[]): string
  /** The name of a net. */
  net(name: NetName): string
  /** Changes the state and the address. A change of what the nets are trained with starts them anew; it can be undone. */
  set(change: Partial<State>): void
  /** The same nets from their beginning. */
  reset(): void
  /** Makes the screen anew, after a change that is not the screen's own. */
  show(): void
  /** The whole experiment as a file. */
  save(): Promise<NamedFile>
  /** Goes on from such a file. @param done is called before the screen is made anew @throws Error for another file; then the experiment stays as it was */
  load(file: NamedFile, done: () => void): Promise<void>
  /** Says something to those who listen rather than look. */
  say(text: string): void
}

/** A screen lives until the reader goes elsewhere, or changes language or theme: what it finds belongs into the store. */
export interface Screen {
  readonly element: HTMLElement
  /** The store has news. Also called when the screen was put on the page. */
  update?(): void
  close?(): void
}
