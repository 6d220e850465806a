// Runs in the page and, as the same script, in a worker.

import { train } from './training.ts'

interface Scope {
  train: typeof train
  onmessage?: (event: { data: 'reference' | 'simd' | null }) => void
  postMessage(message: unknown): void
  document?: unknown
}
const scope = globalThis as unknown as Scope
scope.train = train
if (!scope.document)
  scope.onmessage = async ({ data }) => {
    scope.postMessage(await train(data))
  }
