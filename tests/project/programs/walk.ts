// Follows one step of training through lib/ by the coverage that V8 counts: from the layer's call to the updated weight.
// Writes the functions that ran, as JSON.

import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { findSourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import { LocallyConnected2D, Sequential, SGD, Tensor } from 'unshared'
import { Batch } from '../../../lib/models/step.ts'

interface Counted {
  readonly url: string
  readonly functions: { functionName: string; ranges: { startOffset: number; endOffset: number; count: number }[] }[]
}

const session = new Session()
session.connect()
/** The functions that ran since this was called before; answered at once within a process. */
function take(): Counted[] {
  let result: Counted[] = []
  session.post('Profiler.takePreciseCoverage', (error, found) => {
    if (error) throw error
    result = found.result
  })
  return result
}
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })

const layer = new LocallyConnected2D({ filters: 2, kernelSize: 3, inputShape: [5, 5, 1] })
const model = new Sequential([layer], { seed: 1, engine: 'reference' })
const optimizer = new SGD({ learningRate: 0.1 })
model.compile({ optimizer, loss: 'mean_squared_error' })
const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => i / n)
const x = new Tensor([2, 5, 5, 1], ramp(50))
const y = new Tensor([2, 3, 3, 2], ramp(36))
model.trainOnBatch(x, y) // everything is built and loaded then

const { load } = Batch.prototype
Batch.prototype.load = function (this: Batch, ...args: Parameters<typeof load>) {
  load.apply(this, args)
  take() // what came before does not count
}
const before = model.getWeights()[0].data[0]
let ran: Counted[] = []
const { step } = optimizer
optimizer.step = () => {
  step.call(optimizer)
  ran = take()
}
model.trainOnBatch(x, y)
if (model.getWeights()[0].data[0] === before) throw new Error('the weight did not move')

const here = fileURLToPath(import.meta.url)
const map = findSourceMap(here)
const lineStarts = [0]
for (const line of readFileSync(here, 'utf8').split('\n'))
  lineStarts.push((lineStarts.at(-1) as number) + line.length + 1)
/** Where something stood before it was bundled. */
function original(offset: number): { file: string; line: number } {
  const row = lineStarts.findIndex(start => start > offset) - 1
  const entry = map?.findEntry(row, offset - lineStarts[row])
  if (!entry || !('originalSource' in entry)) return { file: '', line: 0 }
  return { file: entry.originalSource.replace(/^.*?\/(?=lib\/)/, ''), line: entry.originalLine + 1 }
}
const walked = ran
  .filter(({ url }) => url === import.meta.url)
  .flatMap(({ functions }) => functions)
  .filter(({ ranges: [{ count }] }) => count > 0)
  .map(({ functionName, ranges: [{ startOffset, endOffset }] }) => {
    const { file, line } = original(startOffset)
    return { file, name: functionName, from: line, to: original(endOffset - 1).line }
  })
  .filter(({ file }) => file.startsWith('lib/'))
console.log(JSON.stringify(walked))
