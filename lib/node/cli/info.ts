// `unshared info`: what is in a file.

import { sizeOf } from '../../core/check.ts'
import { inspectFile } from '../../keras/inspect.ts'
import type { ModelDescription } from '../../keras/model-file.ts'
import { costsOfAll, totalOf } from '../../models/costs.ts'
import type { Model, Outputs } from '../../models/model.ts'
import { type Command, Failure } from './command.ts'
import { loadOptions, settingsOf, shownName, sourceOf } from './models.ts'
import { print } from './streams.ts'

export const info: Command = {
  usage: 'FILE',
  summary: 'show the layers of a model, their shapes, parameters and costs',
  details: [
    'FILE: .h5, .keras, model.json of TensorFlow.js, weights in .h5, .weights.h5 or .safetensors; - for standard input.',
    'If the model would not load: each layer, with the reason where it is its own.',
  ],
  options: { ...loadOptions, json: { type: 'boolean', help: 'print JSON' } },
  counts: [1, 1],
  async run(given) {
    const { positionals, values } = given
    const [path] = positionals
    const inspected = await inspectFile(await sourceOf(path), settingsOf(given))
    const { description, model, reason, layers } = inspected
    const arrays = arraysIn(description)
    if (values.json === true) {
      const { kind, version, backend } = description
      const loads = model !== null
      const content = model ? contentOf(model) : { layers, arrays }
      await print(JSON.stringify({ file: path, kind, version, backend, loads, reason, ...content }, null, 2))
    } else {
      await print(headline(path, description))
      const lines: string[] = []
      model?.summary({ macs: true, print: line => lines.push(line) })
      for (const { name, className, reason: own } of layers)
        lines.push(`${own === null ? 'ok' : 'no'}  ${name} (${className})${own === null ? '' : `: ${oneLine(own)}`}`)
      if (!model && layers.length === 0) lines.push(...arrayLines(arrays))
      await print(lines.join('\n'))
    }
    if (reason !== null) throw new Failure(`${shownName(path)} would not load: ${reason}`)
  },
}

const oneLine = (message: string) => message.replace(/\s*\n\s*/g, ' ')

function headline(path: string, { kind, version, backend, config }: ModelDescription): string {
  const parts = [kind, ...(version === null ? [] : [`Keras ${version}`]), ...(backend === null ? [] : [backend])]
  return `${shownName(path)}: ${[...parts, ...(config === null ? ['weights alone'] : [])].join(', ')}`
}

interface Shaped {
  readonly name: string
  readonly shape: readonly number[]
}

const arraysIn = ({ layers }: ModelDescription): Shaped[] =>
  layers.flatMap(({ arrays }) => arrays.map(({ name, shape }) => ({ name, shape })))

function arrayLines(arrays: readonly Shaped[]): string[] {
  const width = Math.max(0, ...arrays.map(({ name }) => name.length)) + 2
  const total = arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
  return [
    ...arrays.map(({ name, shape }) => `${name.padEnd(width)}[${shape.join(', ')}]`),
    `${arrays.length} arrays, ${total.toLocaleString('en')} numbers`,
  ]
}

/** The model as JSON: its layers, their shapes, parameters and multiply-adds. */
function contentOf(model: Model<Outputs>) {
  const { steps } = model.graph
  const costs = new Map(costsOfAll(steps, { batch: 1, training: false, optimizer: null }).map((c, i) => [steps[i], c]))
  const layers = model.layers.map(layer => {
    const calls = model.stepsOf(layer)
    return {
      name: model.nameOf(layer),
      className: layer.className,
      outputShapes: layer.nodes.flatMap(({ outputs }) => outputs.map(({ shape }) => shape)),
      parameters: layer.countParams(),
      multiplyAdds: totalOf(calls.flatMap(step => costs.get(step) ?? [])).macs,
    }
  })
  const ends = (names: readonly string[], values: readonly { readonly shape: readonly number[] }[]) =>
    names.map((name, i) => ({ name, shape: [null, ...values[i].shape] }))
  return {
    model: model.name,
    inputs: ends(model.inputNames, model.graph.inputs),
    outputs: ends(model.outputNames, model.graph.outputs),
    parameters: model.countParams(),
    trainable: model.trainableParameters.reduce((sum, { size }) => sum + size, 0),
    multiplyAdds: totalOf([...costs.values()]).macs,
    layers,
  }
}
