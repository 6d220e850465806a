// `unshared predict`: a model's outputs for the samples of a file.

import { sizeOf } from '../../core/check.ts'
import { Tensor } from '../../core/tensor.ts'
import { type Arguments, type Command, choice, number, text, UsageError } from './command.ts'
import { loadOptions, open } from './models.ts'
import { formatted, type ResultFormat, resultFormats } from './results.ts'
import { type InputOf, readSamples } from './samples.ts'
import { progress, standard, write } from './streams.ts'

export const predict: Command = {
  usage: 'MODEL INPUT …',
  summary: 'print what a model predicts for the samples in a file, or in several',
  details: [
    'INPUT, by its content: npy, npz or JSON (several inputs: by name), csv (a row for each sample), png; - for standard input.',
    'Pictures have numbers from 0 to 255, and must have the size of the samples: most models want --divide-by 255.',
  ],
  options: {
    out: { type: 'string', value: 'FILE', help: 'write to a file instead of the standard output' },
    format: {
      type: 'string',
      value: 'FORMAT',
      help: `${resultFormats.join(', ')}; default: by the end of FILE, else json`,
    },
    json: { type: 'boolean', help: 'the same as --format json' },
    'divide-by': { type: 'string', value: 'N', help: 'divide the inputs by a number' },
    ...loadOptions,
    'batch-size': { type: 'string', value: 'N', help: 'samples at a time; default 32' },
  },
  counts: [2, Infinity],
  async run(given) {
    const [path, ...files] = given.positionals
    const out = text(given, 'out') ?? standard
    const format = formatOf(given, out)
    const divisor = number(given, 'divide-by', n => n > 0) ?? 1
    const batchSize = number(given, 'batch-size', n => Number.isInteger(n) && n > 0) ?? 32
    if ([path, ...files].filter(name => name === standard).length > 1)
      throw new UsageError('only one of MODEL and INPUT can be the standard input')
    const model = await open(path, given, false)
    const inputs = model.inputNames.map((name, i) => ({ name, shape: model.graph.inputs[i].shape }))
    const samples = await samplesIn(files, inputs, divisor)
    const steps = Math.ceil(samples[0].shape[0] / batchSize)
    const bar = progress('batch')
    const callbacks = [{ onPredictBatchEnd: (batch: number) => bar.step(batch + 1, steps) }]
    const found = await model.predict(samples.length === 1 ? samples[0] : samples, { batchSize, callbacks })
    bar.end()
    const outputs = found instanceof Tensor ? [found] : (found as readonly Tensor[])
    await write(out, await formatted(outputs, model.outputNames, format))
  },
}

function formatOf(given: Arguments, out: string): ResultFormat {
  if (given.values.json === true) return 'json'
  return choice(given, 'format', resultFormats) ?? resultFormats.find(format => out.endsWith(`.${format}`)) ?? 'json'
}

/** The samples of all files, one after the other. */
async function samplesIn(files: readonly string[], inputs: readonly InputOf[], divisor: number): Promise<Tensor[]> {
  const all: Tensor[][] = []
  for (const file of files) all.push(await readSamples(file, inputs))
  return inputs.map(({ shape }, i) => {
    const parts = all.map(tensors => tensors[i])
    const rows = parts.reduce((sum, part) => sum + part.shape[0], 0)
    const data = new Float32Array(rows * sizeOf(shape))
    let at = 0
    for (const part of parts) {
      data.set(part.data, at)
      at += part.size
    }
    return new Tensor([rows, ...shape], divisor === 1 ? data : data.map(v => v / divisor))
  })
}
