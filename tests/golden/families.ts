// How each family of fixtures is replayed. Nothing here knows a case by its name: what to do stands in the case.

import { join } from 'node:path'
import {
  activations,
  constraints,
  initializers,
  layers,
  losses,
  metrics,
  optimizers,
  Parameter,
  regularizers,
  Sequential,
  schedules,
  stream,
  Tensor,
} from 'unshared'
import { loadModel, loadWeights } from 'unshared/keras'
import type { Serialized } from '../../lib/core/registry.ts'
import { optimizerOf } from '../../lib/keras/compiled.ts'
import { fromKeras, toKeras } from '../../lib/keras/config.ts'
import { variablesForFiles } from '../../lib/keras/optimizer-variables.ts'
import { convertLocalKernel } from '../../lib/kernels/local2d-layouts.ts'
import { activate } from '../../lib/layers/activations.ts'
import { resolveMetric } from '../../lib/metrics/resolve.ts'
import { createEngine, type EngineName } from '../../lib/simd/choose-engine.ts'
import { behaviourCases } from './behaviour.ts'
import { type Comparer, type GoldenNumber, type GoldenTensor, tensorOf, tolerances } from './compare.ts'
import { graphCases } from './graphs.ts'
import { type Case, type Json, ours, requireClass } from './serialized.ts'

export type { Case }

// ---- Layers ---------------------------------------------------------------------------------------------------

function layerOf(serialized: Json) {
  requireClass('layer', layers, serialized.class_name)
  return layers.get(ours(serialized))
}

/** Keras adds marks beside class_name that carry nothing. */
const withoutMarks = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(withoutMarks)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => key !== 'module' && key !== 'registered_name')
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutMarks(item)]))
}

/** A layer with several inputs. */
function runMerge(c: Json, compare: Comparer): void {
  const layer = layerOf(c.layer)
  compare.same('getConfig', toKeras(layer.getConfig()), withoutMarks(c.layer.config))
  compare.tensors('y', layer.forward(c.xs.map(tensorOf)), c.y, tolerances.layer)
  layer.backwardToAll(tensorOf(c.dy)).forEach((dx, i) => {
    compare.tensors(`dx of input ${i}`, dx, c.dxs[i], tolerances.layer)
  })
}

function runLayer(c: Json, compare: Comparer): void {
  if (c.xs) {
    runMerge(c, compare)
    return
  }
  const layer = layerOf(c.layer)
  compare.same('getConfig', toKeras(layer.getConfig()), withoutMarks(c.layer.config))
  const training = c.training ?? false
  const x = tensorOf(c.x)
  layer.build([null, ...x.shape.slice(1)])
  if (c.count_params !== undefined) compare.same('countParams', layer.countParams(), c.count_params)
  const weights: Json[] = c.weights ?? []
  compare.same(
    'weight names',
    layer.parameters.map(p => p.name),
    weights.map(w => w.name),
  )
  weights.forEach((w, i) => {
    compare.shapes(w.name, layer.parameters[i].shape, w.shape)
  })
  layer.setWeights(weights.map(tensorOf))
  compare.tensors('y', layer.forward(x, { training }), c.y, tolerances.layer)
  if (c.output_shape) compare.shapes('outputShape', layer.outputShape, c.output_shape)
  if (c.dy) {
    const dx = layer.backward(tensorOf(c.dy))
    if (c.dx) compare.tensors('dx', dx, c.dx, tolerances.layer)
    const gradients = layer.gradients()
    c.dweights.forEach((expected: GoldenTensor, i: number) => {
      compare.tensors(`d${weights[i].name}`, gradients[i], expected, tolerances.layer)
    })
  }
  c.weights_after?.forEach((expected: Json, i: number) => {
    compare.tensors(`${expected.name} after`, layer.getWeights()[i], expected, tolerances.layer)
  })
}

