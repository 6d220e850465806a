// Replays graphs.json: models with branches, models in models, and models that share layers.

import { join } from 'node:path'
import {
  type BatchShape,
  input,
  Lambda,
  Layer,
  type LayerOptions,
  type Logs,
  Loss,
  layers,
  losses,
  Model,
  Sequential,
  type Shape,
  type SymbolicTensor,
  Tensor,
} from 'unshared'
import { loadModel, loadWeights } from 'unshared/keras'
import {
  type Comparer,
  type GoldenNumber,
  type GoldenTensor,
  type Tolerance,
  tensorOf,
  tolerances,
  Unsupported,
} from './compare.ts'
import { lambdaFunctions } from './lambda-functions.ts'
import { type Case, type Json, ours, requireClass } from './serialized.ts'

// ---- What the models of the file take from their users -------------------------------------------------------------

/** The loss of Wasserstein critics: the mean of yTrue · yPred along a row. */
class Wasserstein extends Loss {
  constructor() {
    super('Wasserstein', 'wasserstein')
  }

  forward(values: Float32Array, yTrue: Float32Array, yPred: Float32Array, shape: Shape): void {
    const n = shape.at(-1) as number
    values.fill(0)
    for (let i = 0; i < yPred.length; i++) values[Math.floor(i / n)] += (yTrue[i] * yPred[i]) / n
  }

  backward(dPred: Float32Array, yTrue: Float32Array, _: Float32Array, scale: Float32Array, shape: Shape): void {
    const n = shape.at(-1) as number
    for (let i = 0; i < dPred.length; i++) dPred[i] = (scale[Math.floor(i / n)] * yTrue[i]) / n
  }
}

/** [n] as [grid, grid, n / grid²]. */
class YoloReshape extends Layer {
  readonly className = 'YoloReshape'
  readonly grid: number

  constructor({ grid, ...options }: LayerOptions & { grid: number }) {
    super(options)
    this.grid = grid
  }

  computeOutputShape([batch, n]: BatchShape): BatchShape {
    return [batch, this.grid, this.grid, (n as number) / this.grid ** 2]
  }

  forwardInto(y: Float32Array, x: Float32Array): void {
    y.set(x)
  }

  backwardInto(dx: Float32Array, dy: Float32Array): void {
    dx.set(dy)
  }

  override getConfig() {
    return { ...super.getConfig(), grid: this.grid }
  }
}

if (!losses.has('Wasserstein')) losses.register('Wasserstein', () => new Wasserstein())
if (!layers.has('YoloReshape')) layers.register('YoloReshape', config => new YoloReshape(config as never))
const customs: Json = { wasserstein: 'Wasserstein' }

// ---- From JSON to models and data -----------------------------------------------------------------------------------

/** Puts the functions of Lambda layers in their places, and reports classes that aren't there. */
function prepared(json: Json): Json {
  if (Array.isArray(json)) return json.map(prepared)
  if (typeof json !== 'object' || json === null) return json
  if (json.className === 'Lambda') {
    const { name, trainable, function: known } = json.config
    return { ...json, config: { name, trainable, function: lambdaFunctions[known] } }
  }
  if (json.inboundNodes && json.className !== 'InputLayer') requireClass('layer', layers, json.className)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, prepared(value)]))
}

function modelOf({ class_name, config }: Json): Model<readonly SymbolicTensor[]> {
  const own = prepared(ours(config))
  const model =
    class_name === 'Sequential' ? Sequential.fromConfig(own, { seed: 1 }) : Model.fromConfig(own, { seed: 1 })
  return model as unknown as Model<readonly SymbolicTensor[]>
}

type AnyModel = ReturnType<typeof modelOf>
type Part = Layer | AnyModel

