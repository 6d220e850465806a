// Where a training step spends its time: `npm run profile [-- CASE … --threads N --on-batch --seconds S]`. Samples the
// stack of the main thread while a case of the benchmark trains, and adds up the time in each kernel of the WebAssembly
// module and in each function around them.

import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { parseArgs } from 'node:util'
import { layers, Sequential, Tensor } from 'unshared'
import * as kernelNumbers from '../../lib/simd/kernels.ts'
import { createMemory, instantiate, moduleFor } from '../../lib/simd/wasm.ts'
import { cases, type ModelCase } from '../benchmarks/cases.ts'
import { labels, numbers, seeds } from '../benchmarks/data.ts'

const { values, positionals } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    'on-batch': { type: 'boolean', default: false },
    seconds: { type: 'string', default: '3' },
  },
  allowPositionals: true,
})
const kernel = 'kernel '
/** Kernels by the names of their functions in profiles. The module has no other names: an export's is its number. */
const kernels = new Map<string, string>()
const module = moduleFor(false)
if (!module) throw new Error('the WebAssembly module does not run here')
const { exports } = instantiate(module, createMemory(64, false))
for (const [name, number] of Object.entries(kernelNumbers)) kernels.set(`wasm-function[${exports[number].name}]`, name)

const isStack = ({ layers }: ModelCase) => layers.every(([, , reads]) => !reads)
const trainings = cases.flatMap(given => (given.kind === 'fit' && isStack(given) ? [given] : []))
const unknown = positionals.filter(id => !trainings.some(given => given.id === id))
if (unknown.length > 0) {
  console.error(`No such case: ${unknown.join(', ')}. There are ${trainings.map(({ id }) => id).join(', ')}.`)
  process.exit(2)
}
const chosen = trainings.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
for (const given of chosen) await profile(given)

async function profile(given: ModelCase): Promise<void> {
  const { batch, samples } = given
  const steps = Math.ceil(samples / batch)
  const train = trainer(given)
  await train(Math.ceil(2000 / steps)) // compilers warm up
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 50 })
  await session.post('Profiler.start')
  const start = performance.now()
  let epochs = 0
  for (; performance.now() - start < 1e3 * Number(values.seconds); epochs += 5) await train(5)
  const perStep = (1e3 * (performance.now() - start)) / (epochs * steps)
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()

  const found = [...timesOf(profile)].sort(([, a], [, b]) => b - a)
  const sum = (rows: typeof found) => rows.reduce((total, [, us]) => total + us, 0)
  const share = (us: number) => `${((100 * us) / sum(found)).toFixed(1).padStart(5)} %`
  const inKernels = sum(found.filter(([name]) => name.startsWith(kernel)))
  console.log(`\n${given.title}: ${perStep.toFixed(0)} µs a step, ${share(inKernels).trim()} of it in kernels`)
  for (const [name, us] of found.slice(0, 20))
    console.log(`${((us / sum(found)) * perStep).toFixed(1).padStart(9)} µs ${share(us)}  ${name}`)
}

/** Trains for so many epochs. */
function trainer({ batch, inputShape, samples, classes, layers: given, optimizer = 'adam' }: ModelCase) {
  const x = Tensor.from(numbers(samples * inputShape.reduce((a, b) => a * b), seeds.x), [samples, ...inputShape])
  const y = Tensor.from(labels(samples, seeds.labels, classes), [samples, 1])
  const made = given.map(([className, config]) => layers.get({ className, config: { ...config } }))
  const model = new Sequential(made, { seed: 1, engine: 'simd', threads: Number(values.threads) })
  model.compile({ optimizer, loss: 'sparseCategoricalCrossentropy' })
  const [some, labelsOfSome] = [x.slice(0, batch), y.slice(0, batch)]
  return async (epochs: number) => {
    if (!values['on-batch']) await model.fit(x, y, { epochs, batchSize: batch, verbose: 0 })
    else for (let i = 0; i < epochs * Math.ceil(samples / batch); i++) model.trainOnBatch(some, labelsOfSome)
  }
}

/** Microseconds by kernel, and by function for all else. What a kernel calls counts as its own. */
function timesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map(child => [child, id] as const)))
  const nameOf = (id: number) => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const own = kernels.get(frames.get(at)?.functionName ?? '')
      if (own) return `${kernel}${own}`
    }
    const frame = frames.get(id)
    return frame?.functionName || '(anonymous)'
  }
  const names = new Map<number, string>()
  const times = new Map<string, number>()
  samples.forEach((id, i) => {
    let name = names.get(id)
    if (name === undefined) names.set(id, (name = nameOf(id)))
    times.set(name, (times.get(name) ?? 0) + timeDeltas[i])
  })
  return times
}
