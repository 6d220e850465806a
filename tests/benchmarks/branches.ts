// `node scripts/run-ts.js tests/benchmarks/branches.ts`: what a graph costs beside its parts. Two locally connected layers
// read one image, in one model with two outputs, and in two models of one layer each.

import { type EngineName, input, LocallyConnected2D, Model, Sequential, Tensor } from 'unshared'
import { numbers, seeds } from './data.ts'
import { type Timing, timing } from './results.ts'

const rounds = 15
const turn = 150 // milliseconds

interface Size {
  readonly inputShape: readonly [number, number, number]
  readonly filters: number
  readonly batch: number
}

const layer = ({ filters }: Size, kernelSize: number, name: string) =>
  new LocallyConnected2D({ filters, kernelSize, name })

/** The milliseconds of each call. The calls take turns, so that the machine's noise affects all of them alike. */
function measure(calls: readonly (() => void)[]): Timing[] {
  for (const call of calls) call()
  const times = calls.map((): number[] => [])
  for (let round = 0; round < rounds; round++)
    calls.forEach((call, i) => {
      let [count, elapsed] = [0, 0]
      const start = performance.now()
      do {
        call()
        count++
        elapsed = performance.now() - start
      } while (elapsed < turn)
      times[i].push(elapsed / count)
    })
  return times.map(timing)
}

function compare(size: Size, engine: EngineName): void {
  const { inputShape, batch } = size
  const settings = { seed: 1, engine }
  const x = Tensor.from(numbers(batch * inputShape.reduce((a, b) => a * b), seeds.x), [batch, ...inputShape])
  const image = input({ shape: inputShape })
  const graph = new Model({
    inputs: image,
    outputs: [layer(size, 3, 'left').apply(image), layer(size, 5, 'right').apply(image)],
    ...settings,
  })
  const parts = [layer(size, 3, 'left'), layer(size, 5, 'right')].map(each => {
    const part = new Sequential([each], settings)
    part.build([null, ...inputShape])
    return part
  })
  const ys = graph.outputs.map(({ shape }) => Tensor.zeros([batch, ...(shape.slice(1) as number[])]))
  for (const model of [graph, ...parts]) model.compile({ optimizer: 'sgd', loss: 'mse' })
  const rows: [string, () => void, (() => void)[]][] = [
    ['forward', () => graph.predictOnBatch(x), parts.map(part => () => part.predictOnBatch(x))],
    ['step', () => graph.trainOnBatch(x, ys), parts.map((part, i) => () => part.trainOnBatch(x, ys[i]))],
  ]
  for (const [what, whole, own] of rows) {
    const [all, ...each] = measure([whole, ...own])
    const ratio = (key: 'min' | 'median') => (all[key] / each.reduce((sum, part) => sum + part[key], 0)).toFixed(3)
    const cells = [inputShape.join('×'), `${size.filters} filters`, `batch ${batch}`, engine, what]
    console.log(
      [...cells, `${all.median.toFixed(3)} ms`, `least ${ratio('min')}`, `median ${ratio('median')}`].join('  '),
    )
  }
}

console.log('time of the graph over the sum of its parts:')
for (const engine of ['simd', 'reference'] as const) {
  compare({ inputShape: [8, 8, 1], filters: 8, batch: 32 }, engine)
  compare({ inputShape: [16, 16, 8], filters: 16, batch: 32 }, engine)
}