/** A model, some of whose layers are there already: `parts`, by name. Made by calls, as a user makes it. */
function assembled(
  { class_name, config: { name, layers: all, input_layers, output_layers } }: Json,
  parts: Map<string, Part>,
) {
  const layerOf = ({ class_name, config }: Json): Part => {
    const serialized = prepared(ours({ class_name, config }))
    return parts.get(config.name) ?? (layers.get(serialized) as Part)
  }
  if (class_name === 'Sequential') {
    const own = all.filter((layer: Json) => layer.class_name !== 'InputLayer')
    const model = new Sequential(own.map(layerOf), { name, seed: 1 })
    if (!model.built) model.build(all[0].config.batch_input_shape)
    return model as unknown as AnyModel
  }
  const values = new Map<string, readonly SymbolicTensor[]>() // by layer and call
  const waiting: { layer: Part; key: string; sources: [string, number, number][] }[] = []
  for (const { name, config, class_name, inbound_nodes } of all) {
    if (class_name === 'InputLayer') {
      values.set(`${name}/0`, [input({ batchShape: config.batch_input_shape, name })])
      continue
    }
    const layer = layerOf({ class_name, config })
    const first = layer instanceof Model ? 1 : 0
    for (const [n, node] of inbound_nodes.entries()) waiting.push({ layer, key: `${name}/${n + first}`, sources: node })
  }
  const value = ([layer, call, index]: [string, number, number]) => values.get(`${layer}/${call}`)?.[index]
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ sources }) => sources.every(value))
    const [{ layer, key, sources }] = waiting.splice(next, 1)
    const inputs = sources.map(value) as SymbolicTensor[]
    const found = layer.apply(inputs.length === 1 && !(layer instanceof Lambda) ? inputs[0] : inputs)
    values.set(key, ([] as SymbolicTensor[]).concat(found as SymbolicTensor))
  }
  const ends = (list: [string, number, number][]) => list.map(value) as SymbolicTensor[]
  return new Model({ inputs: ends(input_layers), outputs: ends(output_layers), name, seed: 1 }) as AnyModel
}

const isPlain = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Losses, metrics and the like: one, a list, or an object by outputs. */
function identifiers(spec: Json): Json {
  if (Array.isArray(spec)) return spec.map(identifiers)
  if (!isPlain(spec)) return spec ?? undefined
  if (spec.custom) return customs[spec.custom]
  if (spec.class_name) return ours(spec)
  return Object.fromEntries(Object.entries(spec).map(([name, one]) => [name, identifiers(one)]))
}

function compileAs(model: AnyModel, { optimizer, loss, loss_weights, metrics, weighted_metrics }: Json): void {
  const listed = (spec: Json) =>
    Array.isArray(spec) ? spec.map(one => (one === null ? null : identifiers(one))) : identifiers(spec)
  model.compile({
    optimizer: identifiers(optimizer),
    loss: listed(loss),
    ...(loss_weights ? { lossWeights: loss_weights } : {}),
    ...(metrics ? { metrics: listed(metrics) } : {}),
    ...(weighted_metrics ? { weightedMetrics: listed(weighted_metrics) } : {}),
  })
}

type Data = Json

/** Tensors in lists and objects; `null` stays. */
function dataOf(value: Json): Data {
  if (Array.isArray(value)) return value.map(dataOf)
  if (!isPlain(value)) return value
  if (value.data && value.shape) return tensorOf(value)
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, dataOf(one)]))
}

/** Tensors as the user gave them: a bare one, a list, or an object by name. */
function given(how: 'one' | 'list' | 'dict', tensors: readonly (Tensor | null)[], names: readonly string[]): Data {
  if (how === 'one') return tensors[0]
  if (how === 'list') return tensors
  return Object.fromEntries(names.map((name, i) => [name, tensors[i]]).filter(([, tensor]) => tensor !== null))
}

function rowsOf(data: Data, from: number, to: number): Data {
  if (data instanceof Tensor) return data.slice(from, to)
  if (Array.isArray(data)) return data.map(each => rowsOf(each, from, to))
  if (!isPlain(data)) return data
  return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, rowsOf(each, from, to)]))
}

