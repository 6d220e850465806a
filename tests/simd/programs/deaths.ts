// A layer runs on three threads, of which two die in one way or another. Prints what it computed before and after, how
// many threads there were, and the error if there was one.

import { syncBuiltinESMExports } from 'node:module'
import workerThreads from 'node:worker_threads'
import { LocallyConnected2D, Tensor } from 'unshared'
import 'unshared/simd' // a bundle of layers alone has the reference kernels
import * as kernels from '../../../lib/simd/kernels.ts'
import { SimdMemory } from '../../../lib/simd/memory.ts'
import { Runner } from '../../../lib/simd/threads.ts'
import type { Instance } from '../../../lib/simd/wasm.ts'

const { Worker } = workerThreads
type Options = ConstructorParameters<typeof Worker>[1]

/** How threads may be made to die: what becomes of the program's text and options. */
const deaths: Record<string, (text: string, options: Options) => [string, Options]> = {
  'not at all': (text, options) => [text, options],
  'between steps': (text, options) => [text, options],
  'at once': (_, options) => ['throw new Error("no start")', options],
  'no program': (_, options) => ['/no/such/program.js', { ...options, eval: false }],
  'not allowed': () => {
    throw new Error('Access to this API has been restricted')
  },
  'with a chunk': (text, options) => {
    if (text.split('try {').length !== 2) throw new Error('the text of the thread has changed')
    return [text.replace('try {', 'process.exit()\ntry {'), options]
  },
}
const how = process.argv[2]
const threads: InstanceType<typeof Worker>[] = []
workerThreads.Worker = class extends Worker {
  constructor(text: string, options: Options) {
    super(...deaths[how](text, options))
    threads.push(this)
  }
}
syncBuiltinESMExports()

const layer = new LocallyConnected2D({
  filters: 64,
  kernelSize: 3,
  inputShape: [32, 32, 3],
  kernelInitializer: { className: 'GlorotUniform', config: { seed: 1 } },
})
const x = new Tensor(
  [32, 32, 32, 3],
  Float32Array.from({ length: 32 * 32 * 32 * 3 }, (_, i) => (i % 97) / 97),
)
const sums = new Set<number>()
function steps(): void {
  for (let i = 0; i < 10; i++) {
    const { data } = layer.forward(x)
    sums.add(new Uint32Array(data.buffer).reduce((sum, bits) => (Math.imul(sum, 31) + bits) | 0, 0))
  }
}

/** Has threads take chunks until one dies with them. The caller's kernels do nothing, slowly, so that threads get some. */
function untilOneDies(): void {
  const idle = () => {
    for (const end = Date.now() + 20; Date.now() < end; );
  }
  const exports = Object.fromEntries(Object.values(kernels).map(number => [number, idle]))
  const memory = new SimdMemory(true, 3)
  const length = 12
  const numbers = memory.region().alloc(length * 1024)
  memory.pass([numbers.array, numbers.array.length])
  const runner = new Runner(memory, { exports } as unknown as Instance, 3, 1, 500)
  for (let i = 0; i < 100; i++) runner.run(kernels.fillZero, length, 1)
}

let error = ''
try {
  if (how === 'with a chunk') untilOneDies()
} catch (thrown) {
  error = String(thrown)
}
steps()
const mortal = how !== 'not at all'
if (how === 'between steps') for (const thread of threads) thread.terminate()
if (mortal) await Promise.all(threads.map(thread => new Promise(ended => thread.once('exit', ended))))
steps()
console.log(JSON.stringify({ sums: [...sums], threads: threads.length, error }))
