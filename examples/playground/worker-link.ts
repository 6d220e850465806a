// The page's side of one worker: questions by name, answers, and news.

import type { RunNews } from './runs.ts'
import type { Calls, Status } from './worker.ts'

export type Answer<K extends keyof Calls> = Awaited<ReturnType<Calls[K]>>

export class WorkerLink {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(value: never): void; reject(error: Error): void }>()
  #id = 0

  /** @param source its script, as a text */
  constructor(source: string, tell: { news?(status: Status): void; run?(news: RunNews): void }) {
    const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
    this.#worker = new Worker(address)
    this.#worker.onmessage = ({ data }) => {
      if (data.news) return tell.news?.(data.news)
      if (data.run) return tell.run?.(data.run)
      const waiting = this.#waiting.get(data.id)
      this.#waiting.delete(data.id)
      if (data.error) waiting?.reject(new Error(data.error))
      else waiting?.resolve(data.result as never)
    }
  }

  ask<K extends keyof Calls>(call: K, ...args: Parameters<Calls[K]>): Promise<Answer<K>> {
    this.#worker.postMessage({ id: ++this.#id, call, args })
    const id = this.#id
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
    })
  }
}