/** One set of connections in the stored kernels of all implementations. */
function runEquivalent(c: Json, compare: Comparer): void {
  for (const [from, kernel] of Object.entries<GoldenTensor>(c.kernels)) {
    const config = { ...c.layer.config, implementation: Number(from) }
    const layer = layerOf({ ...c.layer, config })
    layer.build([null, ...c.input_shape])
    layer.setWeights([tensorOf(kernel), tensorOf(c.bias)])
    compare.tensors(`y of ${from}`, layer.forward(tensorOf(c.x)), c.y, tolerances.layer)
    compare.tensors(`dx of ${from}`, layer.backward(tensorOf(c.dy)), c.dx, tolerances.layer)
    const [dkernel, dbias] = layer.gradients()
    compare.tensors(`dkernel of ${from}`, dkernel, c.dkernels[from], tolerances.layer)
    compare.tensors(`dbias of ${from}`, dbias, c.dbias, tolerances.layer)
    if (!('geometry' in layer)) throw new Error('a locally connected layer tells its geometry')
    for (const [to, expected] of Object.entries<GoldenTensor>(c.kernels)) {
      if (to === '2') continue // its masked entries are random in the fixture
      const target = Tensor.zeros(expected.shape)
      convertLocalKernel(
        target.data,
        Number(to) as 1,
        tensorOf(kernel).data,
        Number(from) as 1,
        layer.geometry as never,
      )
      compare.tensors(`kernel ${from} as ${to}`, target, expected, { abs: 0, rel: 0 })
    }
  }
}

function layerCases(file: Json): Case[] {
  const defaults = Object.entries<Json>(file.default_configs ?? {}).map(
    ([className, { constructed_with, config }]) => ({
      name: `default config of ${className}`,
      run(compare: Comparer) {
        const layer = layerOf({ class_name: className, config: constructed_with })
        compare.same('getConfig', toKeras(layer.getConfig()), withoutMarks(config))
      },
    }),
  )
  return [
    ...file.cases.map((c: Json) => ({ name: c.name, run: (compare: Comparer) => runLayer(c, compare) })),
    ...(file.equivalents ?? []).map((c: Json) => ({ name: c.name, run: (v: Comparer) => runEquivalent(c, v) })),
    ...defaults,
  ]
}

// ---- Small named things -----------------------------------------------------------------------------------------

const isTiny = (value: GoldenNumber) => value !== 0 && Math.abs(Number(value)) < 1.2e-38

function activationCases(file: Json): Case[] {
  const values = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      const activation = activations.get({
        className: c.activation,
        config: ours(c.args) as unknown as Serialized['config'],
      })
      const x = tensorOf(c.x)
      const dy = c.dy ? tensorOf(c.dy) : new Tensor(x.shape, new Float32Array(x.size).fill(1))
      const { y, dx } = activate(activation, x, dy)
      const tiny = (i: number) => isTiny(c.x.data[i]) || isTiny(c.y.data[i])
      compare.tensors('y', y, c.y, tolerances.activation, tiny)
      // Gradients at NaN, and in rows with one, are not meant as requirements.
      const last = x.shape.at(-1) as number
      const row = (i: number) => c.x.data.slice(i - (i % last), i - (i % last) + last)
      const open = c.dy ? (i: number) => !row(i).every((v: GoldenNumber) => Number.isFinite(Number(v))) : () => false
      const slope = c.args.approximate ? tolerances.geluByTanhSlope : tolerances.activation
      const skip = (i: number) => tiny(i) || isTiny(c.dx.data[i]) || Number.isNaN(Number(c.x.data[i])) || open(i)
      compare.tensors('dx', dx as Tensor, c.dx, slope, i => skip(i) || c.dx.data[i] === 'NaN')
    },
  }))
  const names = Object.entries<Json>(file.names ?? {}).map(([name, expected]) => ({
    name: `name ${JSON.stringify(name)}`,
    run(compare: Comparer) {
      if (name === 'None') return
      const accepted = accepts(() => activations.get(name))
      compare.same('accepted', accepted, expected.accepted && !expected.layer) // a layer is added as a layer here
    },
  }))
  return [...values, ...names]
}

