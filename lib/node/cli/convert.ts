// `unshared convert`: a model in another format.

import { extname } from 'node:path'
import { loadWeights, type ModelFormat, saveModel, saveWeights, type WeightsFormat } from '../../keras/index.ts'
import { type Command, choice, Failure, text, UsageError } from './command.ts'
import { implementationOf, loadOptions, open, shownName, sourceOf } from './models.ts'
import { print, standard, write } from './streams.ts'

const modelFormats: readonly ModelFormat[] = ['h5', 'keras', 'tfjs', 'onnx']
const weightsFormats: readonly WeightsFormat[] = ['weights.h5', 'safetensors']
const isModelFormat = (format: string): format is ModelFormat => modelFormats.some(one => one === format)

/** The format of a path, by its end. */
const endings: readonly (readonly [RegExp, ModelFormat | WeightsFormat])[] = [
  [/\.weights\.h5$/i, 'weights.h5'],
  [/\.(h5|hdf5)$/i, 'h5'],
  [/\.keras$/i, 'keras'],
  [/\.json$/i, 'tfjs'],
  [/\.onnx$/i, 'onnx'],
  [/\.safetensors$/i, 'safetensors'],
]

export const convert: Command = {
  usage: 'IN OUT',
  summary: 'write a model in another format',
  details: [
    'IN: .h5, .keras, or model.json of TensorFlow.js; - for standard input.',
    'OUT, by its end: .h5, .keras, model.json (with its weights beside it), .onnx; weights alone: .weights.h5, .safetensors;',
    '- for standard output.',
  ],
  options: {
    to: {
      type: 'string',
      value: 'FORMAT',
      help: `${[...modelFormats, ...weightsFormats].join(', ')}; default: by the end of OUT`,
    },
    implementation: { type: 'string', value: 'N', help: 'store locally connected kernels as implementation 1, 2 or 3' },
    weights: { type: 'string', value: 'FILE', help: 'take the weights from another file' },
    'no-optimizer': { type: 'boolean', help: 'leave out the optimizer and its state' },
    ...loadOptions,
    json: { type: 'boolean', help: 'print a report as JSON' },
  },
  counts: [2, 2],
  async run(given) {
    const [from, to] = given.positionals
    const format = choice(given, 'to', [...modelFormats, ...weightsFormats]) ?? formatOf(to)
    const implementation = implementationOf(given)
    const options = implementation === undefined ? {} : { implementation }
    if (to === standard && format === 'tfjs')
      throw new UsageError('two files do not fit the standard output: name a path')
    const model = await open(from, given)
    const weights = text(given, 'weights')
    if (weights !== undefined) await loadWeights(model, await sourceOf(weights))
    const includeOptimizer = given.values['no-optimizer'] !== true
    if (to !== standard) {
      if (isModelFormat(format)) await saveModel(model, to, { format, includeOptimizer, ...options })
      else await saveWeights(model, to, { format, ...options })
    } else {
      const bytes = isModelFormat(format)
        ? await saveModel(model, { format, includeOptimizer, ...options })
        : await saveWeights(model, { format, ...options })
      await write(standard, bytes as Uint8Array)
      return
    }
    const parameters = model.countParams()
    if (given.values.json === true) await print(JSON.stringify({ from, to, format, parameters }))
    else await print(`${shownName(from)} → ${to}: ${format}, ${parameters.toLocaleString('en')} parameters`)
  },
}

function formatOf(path: string): ModelFormat | WeightsFormat {
  const format = endings.find(([pattern]) => pattern.test(path))?.[1]
  if (format) return format
  if (path === standard) throw new UsageError('--to: expected a format for the standard output')
  throw new Failure(`${path}: no format ends in ${extname(path) || 'nothing'}; --to FORMAT names one`)
}
