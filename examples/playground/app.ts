// What every screen gets, and what it gives.

import type { NetName } from './nets.ts'
import type { State } from './state.ts'
import type { Key } from './texts/en.ts'
import type { Trainer } from './trainer.ts'

export interface App {
  readonly state: State
  readonly trainer: Trainer
  /** A text in the reader's language; {name} stands for a value. */
  t(key: Key, values?: Record<string, string | number>): string
  /** Sentences in a row: with spaces between them, where the language has any. */
  join(sentences: readonly string[]): string
  /** The name of a net. */
  net(name: NetName): string
  /** Changes the state and the address. A change of what the nets are trained with starts them anew. */
  set(change: Partial<State>): void
  /** Says something to those who listen rather than look. */
  say(text: string): void
}

export interface Screen {
  readonly element: HTMLElement
  /** Training has news. */
  update?(): void
  close?(): void
}