function accepts(run: () => unknown): boolean {
  try {
    run()
    return true
  } catch {
    return false
  }
}

function initializerCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('initializer', initializers, c.initializer.class_name)
      const initializer = initializers.get(ours(c.initializer))
      const { seed: _, ...config } = toKeras(initializer.getConfig()) as Json
      const { seed: __, ...expected } = c.initializer.config
      compare.same('getConfig', config, expected)
      const draw = (shape: number[]) => {
        const tensor = Tensor.zeros(shape)
        initializer.initialize(tensor.data, shape, stream(file.seed, c.name, shape.join()))
        return tensor
      }
      for (const exact of c.exact ?? []) compare.tensors('values', draw(exact.shape), exact, tolerances.exact)
      for (const parameters of c.parameters ?? []) checkDraws(parameters, draw(parameters.shape), compare)
      if (c.sample) checkMoments(c.sample, draw(c.sample.shape), compare)
      for (const property of c.properties ?? []) checkOrthonormal(property, draw(property.shape), compare)
    },
  }))
  return [...cases, ...aliasCases(file.aliases ?? {}, initializers, new Set(['glorotUniform']))]
}

/** Values stay within the bounds, and fill them as the number of draws allows. */
function checkDraws(p: Json, drawn: Tensor, compare: Comparer): void {
  const values = Array.from(drawn.data)
  const [low, high] =
    p.distribution === 'uniform'
      ? [p.minval, p.maxval]
      : (p.truncated_at ?? [p.mean - 8 * p.stddev, p.mean + 8 * p.stddev])
  const slack = 1e-6 * Math.max(Math.abs(low), Math.abs(high))
  if (!values.every(v => v >= low - slack && v <= high + slack)) throw new Error(`outside ${low} … ${high}`)
  if (values.length < 100) return
  const spread =
    p.distribution === 'uniform' ? (high - low) / Math.sqrt(12) : (p.stddev ?? p.stddev_before_truncation * 0.8796)
  const { std } = moments(drawn)
  const allowed = 5 / Math.sqrt(2 * values.length)
  compare.number('spread', std / spread, 1, { abs: allowed, rel: 0 })
}

function checkMoments(sample: Json, drawn: Tensor, compare: Comparer): void {
  const { mean, std } = moments(drawn)
  compare.number('mean', mean, sample.mean, { abs: (10 * sample.std) / Math.sqrt(drawn.size), rel: 0 })
  compare.number('std', std, sample.std, { abs: 0, rel: 0.01 })
}

function moments({ data }: Tensor) {
  const mean = data.reduce((sum, v) => sum + v, 0) / data.length
  const std = Math.sqrt(data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / data.length)
  return { mean, std }
}

function checkOrthonormal(property: Json, drawn: Tensor, compare: Comparer): void {
  const [rows, columns] = property.flattened
  const at = (r: number, c: number) => drawn.data[r * columns + c]
  const byColumns = property.orthonormal === 'columns'
  const [n, m] = byColumns ? [columns, rows] : [rows, columns]
  const gram = Tensor.zeros([n, n])
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < m; k++) gram.data[i * n + j] += byColumns ? at(k, i) * at(k, j) : at(i, k) * at(j, k)
  compare.tensors('gram', gram, property.gram, { abs: 1e-5, rel: 1e-5 })
}

/** Names that Keras accepts or refuses. `better`: names that are accepted here on purpose. */
function aliasCases(
  names: Record<string, Json>,
  table: { get(name: string): { className: string; getConfig(): object }; has(name: string): boolean },
  better: ReadonlySet<string> = new Set(),
): Case[] {
  return Object.entries(names).map(([name, expected]) => ({
    name: `name ${JSON.stringify(name)}`,
    run(compare: Comparer) {
      if (expected.exception) {
        compare.same(
          'accepted',
          accepts(() => table.get(name)),
          better.has(name),
        )
        return
      }
      requireClass('class', table, expected.class_name)
      const object = table.get(name)
      compare.same('class', object.className, expected.class_name)
      compare.same('config', toKeras(object.getConfig()), expected.config)
    },
  }))
}

function regularizerCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('regularizer', regularizers, c.regularizer.class_name)
      const regularizer = regularizers.get(ours(c.regularizer))
      compare.same('getConfig', toKeras(regularizer.getConfig()), c.regularizer.config)
      const w = tensorOf(c.w)
      compare.number('loss', regularizer.penalty(w.data, w.size, w.shape), c.loss, tolerances.exact)
      const dw = Tensor.zeros(w.shape)
      regularizer.addGradient(dw.data, w.data, 1, w.size, w.shape)
      compare.tensors('dw', dw, c.dw, tolerances.exact)
    },
  }))
  const steps = (file.training_steps ?? []).map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      const model = modelOf(c.model)
      const optimizer = optimizers.get(ours({ class_name: c.optimizer.name, config: c.optimizer }))
      model.compile({ optimizer, loss: 'mse' })
      model.setWeights(c.weights_before.map(tensorOf))
      const { loss } = model.trainOnBatch(tensorOf(c.x), tensorOf(c.y))
      compare.number('trainOnBatch', loss, c.train_on_batch_returns, tolerances.layer)
      const gradients = model.gradients()
      c.gradients.forEach((expected: GoldenTensor, i: number) => {
        compare.tensors(`gradient ${i}`, gradients[i], expected, tolerances.layer)
      })
      const after = model.getWeights()
      c.weights_after.forEach((expected: GoldenTensor, i: number) => {
        compare.tensors(`weight ${i} after`, after[i], expected, tolerances.layer)
      })
    },
  }))
  return [...cases, ...aliasCases(file.strings ?? {}, regularizers), ...steps]
}

function constraintCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('constraint', constraints, c.constraint.class_name)
      const constraint = constraints.get(ours(c.constraint))
      compare.same('getConfig', toKeras(constraint.getConfig()), c.constraint.config)
      const w = tensorOf(c.w)
      constraint.apply(w.data, w.shape)
      compare.tensors('result', w, c.result, tolerances.exact)
    },
  }))
  return [...cases, ...aliasCases(file.strings ?? {}, constraints, new Set(['maxNorm']))]
}

// ---- Losses and metrics -------------------------------------------------------------------------------------------

function lossCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      const { class_name, config } = c.loss
      requireClass('loss', losses, class_name)
      const [yTrue, yPred] = [tensorOf(c.y_true), tensorOf(c.y_pred)]
      for (const { reduction, sample_weight, value } of c.values) {
        const loss = losses.get(ours({ class_name, config: { ...config, reduction } }))
        const weights = sample_weight ? tensorOf(sample_weight) : undefined
        compare.tensors(`value (${reduction})`, loss.compute(yTrue, yPred, weights), value, tolerances.layer)
      }
      for (const { sample_weight, dy_pred } of c.gradients) {
        const loss = losses.get(ours({ class_name, config: { ...config, reduction: 'sum_over_batch_size' } }))
        const weights = sample_weight ? tensorOf(sample_weight) : undefined
        compare.tensors('gradient', loss.gradient(yTrue, yPred, weights), dy_pred, tolerances.layer)
      }
    },
  }))
  const remembered = (file.activation_then_loss ?? []).map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('loss', losses, c.loss)
      const twin = losses.get(c.loss).afterActivation(c.activation)
      if (!twin) throw new Error(`${c.loss} does not read the logits of ${c.activation}`)
      const [yTrue, logits] = [tensorOf(c.y_true), tensorOf(c.logits)]
      compare.number('value', twin.compute(yTrue, logits).item(), c.value_as_in_fit, tolerances.layer)
      compare.tensors('dlogits', twin.gradient(yTrue, logits), c.dlogits_as_in_fit, tolerances.layer)
    },
  }))
  const names = Object.entries<Json>(file.names ?? {}).map(([name, expected]) => ({
    name: `name ${JSON.stringify(name)}`,
    run(compare: Comparer) {
      if (typeof expected === 'string') losses.get(name)
      else
        compare.same(
          'accepted',
          accepts(() => losses.get(name)),
          false,
        )
    },
  }))
  return [...cases, ...names, ...remembered]
}

function metricCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('metric', metrics, c.metric.class_name)
      const metric = metrics.get(ours(c.metric))
      const check = (what: string, result: number | Tensor, expected: GoldenTensor | number) => {
        const tensor = result instanceof Tensor ? result : Tensor.from(result)
        const golden = typeof expected === 'number' ? { shape: [], data: [expected] } : expected
        compare.tensors(what, tensor, golden, tolerances.layer)
      }
      c.batches?.forEach(({ y_true, y_pred, sample_weight, result }: Json, i: number) => {
        const weights = sample_weight ? [tensorOf(sample_weight)] : []
        metric.updateState(tensorOf(y_true), tensorOf(y_pred), ...weights)
        check(`after batch ${i}`, metric.result(), result)
      })
      if (c.updates) {
        const aggregate = metric as unknown as { updateState(values: Tensor, weights?: Tensor): void }
        c.updates.forEach((values: GoldenTensor, i: number) => {
          aggregate.updateState(tensorOf(values), ...(c.sample_weight ? [Tensor.from(c.sample_weight)] : []))
          check(`after update ${i}`, metric.result(), c.results[i])
        })
        return
      }
      metric.resetState()
      check('after reset', metric.result(), c.after_reset)
    },
  }))
  const resolved = (file.string_resolution ?? []).map((c: Json) => ({
    name: `${c.string} for ${c.name}`,
    run(compare: Comparer) {
      const metric = resolveMetric(c.string, c.output_shape, c.target_shape)
      compare.same('name', metric.name, c.metric_name)
      const wanted = c.function.replace(/_([a-z])/g, (_: string, l: string) => l.toUpperCase())
      const found = metric.className.charAt(0).toLowerCase() + metric.className.slice(1)
      compare.same('metric', found, wanted)
    },
  }))
  return [...cases, ...resolved]
}

// ---- Optimizers ----------------------------------------------------------------------------------------------------

function optimizerCases(file: Json): Case[] {
  const cases = file.cases.map((c: Json) => ({
    name: c.name,
    run(compare: Comparer) {
      requireClass('optimizer', optimizers, c.optimizer.class_name)
      const optimizer = c.legacy ? optimizerOf(c.optimizer) : optimizers.get(ours(c.optimizer))
      if (!c.legacy)
        compare.same('getConfig', sorted(toKeras(optimizer.getConfig())), sorted(withoutMarks(c.optimizer.config)))
      const engine = createEngine()
      const region = engine.region()
      const parameters = file.initial_weights.map((w: GoldenTensor, i: number) => {
        const tensor = tensorOf(w)
        const parameter = new Parameter(`w${i}`, tensor.shape, tensor.size, region.alloc(tensor.size))
        parameter.allocateGradient(region)
        parameter.value.set(tensor.data)
        return parameter
      })
      optimizer.build(parameters, engine)
      const tolerance = c.optimizer.class_name === 'Ftrl' ? tolerances.ftrl : tolerances.optimizer
      const check = (what: string, expected: GoldenTensor[]) =>
        expected.forEach((w, i) => {
          compare.tensors(`${what} w${i}`, new Tensor(w.shape, parameters[i].value.slice()), w, tolerance)
        })
      file.gradients.forEach((gradients: GoldenTensor[], step: number) => {
        gradients.forEach((g, i) => {
          parameters[i].grad.set(tensorOf(g).data)
        })
        optimizer.step()
        const expected = c.weights_after[step + 1]
        if (expected) check(`step ${step + 1}`, expected)
      })
      const slots = variablesForFiles(optimizer, parameters).filter(v => v.shape.length > 0)
      const golden = c.state_after_20.filter((v: Json) => v.shape.length > 0)
      compare.same('slots', slots.length, golden.length)
      slots.forEach((slot, i) => {
        const found = new Tensor(slot.shape, Float32Array.from(slot.value))
        compare.tensors(golden[i].name, found, golden[i], tolerance)
      })
      if (!c.weights_after_finalize_variable_values) return
      optimizer.finalizeVariableValues()
      check('finalized', c.weights_after_finalize_variable_values)
    },
  }))
  const scheduled = (file.schedules ?? []).map((c: Json) => ({
    name: `schedule ${c.name}`,
    run(compare: Comparer) {
      requireClass('schedule', schedules, c.schedule.class_name)
      const schedule = schedules.get(ours(c.schedule))
      c.steps.forEach((step: number, i: number) => {
        compare.number(`at ${step}`, schedule.at(step), c.values[i], tolerances.exact)
      })
    },
  }))
  const defaults = Object.entries<Json>(file.default_configs ?? {}).map(([className, config]) => ({
    name: `default config of ${className}`,
    run(compare: Comparer) {
      requireClass('optimizer', optimizers, className)
      const optimizer = optimizers.get({ className, config: {} })
      compare.same('getConfig', sorted(toKeras(optimizer.getConfig())), sorted(config))
    },
  }))
  return [...cases, ...scheduled, ...defaults]
}

