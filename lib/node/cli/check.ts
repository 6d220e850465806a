// `unshared check`: whether a model loads, predicts, and does so alike after it was saved and loaded again.

import { sizeOf } from '../../core/check.ts'
import { ArgumentError } from '../../core/errors.ts'
import { stream } from '../../core/random.ts'
import { Tensor } from '../../core/tensor.ts'
import { loadModel, type ModelFormat, saveModel } from '../../keras/index.ts'
import type { ModelSource } from '../../keras/sources.ts'
import { Embedding } from '../../layers/embedding.ts'
import type { Model, Outputs } from '../../models/model.ts'
import { type Command, Failure } from './command.ts'
import { loadOptions, open, shownName } from './models.ts'
import { print } from './streams.ts'

/** A finding: good, bad, or that a format can't hold the model. */
interface Finding {
  readonly check: string
  readonly result: 'ok' | 'failed' | 'not possible'
  readonly text: string
}

const formats: readonly ModelFormat[] = ['h5', 'keras', 'tfjs']
const batch = 3

export const check: Command = {
  usage: 'FILE',
  summary: 'save a model in every format, load it again, and compare its predictions',
  details: [
    `The formats: ${formats.join(', ')}, in memory. Predictions of random samples must be finite, and have the same bits.`,
    'A format that cannot hold the model is named, and is no failure. FILE may be - for standard input.',
  ],
  options: { ...loadOptions, json: { type: 'boolean', help: 'print JSON' } },
  counts: [1, 1],
  async run(given) {
    const { positionals, values } = given
    const [path] = positionals
    const model = await open(path, given)
    const findings: Finding[] = [loaded(model)]
    const xs = samplesFor(model)
    const ys = await predictions(model, xs)
    findings.push(finite(model, ys))
    for (const format of formats) findings.push(await roundTrip(model, format, xs, ys))
    const failed = findings.filter(({ result }) => result === 'failed')
    if (values.json === true) await print(JSON.stringify({ file: path, ok: failed.length === 0, findings }, null, 2))
    else await print(findings.map(({ check, result, text }) => `${check.padEnd(9)}${result}: ${text}`).join('\n'))
    if (failed.length > 0)
      throw new Failure(`${shownName(path)}: failed ${failed.map(({ check }) => check).join(', ')}`)
  },
}

function loaded(model: Model<Outputs>): Finding {
  const { length } = model.layers
  const text = `${length} layer${length === 1 ? '' : 's'}, ${model.countParams().toLocaleString('en')} parameters`
  return { check: 'loads', result: 'ok', text }
}

/** A batch for each input: numbers from −1 to 1; ids for a model with an embedding. */
function samplesFor(model: Model<Outputs>): Tensor[] {
  const ids = model.leaves.flatMap(leaf => (leaf instanceof Embedding ? [leaf.inputDim] : []))
  const random = stream('unshared check')
  const next = ids.length === 0 ? () => 2 * random() - 1 : () => Math.floor(random() * Math.min(...ids))
  return model.graph.inputs.map(
    ({ shape }) => new Tensor([batch, ...shape], new Float32Array(batch * sizeOf(shape)).map(next)),
  )
}

async function predictions(model: Model<Outputs>, xs: readonly Tensor[]): Promise<readonly Tensor[]> {
  const found = await model.predict(xs.length === 1 ? xs[0] : [...xs])
  return found instanceof Tensor ? [found] : (found as readonly Tensor[])
}

function finite(model: Model<Outputs>, ys: readonly Tensor[]): Finding {
  const infinite = ys.findIndex(({ data }) => !data.every(Number.isFinite))
  const shapes = ys.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')
  if (infinite < 0) return { check: 'predicts', result: 'ok', text: `${shapes}, all finite` }
  return { check: 'predicts', result: 'failed', text: `${model.outputNames[infinite]} has NaN or infinite numbers` }
}

async function roundTrip(
  model: Model<Outputs>,
  format: ModelFormat,
  xs: readonly Tensor[],
  ys: readonly Tensor[],
): Promise<Finding> {
  let saved: ModelSource
  try {
    saved = (await saveModel(model, { format })) as ModelSource
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    return { check: format, result: 'not possible', text: error.message }
  }
  try {
    const again = await predictions(await loadModel<Outputs>(saved), xs)
    const largest = Math.max(
      ...ys.map((y, k) => y.data.reduce((most, v, i) => Math.max(most, apart(v, again[k].data[i])), 0)),
    )
    if (largest === 0) return { check: format, result: 'ok', text: 'the same bits after a round trip' }
    return { check: format, result: 'failed', text: `predictions differ by ${largest} after a round trip` }
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error
    return { check: format, result: 'failed', text: `would not load again: ${error.message}` }
  }
}

/** How far two numbers are apart; NaN is no distance from NaN, and infinitely far from anything else. */
function apart(a: number, b: number): number {
  if (Object.is(a, b)) return 0
  const distance = Math.abs(a - b)
  return Number.isNaN(distance) ? Infinity : distance || Number.MIN_VALUE // 0 and −0 have other bits
}
