// Runs in the page and, as the same script, in a worker.

import { at } from '../../../lib/simd/control.ts'
import { type Options, type Result, train } from './training.ts'

/** What a training was, and how many chunks of its work other threads did. */
export interface Shared extends Result {
  readonly helped: number
}

/** Of the chunks that are done, those that this thread didn't do are the others'. */
async function trainAndCount(options: Options): Promise<Shared> {
  let all = 0
  let own = 0
  let control: Int32Array | null = null
  const { add, store } = Atomics
  Object.assign(Atomics, {
    add(array: Int32Array, index: number, value: number) {
      if (index === at.DONE) own++
      return add(array, index, value)
    },
    store(array: Int32Array, index: number, value: number) {
      if (index === at.DONE) all += array[at.DONE] // of the job before
      control = array
      return store(array, index, value)
    },
  })
  try {
    const result = await train(options)
    if (control) all += control[at.DONE]
    return { ...result, helped: all - own }
  } finally {
    Object.assign(Atomics, { add, store })
  }
}

interface Scope {
  train: typeof trainAndCount
  onmessage?: (event: { data: Options }) => void
  postMessage(message: unknown): void
  document?: unknown
}
const scope = globalThis as unknown as Scope
scope.train = trainAndCount
if (!scope.document)
  scope.onmessage = async ({ data }) => {
    const post = (result: object) => scope.postMessage(result)
    await trainAndCount(data).then(post, error => post({ error: String(error) }))
  }