const sorted = (config: Json) => Object.fromEntries(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1)))

// ---- Training ------------------------------------------------------------------------------------------------------

function modelOf(json: Json): Sequential {
  for (const { class_name } of json.config.layers)
    if (class_name !== 'InputLayer') requireClass('layer', layers, class_name)
  return Sequential.fromConfig(fromKeras(json.config) as unknown as Serialized['config'], { seed: 1 })
}

function compileAs(model: Sequential, { optimizer, loss, metrics: measured, weighted_metrics }: Json): void {
  const optimizerOf = (o: Json) => (typeof o === 'string' ? o : ours(o))
  for (const [kind, table, id] of [
    ['optimizer', optimizers, optimizer],
    ['loss', losses, loss],
  ] as const)
    if (id?.class_name) requireClass(kind, table, id.class_name)
  for (const metric of measured ?? []) if (metric.class_name) requireClass('metric', metrics, metric.class_name)
  const all = (list: Json) => (list ?? []).map((m: Json) => (typeof m === 'string' ? m : ours(m)))
  model.compile({
    optimizer: optimizerOf(optimizer) as never,
    loss: optimizerOf(loss) as never,
    metrics: all(measured),
    weightedMetrics: all(weighted_metrics),
  })
}

function trainingCases(file: Json): Case[] {
  return file.cases.map((c: Json) => ({ name: c.name, run: (compare: Comparer) => runTraining(c, compare) }))
}

/** The model after the case's training, on the case's samples or on others. */
async function trained(c: Json, x: Tensor, onBatch: (logs: Record<string, number>) => void = () => {}) {
  const model = modelOf(c.model)
  compileAs(model, c.compile)
  model.setWeights(c.initial_weights.map(tensorOf))
  const { batch_size, epochs, shuffle, validation_split, validation_data, sample_weight, class_weight } = c.fit
  const { history } = await model.fit(x, tensorOf(c.y), {
    batchSize: batch_size,
    epochs,
    shuffle,
    verbose: 0,
    ...(validation_split ? { validationSplit: validation_split } : {}),
    ...(validation_data ? { validationData: validation_data.map(tensorOf) } : {}),
    ...(sample_weight ? { sampleWeight: tensorOf(sample_weight) } : {}),
    ...(class_weight ? { classWeight: class_weight } : {}),
    callbacks: [{ onTrainBatchEnd: (_, logs) => onBatch({ ...logs }) }],
  })
  return { model, history }
}

