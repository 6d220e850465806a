// The page's side of the worker.

import { addMeasured, type Measured } from './measured.ts'
import type { RaceSettings } from './race.ts'
import type { Calls, Status } from './worker.ts'

type Answer<K extends keyof Calls> = Promise<Awaited<ReturnType<Calls[K]>>>

export class Trainer {
  status: Status | null = null
  measured: readonly Measured[] = []
  settings: RaceSettings | null = null
  /** Called when something is new, at most once a frame; while nets train, once a second for who asks for less motion. */
  onNews: () => void = () => {}

  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  readonly #calm = matchMedia('(prefers-reduced-motion: reduce)')
  #id = 0
  #frame = 0
  #later: ReturnType<typeof setTimeout> | undefined

  constructor(source: string) {
    this.#worker = new Worker(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })))
    this.#worker.onmessage = ({ data }) => {
      if (data.news) return this.#take(data.news)
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if (data.error) waiting?.reject(new Error(data.error))
      else waiting?.resolve(data.result as never)
    }
  }

  ask<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): Answer<K> {
    this.#worker.postMessage({ id: ++this.#id, call, args })
    const id = this.#id
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    }) as Answer<K>
  }

  async setup(settings: RaceSettings): Promise<void> {
    this.settings = settings
    this.#take(await this.ask('setup', settings))
  }

  async play(until: number): Promise<void> {
    this.#take(await this.ask('play', until))
  }

  async pause(): Promise<void> {
    this.#take(await this.ask('pause'))
  }

  async step(): Promise<void> {
    this.#take(await this.ask('step'))
  }

  #take(status: Status): void {
    this.status = status
    this.measured = addMeasured(this.measured, status.from, status.measures)
    if (this.#frame) return
    if (status.playing && this.#calm.matches) this.#later ??= setTimeout(() => this.#draw(), 1000)
    else this.#draw()
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