const listOf = (found: Tensor | readonly Tensor[]): readonly Tensor[] => (found instanceof Tensor ? [found] : found)

// ---- What a run gives, and what it should give ----------------------------------------------------------------------

interface Entry {
  readonly what: string
  readonly found: ArrayLike<number>
  readonly expected: readonly GoldenNumber[]
  readonly tolerance: Tolerance
}

/** All numbers of a run beside the expected ones. Shapes and names are compared at once. */
class Results {
  readonly entries: Entry[] = []
  readonly #compare: Comparer

  constructor(compare: Comparer) {
    this.#compare = compare
  }

  tensors(what: string, found: readonly Tensor[], expected: readonly GoldenTensor[], tolerance: Tolerance): void {
    this.#compare.same(`number of ${what}`, found.length, expected.length)
    expected.forEach(({ shape, data }, i) => {
      this.#compare.shapes(`${what} ${i}`, found[i].shape, shape)
      this.entries.push({ what: `${what} ${i}`, found: found[i].data, expected: data, tolerance })
    })
  }

  logs(what: string, found: Readonly<Record<string, number | number[]>>, expected: Json): void {
    this.#compare.same(`names of ${what}`, Object.keys(found), Object.keys(expected))
    for (const [name, value] of Object.entries<Json>(expected)) {
      const tolerance = name.includes('accuracy') ? tolerances.exact : tolerances.training
      const list = (one: Json) => (Array.isArray(one) ? one : [one])
      this.entries.push({ what: `${what}, ${name}`, found: list(found[name]), expected: list(value), tolerance })
    }
  }
}

type Nudge = (data: Float32Array) => Float32Array
const asItIs: Nudge = data => data

/**
 * Compares a run. Adam and its kin divide a gradient by its size: where it is nearly 0, its rounding errors decide where the
 * weight goes, in Keras as here; and a training that diverges multiplies them. So in sensitive runs, ten times the way is
 * allowed that each number goes when the samples change in their last bit.
 */
async function checked(
  compare: Comparer,
  run: (nudge: Nudge) => Promise<Results>,
  isSensitive: boolean,
): Promise<void> {
  const { entries } = await run(asItIs)
  const slack = entries.map(({ found }) => new Float32Array(found.length))
  for (const turn of isSensitive ? [0, 1, 2] : []) {
    const other = await run(data => data.map((v, i) => v * (1 + (((5 * i + turn) % 3) - 1) * 2 ** -23)))
    for (const [e, { found }] of entries.entries())
      for (let i = 0; i < found.length; i++)
        slack[e][i] = Math.max(slack[e][i], Math.abs(found[i] - other.entries[e].found[i]))
  }
  for (const [
    e,
    {
      what,
      found,
      expected,
      tolerance: { abs, rel },
    },
  ] of entries.entries())
    expected.forEach((value, i) => {
      compare.number(`${what}[${i}]`, found[i], value, { abs: abs + 10 * slack[e][i], rel })
    })
}

const isAdaptive = ({ optimizer }: Json) => optimizer.class_name !== 'SGD'

const lossesOf = ({ train: { steps, history } }: Json): number[] =>
  history?.loss ?? steps.map(({ logs }: Json) => logs.loss)

/** Whether the loss grows so much that rounding errors grow with it. */
const diverges = (losses: readonly number[]) => Math.max(...losses) > 10 * losses[0]

const nudged = (tensor: Tensor, nudge: Nudge) => new Tensor(tensor.shape, nudge(tensor.data))

// ---- One model --------------------------------------------------------------------------------------------------------

function summaryOf(model: AnyModel, options: object = {}): string[] {
  const lines: string[] = []
  model.summary({ ...options, print: line => lines.push(line) })
  return lines
    .join('\n')
    .split('\n')
    .map(line => line.trimEnd())
}