async function runTraining(c: Json, compare: Comparer): Promise<void> {
  if (c.calls) return runCalls(c, compare)
  const x = tensorOf(c.x)
  const seen: Record<string, number>[] = []
  const { model, history } = await trained(c, x, logs => seen.push(logs))
  compare.same('history', Object.keys(history), Object.keys(c.history))
  const number = (what: string, found: number, expected: GoldenNumber) =>
    compare.number(what, found, expected, what.includes('accuracy') ? tolerances.exact : tolerances.training)
  for (const [name, values] of Object.entries<GoldenNumber[]>(c.history))
    values.forEach((value, epoch) => {
      number(`${name} of epoch ${epoch}`, history[name][epoch], value)
    })
  c.running_logs_per_batch.forEach((logs: Record<string, GoldenNumber>, i: number) => {
    for (const [name, value] of Object.entries(logs)) number(`${name} after batch ${i}`, seen[i][name], value)
  })
  const isAdaptive = c.compile.optimizer.class_name !== 'SGD'
  const [ofPredictions, ...ofWeights] = isAdaptive ? await moves(c, x, model) : []
  const found = await model.predict(x)
  c.final_weights.forEach((expected: GoldenTensor, w: number) => {
    checkTrained(`final weight ${w}`, model.getWeights()[w], expected, compare, ofWeights[w])
  })
  checkTrained('predictions', found, c.predictions, compare, ofPredictions)
  const evaluated = await model.evaluate(x, tensorOf(c.y), { batchSize: c.fit.batch_size, verbose: 0 })
  for (const [name, value] of Object.entries<GoldenNumber>(c.evaluate))
    number(`evaluate ${name}`, evaluated[name], value)
}

/**
 * How far each prediction, and each weight, moves when the samples change in their last bit. Adam and its kin divide a
 * gradient by its size: where it is nearly 0, its rounding errors decide where the weight goes, in Keras as here, and no
 * fixture can tell it to 1e-4.
 */
async function moves(c: Json, x: Tensor, model: Sequential): Promise<Float32Array[]> {
  const results = async (m: Sequential) => [await m.predict(x), ...m.getWeights()].map(({ data }) => data)
  const ours = await results(model)
  const most = ours.map(data => new Float32Array(data.length))
  for (const turn of [0, 1, 2]) {
    const nudged = x.data.map((v, i) => v * (1 + (((5 * i + turn) % 3) - 1) * 2 ** -23))
    const other = await results((await trained(c, new Tensor(x.shape, nudged))).model)
    for (const [t, data] of other.entries())
      for (const [i, v] of data.entries()) most[t][i] = Math.max(most[t][i], Math.abs(v - ours[t][i]))
  }
  return most
}

/** Compares what a training gave; `slack` is how far its numbers move by themselves. */
function checkTrained(
  what: string,
  found: Tensor,
  expected: GoldenTensor,
  compare: Comparer,
  slack?: Float32Array,
): void {
  const { abs, rel } = tolerances.training
  compare.shapes(what, found.shape, expected.shape)
  expected.data.forEach((value, i) => {
    compare.number(`${what}[${i}]`, found.data[i], value, { abs: abs + 10 * (slack?.[i] ?? 0), rel })
  })
}

/** trainOnBatch and its relatives: the batches that make_goldens.py takes, in the same order. */
function runCalls(c: Json, compare: Comparer): void {
  const model = modelOf(c.model)
  compileAs(model, c.compile)
  model.setWeights(c.initial_weights.map(tensorOf))
  const [x, y] = [tensorOf(c.x), tensorOf(c.y)]
  let from = 0
  for (const { call, result } of c.calls as { call: string; result: number[] }[]) {
    const isNext = call === 'train_on_batch' && from < x.shape[0]
    const rows: [number, number] = isNext ? [from, from + 4] : [0, 4]
    if (isNext) from += 4
    const data = [x.slice(...rows), y.slice(...rows)] as const
    const logs = call.startsWith('train')
      ? model.trainOnBatch(...data, { resetMetrics: !call.includes('reset_metrics=False') })
      : model.testOnBatch(...data)
    Object.values(logs).forEach((value, i) => {
      compare.number(`${call} ${i}`, value, result[i], tolerances.training)
    })
  }
  c.final_weights.forEach((expected: GoldenTensor, w: number) => {
    checkTrained(`final weight ${w}`, model.getWeights()[w], expected, compare)
  })
  compare.tensors('predictOnBatch', model.predictOnBatch(x.slice(0, 4)), c.predict_on_batch, tolerances.training)
}

