// What the progress bar costs, of a tiny and a middle model: `node scripts/run-ts.js tests/benchmarks/progress-bar.ts`.
// First by a profile: the share of samples that were taken in the bar. Then by the clock: epochs with and without the
// bar, in turn, in processor time.

import { openSync, writeSync } from 'node:fs'
import { type Profiler, Session } from 'node:inspector/promises'
import { type Callback, Dense, Flatten, LocallyConnected2D, Sequential, stream, Tensor } from 'unshared'
import { ProgressBar } from 'unshared/node'

const n = 4000
const random = stream('progress bar')
const x = new Tensor([n, 8, 8, 1], new Float32Array(64 * n).map(random))
const y = new Tensor(
  [n],
  new Float32Array(n).map(() => Math.floor(10 * random())),
)

const head = () => [new Flatten(), new Dense({ units: 10, activation: 'softmax' })]
const local = () => new LocallyConnected2D({ filters: 16, kernelSize: 3, activation: 'relu' })
const models = {
  tiny: { batchSize: 4, model: new Sequential(head(), { seed: 1 }) },
  middle: { batchSize: 32, model: new Sequential([local(), local(), ...head()], { seed: 1 }) },
}
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]
const percent = (share: number) => `${(100 * share).toFixed(2)} %`

/** Like a terminal, but nobody sees it. */
const sink = openSync('/dev/null', 'w')
const terminal = { isTTY: true, columns: 120, write: (text: string) => writeSync(sink, text) }
process.env.CI = 'false'
process.env.TERM = 'xterm'

for (const [name, { batchSize, model }] of Object.entries(models)) {
  model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] })
  const train = async (epochs: number, callbacks: Callback[]) => {
    const start = process.cpuUsage()
    await model.fit(x, y, { epochs, batchSize, callbacks, verbose: callbacks.length > 0 ? 1 : 0 })
    const { user, system } = process.cpuUsage(start)
    return (user + system) / epochs // microseconds an epoch
  }
  await train(3, [])
  const step = (await train(3, [])) / (n / batchSize)

  const epochs = Math.ceil(6_000_000 / (step * (n / batchSize)))
  const share = shareOf(await profile(() => train(epochs, [new ProgressBar({ stream: terminal })])))

  const [without, withBar]: [number[], number[]] = [[], []]
  const few = Math.ceil(epochs / 12)
  for (let round = 0; round < 25; round++) {
    without.push(await train(few, []))
    withBar.push(await train(few, [new ProgressBar({ stream: terminal })]))
  }
  const more = median(withBar.map((time, i) => time / without[i])) - 1
  console.log(
    `${name}: ${step.toFixed(0)} us/step; in the bar: ${percent(share)} of the samples; by the clock: ${percent(more)}`,
  )
}

async function profile(run: () => Promise<unknown>): Promise<Profiler.Profile> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: 200 })
  await session.post('Profiler.start')
  await run()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return profile
}

/** The share of samples with the bar on the stack. What is idle does not count. */
function shareOf({ nodes, samples = [] }: Profiler.Profile): number {
  const inBar = new Set<number>()
  const idle = new Set<number>()
  for (const { id, callFrame, children = [] } of nodes) {
    const { functionName, url } = callFrame
    if (functionName === '(idle)') idle.add(id)
    const ours =
      url.includes('cli-progress') || ['tell', 'onProgress', 'runningLine', 'finishedLine'].includes(functionName)
    if (ours || inBar.has(id)) for (const node of [id, ...children]) inBar.add(node)
  }
  const counted = samples.filter(id => !idle.has(id))
  return counted.filter(id => inBar.has(id)).length / counted.length
}