/** The paths of frozen layers; models and inputs are left out. */
const frozenIn = (model: AnyModel, path = ''): string[] =>
  model.layers.flatMap(layer => {
    if (layer instanceof Model) return frozenIn(layer as unknown as AnyModel, `${path}${layer.name}/`)
    return layer.trainable || layer.className === 'InputLayer' ? [] : [path + layer.name]
  })

/** The same, of Keras' list of all that is frozen. */
function frozenLayers({ frozen, model }: Json): string[] {
  const others = new Set<string>()
  const find = (config: Json, path: string) => {
    for (const { class_name, config: inner } of config.layers ?? []) {
      if (['Functional', 'Sequential', 'InputLayer'].includes(class_name)) others.add(path + inner.name)
      find(inner, `${path}${inner.name}/`)
    }
  }
  find(model.config, '')
  return frozen.filter((path: string) => !others.has(path))
}

/** What doesn't depend on numbers: names, orders, shapes, counts, tables. */
function checkStructure(model: AnyModel, c: Json, compare: Comparer): void {
  const names = model.layers.map(({ name }) => name)
  const isSequential = c.model.class_name === 'Sequential'
  compare.same('layers', names, c.layers)
  if (!isSequential) compare.same('input names', model.inputNames, c.input_names)
  compare.same('output names', model.outputNames, c.output_names)
  const last = (name: string) => name.split('/').at(-1)?.split(':')[0]
  compare.same(
    'weights',
    model.parameters.map(({ name }) => name),
    c.weight_names.map(last),
  )
  compare.same(
    'trainable weights',
    model.trainableParameters.map(({ name }) => name),
    c.trainable_weight_names.map(last),
  )
  compare.same('countParams', model.countParams(), c.count_params.total)
  compare.same('summary', summaryOf(model), c.summary)
  if (!c.summary_expanded) return
  // A config doesn't hold that a model is frozen as a whole; the table shows it.
  const shown = modelOf(c.model)
  for (const path of c.frozen) {
    partAt({ top: shown }, `top/${path}`).trainable = false
  }
  const options = { expandNested: true, showTrainable: true }
  compare.same('expanded summary', summaryOf(shown, options), c.summary_expanded)
}

function trainingData(c: Json, nudge: Nudge = asItIs) {
  const x = given(
    c.given.x,
    c.inputs.map((t: GoldenTensor) => (t.dtype ? tensorOf(t) : nudged(tensorOf(t), nudge))),
    c.input_names,
  )
  const y = given(
    c.given.y,
    c.targets.map((t: GoldenTensor | null) => t && tensorOf(t)),
    c.output_names,
  )
  const sampleWeight = c.sample_weight ? dataOf(c.sample_weight) : undefined
  return { x, y, sampleWeight, weights: sampleWeight === undefined ? {} : { sampleWeight } }
}

function trainSteps(model: AnyModel, c: Json, rows: readonly [number, number], nudge: Nudge = asItIs): Logs {
  const { x, y, sampleWeight } = trainingData(c, nudge)
  const weights = sampleWeight === undefined ? {} : { sampleWeight: rowsOf(sampleWeight, ...rows) }
  return model.trainOnBatch(rowsOf(x, ...rows), rowsOf(y, ...rows), weights)
}

async function runOne(c: Json, compare: Comparer): Promise<void> {
  compare.same('frozen', frozenIn(modelOf(c.model)), frozenLayers(c))
  const isSensitive = isAdaptive(c.compile) || diverges(lossesOf(c))
  await checked(compare, nudge => runTraining(c, compare, nudge), isSensitive)
}