// ---- Files ---------------------------------------------------------------------------------------------------------

/** Every file of a case: it predicts; whole models go on learning; what was cut off is refused. */
function savedModelCases(file: Json, folder: string): Case[] {
  const path = (name: string) => join(folder, 'saved_models', name)
  return file.cases.flatMap((c: Json) => {
    const { json: _, ...files } = c.files as Record<string, string>
    const loaded = Object.entries(files).map(([kind, name]) => ({
      name,
      run: (compare: Comparer) => runSavedModel(c, kind, path(name), path(files.h5), compare),
    }))
    const cut = Object.entries<Json>(c.truncated_files ?? {}).map(([name, { accepted = false }]) => ({
      name,
      async run(compare: Comparer) {
        const model = await loadModel(path(files.h5))
        const before = model.getWeights()
        const load = name.includes('.weights.')
          ? loadWeights(model, path(name))
          : loadModel(path(name), { compile: false })
        compare.same('accepted', await load.then(Boolean, () => false), accepted)
        compare.same('weights', model.getWeights(), before)
      },
    }))
    return [...loaded, ...cut]
  })
}

async function runSavedModel(c: Json, kind: string, path: string, whole: string, compare: Comparer) {
  const isWeights = kind.includes('weights')
  const model = await loadModel(isWeights ? whole : path)
  if (isWeights) {
    model.setWeights(model.getWeights().map(({ shape }) => Tensor.zeros(shape)))
    await loadWeights(model, path)
  }
  c.weights?.forEach((expected: GoldenTensor, i: number) => {
    compare.tensors(c.weight_paths[i], model.getWeights()[i], expected, { abs: 0, rel: 0 })
  })
  const x = tensorOf(c.x)
  compare.tensors('y', await model.predict(x), c.y, tolerances.layer)
  if (!c.fit) return
  const { batch_size: batchSize, shuffle, epochs_after_loading: epochs } = c.fit
  const options = { batchSize, shuffle, epochs, verbose: 0 } as const
  const { history } = await model.fit(x, tensorOf(c.y_true), options)
  for (const [name, values] of Object.entries<GoldenNumber[]>(c.history_after_loading))
    values.forEach((value, epoch) => {
      compare.number(`${name} of epoch ${epoch}`, history[name][epoch], value, tolerances.training)
    })
  compare.tensors('final predictions', await model.predict(x), c.final_predictions, tolerances.training)
  c.final_weights.forEach((expected: GoldenTensor, i: number) => {
    compare.tensors(`final weight ${i}`, model.getWeights()[i], expected, tolerances.training)
  })
}

/**
 * Which family is replayed how; `behaviour` on these engines in turn. `errors.json` and `summaries.json` are covered by
 * tests of their own.
 */
export const families: Record<string, (file: Json, folder: string, engines: readonly EngineName[]) => Case[]> = {
  locally_connected_2d: layerCases,
  locally_connected_1d: layerCases,
  layers: layerCases,
  activations: activationCases,
  initializers: initializerCases,
  regularizers: regularizerCases,
  constraints: constraintCases,
  losses: lossCases,
  metrics: metricCases,
  optimizers: optimizerCases,
  training: trainingCases,
  saved_models: savedModelCases,
  behaviour: behaviourCases,
  graphs: graphCases,
}
