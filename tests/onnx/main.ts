// `npm run test:onnx`: writes models as .onnx, and compares what onnxruntime-node makes of them with our own predictions.
// `-- --only WORD`: those with the word in their names; `-- --write DIR`: keeps the files, for other checkers.

import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ArgumentError, type Tensor } from 'unshared'
import { toOnnx } from 'unshared/onnx'
import { installPackages } from '../../scripts/install-packages.js'
import { type AnyModel, type Example, examples } from './models.ts'

interface RuntimeTensor {
  readonly dims: readonly number[]
  readonly data: Float32Array
}
interface Runtime {
  readonly Tensor: new (type: 'float32', data: Float32Array, dims: readonly number[]) => RuntimeTensor
  readonly InferenceSession: {
    create(
      bytes: Uint8Array,
      options: object,
    ): Promise<{
      readonly inputNames: readonly string[]
      readonly outputNames: readonly string[]
      run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>
      release(): Promise<void>
    }>
  }
}

/** How far a number may be from ours: 1e-5, of the number where it is larger than 1. */
const tolerance = 1e-5
const leastModels = 40

const { values } = parseArgs({ options: { only: { type: 'string' }, write: { type: 'string' } } })
const require = createRequire(resolve('tests/onnx/package.json'))
installPackages('tests/onnx', 'ONNX Runtime') // its scripts would fetch parts for CUDA, which these tests don't use
const runtime: Runtime = require('onnxruntime-node')
if (values.write !== undefined) mkdirSync(values.write, { recursive: true })

/** The largest difference between the runtime's outputs and ours, as a share of what is allowed. */
async function difference({ name, make }: Example): Promise<number> {
  const { model, xs } = await make()
  const bytes = await toOnnx(model)
  if (values.write !== undefined) writeFileSync(join(values.write, `${name.replace(/[^\w.-]+/g, '_')}.onnx`), bytes)
  const open = (graphOptimizationLevel: string) =>
    runtime.InferenceSession.create(bytes, { graphOptimizationLevel, logSeverityLevel: 3, intraOpNumThreads: 1 })
  const [session, plain] = [await open('all'), await open('disabled')]
  same('inputs', session.inputNames, model.inputNames)
  same('outputs', session.outputNames, model.outputNames)
  let worst = 0
  for (const batch of [xs[0].shape[0], 1, 0]) {
    const some = xs.map(x => x.slice(0, batch))
    const expected = predictions(model, some)
    const feeds = some.map(({ data, shape }, i) => [model.inputNames[i], new runtime.Tensor('float32', data, shape)])
    // What onnxruntime 1.30 optimizes ends the process at an empty batch (a division by zero in its fused MatMul).
    const found = await (batch > 0 ? session : plain).run(Object.fromEntries(feeds))
    for (const [k, { shape, data }] of expected.entries()) {
      const { dims, data: numbers } = found[model.outputNames[k]]
      same(`the shape of ${model.outputNames[k]}`, dims, shape)
      for (let i = 0; i < data.length; i++) worst = Math.max(worst, share(numbers[i], data[i]))
    }
  }
  await Promise.all([session.release(), plain.release()])
  return worst
}

function predictions(model: AnyModel, xs: readonly Tensor[]): readonly Tensor[] {
  const found: unknown = model.forward((xs.length === 1 ? xs[0] : xs) as never)
  return Array.isArray(found) ? found : [found as Tensor]
}

function share(found: number, expected: number): number {
  if (found === expected || (Number.isNaN(found) && Number.isNaN(expected))) return 0
  const difference = Math.abs(found - expected) / Math.max(1, Math.abs(expected))
  return Number.isNaN(difference) ? Infinity : difference
}

function same(what: string, found: readonly unknown[], expected: readonly unknown[]): void {
  if (found.join() !== expected.join()) throw new Error(`${what}: [${found}], expected [${expected}]`)
}

const counts = { models: 0, failed: 0, refused: 0 }
let worst = { name: '', difference: 0 }
const refusals = new Map<string, number>()
for (const example of examples) {
  if (values.only !== undefined && !example.name.includes(values.only)) continue
  try {
    const found = await difference(example)
    counts.models++
    if (found > worst.difference) worst = { name: example.name, difference: found }
    if (!(found <= tolerance)) {
      counts.failed++
      console.log(`differs by ${found}: ${example.name}`)
    }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof ArgumentError && message.includes('counterpart')) {
      counts.refused++
      const reason = /received "(.*)"/.exec(message)?.[1].replace(/\w+ \(/g, '(') ?? message
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1)
    } else {
      counts.failed++
      console.log(`failed: ${example.name}: ${message}`)
    }
  }
}
for (const [reason, count] of refusals) console.log(`no counterpart, ${count} models: ${reason}`)
console.log(
  `onnx: ${counts.models} models compared, ${counts.failed} failed, ${counts.refused} refused by name; ` +
    `largest difference ${worst.difference.toExponential(1)} (${worst.name})`,
)
if (counts.failed > 0 || (values.only === undefined && counts.models < leastModels)) process.exitCode = 1