async function runTraining(c: Json, compare: Comparer, nudge: Nudge): Promise<Results> {
  const results = new Results(compare)
  const model = modelOf(c.model)
  const { x, y, weights } = trainingData(c, nudge)
  if (nudge === asItIs) checkStructure(model, c, compare)
  model.setWeights(c.initial_weights.map(tensorOf))
  results.tensors('output', listOf(await model.predict(x)), c.outputs, tolerances.layer)
  const again = modelOf(c.model)
  again.setWeights(model.getWeights())
  results.tensors('output of the copy', listOf(await again.predict(x)), c.outputs, tolerances.layer)
  compileAs(model, c.compile)
  const { method, steps, options, history } = c.train
  if (method === 'fit') {
    const { epochs, batch_size: batchSize, shuffle, validation_split, validation_data } = options
    const fitted = await model.fit(x, y, {
      ...{ epochs, batchSize, shuffle, verbose: 0, ...weights },
      ...(validation_split ? { validationSplit: validation_split } : {}),
      ...(validation_data ? { validationData: dataOf(validation_data) } : {}),
    })
    results.logs('history', fitted.history, history)
  } else
    steps.forEach(({ rows, logs }: Json, i: number) => {
      results.logs(`step ${i}`, trainSteps(model, c, rows, nudge), logs)
      // Clipped gradients are compared by the steps that they make.
      const isClipped = 'clipnorm' in c.compile.optimizer.config
      if (i === 0 && c.gradients && !isClipped)
        results.tensors('gradient', model.gradients(), c.gradients, tolerances.layer)
    })
  const evaluated = await model.evaluate(x, y, { batchSize: 4, verbose: 0, ...weights })
  results.logs('evaluate', evaluated, c.evaluate)
  results.tensors('final weight', model.getWeights(), c.final_weights, tolerances.training)
  results.tensors('final output', listOf(await model.predict(x)), c.final_outputs, tolerances.training)
  return results
}

/** A saved model, or its weights: it predicts, and a whole model goes on learning. */
async function runFile(c: Json, kind: string, path: string, compare: Comparer): Promise<void> {
  const isWeights = kind.includes('weights')
  const Custom = (config: Json) => new Lambda({ name: config.name, function: lambdaFunctions[c.lambdas[config.name]] })
  const customObjects = c.lambdas ? { customObjects: { Lambda: Custom } } : {}
  const load = async () => {
    const model = (isWeights ? modelOf(c.model) : await loadModel(path, customObjects as never)) as AnyModel
    if (isWeights) await loadWeights(model as never, path)
    return model
  }
  const { x } = trainingData(c)
  const loaded = await load()
  c.final_weights.forEach((expected: GoldenTensor, i: number) => {
    compare.tensors(c.weight_names[i], loaded.getWeights()[i], expected, { abs: 0, rel: 0 })
  })
  listOf(await loaded.predict(x)).forEach((found, i) => {
    compare.tensors(`output ${i}`, found, c.final_outputs[i], tolerances.layer)
  })
  if (isWeights) return
  const resume = async (nudge: Nudge) => {
    const [model, results] = [await load(), new Results(compare)]
    for (const [i, logs] of c.resumed.logs.entries())
      results.logs(`resumed step ${i}`, trainSteps(model, c, c.resumed.rows, nudge), logs)
    results.tensors('final weight', model.getWeights(), c.resumed.final_weights, tolerances.training)
    return results
  }
  const losses = c.resumed.logs.map(({ loss }: Json) => loss)
  await checked(compare, resume, isAdaptive(c.compile) || diverges([...lossesOf(c), ...losses]))
}

// ---- Several models ---------------------------------------------------------------------------------------------------

const partAt = (models: Record<string, AnyModel>, path: string): Part => {
  const [first, ...rest] = path.split('/')
  return rest.reduce<Part>((part, name) => (part as AnyModel).getLayer(name) as Part, models[first])
}

async function runScript(c: Json, compare: Comparer, nudge: Nudge): Promise<Results> {
  const [models, results]: [Record<string, AnyModel>, Results] = [{}, new Results(compare)]
  for (const [name, told] of Object.entries<Json>(c.models)) {
    const parts = Object.entries<string>(told.parts).map(([layer, path]) => [layer, partAt(models, path)] as const)
    models[name] = assembled(told.model, new Map(parts))
    compare.same(
      `layers of ${name}`,
      models[name].layers.map(layer => layer.name),
      told.layers,
    )
    compare.same(`summary of ${name}`, summaryOf(models[name]), told.summary)
  }
  for (const [name, { initial_weights }] of Object.entries<Json>(c.models))
    if (initial_weights) models[name].setWeights(initial_weights.map(tensorOf))
  const data = Object.fromEntries(
    Object.entries<Json>(c.data).map(([name, t]) => [name, t.dtype ? tensorOf(t) : nudged(tensorOf(t), nudge)]),
  )
  const take = (names: string[] = []): Json => (names.length === 1 ? data[names[0]] : names.map(name => data[name]))
  for (const [i, step] of c.script.entries()) {
    const [model, what] = [models[step.model], `${i}: ${step.op} of ${step.model}`]
    const { result, x, y } = step
    if (step.op === 'compile') compileAs(model, step.compile)
    else if (step.op === 'set_trainable') {
      const part = step.layer ? partAt(models, `${step.model}/${step.layer}`) : model
      part.trainable = step.value
      compare.same(what, model.trainableParameters.length, step.trainable_weight_names.length)
    } else if (step.op === 'train_on_batch') results.logs(what, model.trainOnBatch(take(x), take(y)), result)
    else if (step.op === 'test_on_batch') results.logs(what, model.testOnBatch(take(x), take(y)), result)
    else if (step.op === 'fit') {
      const { epochs, batch_size: batchSize } = step.options
      const { history } = await model.fit(take(x), take(y), { epochs, batchSize, shuffle: false, verbose: 0 })
      results.logs(what, history, result)
    } else if (step.op === 'predict') {
      const found = listOf(await model.predict(take(x)))
      step.as?.forEach((name: string, t: number) => {
        data[name] = found[t]
      })
      results.tensors(what, found, result, tolerances.training)
    } else if (step.op === 'get_weights') results.tensors(what, model.getWeights(), result, tolerances.training)
    else if (step.op === 'copy_weights') model.setWeights(models[step.from].getWeights())
    else if (step.op === 'clip_weights')
      model.setWeights(
        model.getWeights().map(({ shape, data }) => {
          return new Tensor(
            shape,
            data.map(v => Math.min(step.limit, Math.max(-step.limit, v))),
          )
        }),
      )
    else throw new Error(`${what}: not an operation of scripts`)
  }
  for (const [name, expected] of Object.entries<GoldenTensor[]>(c.final_weights))
    results.tensors(`final weight of ${name}`, models[name].getWeights(), expected, tolerances.training)
  return results
}

/** What differs from Keras, and why; docs/keras-compatibility.md says it too. */
const differs: Readonly<Record<string, string>> = {
  time_distributed_sequential:
    'in a model inside TimeDistributed, tf-keras moves the averages of a BatchNormalization twice',
  layer_as_activation_prelu: 'a layer with weights as an activation',
}

export function graphCases(file: Json, folder: string): Case[] {
  return file.cases.flatMap((c: Json): Case[] => {
    if (differs[c.name])
      return [
        {
          name: c.name,
          run() {
            throw new Unsupported(differs[c.name])
          },
        },
      ]
    if (c.models) {
      const adaptive = c.script.some((step: Json) => step.compile && isAdaptive(step.compile))
      return [{ name: c.name, run: compare => checked(compare, nudge => runScript(c, compare, nudge), adaptive) }]
    }
    const files = Object.entries<string>(c.files ?? {}).map(([kind, name]) => ({
      name,
      run: (compare: Comparer) => runFile(c, kind, join(folder, 'graphs', name), compare),
    }))
    return [{ name: c.name, run: compare => runOne(c, compare) }, ...files]
  })
}
