// Replays behaviour.json: carries out each case's calls, as make_behaviour.py did with the real Keras, on both engines.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import {
  ArgumentError,
  type Callback,
  EarlyStopping,
  LambdaCallback,
  type Layer,
  LearningRateScheduler,
  layers,
  optimizers,
  ReduceLROnPlateau,
  Sequential,
  StateError,
  Tensor,
  TerminateOnNaN,
} from 'unshared'
import { fromSafetensors, loadModel } from 'unshared/keras'
import { BackupAndRestore, CSVLogger, ModelCheckpoint } from 'unshared/node'
import { toCamelCase } from '../../lib/core/names.ts'
import type { Serialized } from '../../lib/core/registry.ts'
import { fromKeras } from '../../lib/keras/config.ts'
import { fill, namesIn } from '../../lib/node/file-template.ts'
import type { EngineName } from '../../lib/simd/choose-engine.ts'
import { printedBy } from '../support/printed.ts'
import { type Comparer, type GoldenNumber, tensorOf, tolerances, Unsupported } from './compare.ts'
import type { Case, Json } from './serialized.ts'

const tolerance = tolerances.layer

const events = [
  ...['train_begin', 'train_end', 'epoch_begin', 'epoch_end', 'train_batch_begin', 'train_batch_end', 'test_begin'],
  ...['test_end', 'test_batch_begin', 'test_batch_end', 'predict_begin', 'predict_end', 'predict_batch_begin'],
  'predict_batch_end',
]

const on = (event: string) => toCamelCase(`on_${event}`) as 'onEpochEnd'

const made = { EarlyStopping, ReduceLROnPlateau, ModelCheckpoint, CSVLogger, BackupAndRestore } as Record<
  string,
  new (
    options: Json,
  ) => Callback
>

/** What Keras refuses and this library accepts, by the words of Keras' message. */
const accepted = [/^Expected epochs to be positive/, /^Expected `class_weight` to be a dict with keys from 0/]

/** One case in progress. */
class Run {
  readonly #file: Json
  readonly #case: Json
  readonly #compare: Comparer
  readonly #engine: EngineName
  readonly #folder = mkdtempSync(join(tmpdir(), 'unshared-behaviour-'))
  readonly #models = new Map<string, Sequential>()
  readonly #made = new Map<string, Callback>()
  #events: Json[] = []

  constructor(file: Json, c: Json, compare: Comparer, engine: EngineName) {
    this.#file = file
    this.#case = c
    this.#compare = compare
    this.#engine = engine
  }

  async go(): Promise<void> {
    try {
      for (const [name, given] of Object.entries<Json>(this.#case.models))
        this.#models.set(name, this.#model(name, typeof given === 'string' ? this.#file.models[given] : given))
      for (const [i, call] of this.#case.calls.entries()) await this.#check(call, `${call.do} (call ${i})`)
    } finally {
      rmSync(this.#folder, { recursive: true, force: true })
    }
  }

  // ---- Making --------------------------------------------------------------------------------------------------

  #model(name: string, { layers: list, weights }: Json): Sequential {
    const made = list.map((entry: Json) => {
      if (typeof entry !== 'string') return layerOf(entry)
      const [of, index] = entry.split('.')
      return this.#models.get(of)?.layers[Number(index)] as Layer
    })
    const model = new Sequential(made, { name, seed: 1, engine: this.#engine })
    if (weights?.length > 0) model.setWeights(weights.map(tensorOf))
    return model
  }

  #resolve(value: Json): Json {
    if (typeof value === 'string' && value.startsWith('$')) return tensorOf(this.#file.data[value.slice(1)])
    if (Array.isArray(value)) return value.map(item => this.#resolve(item))
    if (value?.shape) return tensorOf(value)
    if (value?.batches) return this.#batches(value)
    return value ?? undefined
  }

  /** A generator of batches of two samples, as many times through the data. */
  *#batches({ batches, times = 1 }: Json): Generator<Tensor[]> {
    const columns: Tensor[] = batches.map((name: string) => this.#resolve(name))
    for (let time = 0; time < times; time++)
      for (let i = 0; i < columns[0].shape[0]; i += 2) yield columns.map(column => column.slice(i, i + 2))
  }

  #options(args: Json): Json {
    const options = Object.entries(args).map(([name, value]) => [toCamelCase(name), this.#resolve(value)])
    const { returnDict: _, ...rest } = Object.fromEntries(options)
    if (rest.callbacks) rest.callbacks = rest.callbacks.map((spec: Json) => this.#callback(spec))
    return rest
  }

  #callback(spec: Json): Callback {
    if (typeof spec === 'string') return this.#made.get(spec) as Callback
    const callback = this.#newCallback(spec.class, spec.config ?? {})
    if (spec.as) this.#made.set(spec.as, callback)
    return callback
  }

  #newCallback(kind: string, config: Json): Callback {
    switch (kind) {
      case 'Recorder':
        return this.#callbackOf(config.only ?? events, (event, args) => this.#record(event, args))
      case 'Adder':
        return this.#callbackOf([config.event ?? 'epoch_end'], (_event, args) => {
          const [index, logs] = [typeof args[0] === 'number' ? args[0] : 0, args.at(-1)]
          for (const [name, values] of Object.entries<Json>(config.values)) {
            const value = values[index % values.length]
            if (value !== null) (logs as Record<string, number>)[name] = Number(value)
          }
        })
      case 'Actor':
        return this.#callbackOf([config.on], async (_event, [index]) => {
          if (config.at != null && config.at !== index) return
          for (const call of config.calls) {
            const result = await this.#perform(call)
            if (result !== undefined) this.#events.push([`result of ${call.do}`, result])
          }
        })
      case 'LambdaCallback': {
        const record = (name: string) => (index: unknown) =>
          this.#events.push([`lambda ${name}`, ...(typeof index === 'number' ? [index] : [])])
        return new LambdaCallback(
          Object.fromEntries(config.names.map((name: string) => [toCamelCase(name), record(name)])),
        )
      }
      case 'LearningRateScheduler': {
        const { rates, factor, ...options } = config
        const schedule = (epoch: number, rate: number) =>
          factor === undefined ? rates[epoch % rates.length] : rate * factor
        return new LearningRateScheduler(schedule, options)
      }
      case 'TerminateOnNaN':
        return new TerminateOnNaN()
      default: {
        const options = fromKeras(config) as Json
        for (const path of ['filepath', 'filename', 'backupDir'])
          if (options[path]) options[path] = join(this.#folder, options[path].replace('.weights.h5', '.safetensors'))
        return new made[kind](options)
      }
    }
  }

  #callbackOf(names: readonly string[], act: (event: string, args: unknown[]) => void | Promise<void>): Callback {
    return Object.fromEntries(names.map(event => [on(event), (...args: unknown[]) => act(event, args)]))
  }

  #record(event: string, args: unknown[]): void {
    const index = typeof args[0] === 'number' ? [args[0]] : []
    this.#events.push([event, ...index, { ...((args[index.length] ?? {}) as object) }])
  }

  // ---- Calls ---------------------------------------------------------------------------------------------------

  async #perform(call: Json): Promise<unknown> {
    const model = this.#models.get(call.on ?? [...this.#models.keys()][0]) as Sequential
    const { x, y, ...options } = call.args ? this.#options(call.args) : ({} as Json)
    switch (call.do) {
      case 'raise':
        throw new Error('as the case says')
      case 'set':
        return void set(model, call.path, this.#resolve(call.value))
      case 'read':
        return read(model, call.path)
      case 'write_file':
        return writeFileSync(join(this.#folder, call.name), call.text)
      case 'drive': {
        const callback = this.#callback(call.callback) as Json
        callback.setModel(model)
        for (const [event, ...args] of call.tell) await callback[on(event)]?.(...args)
        return undefined
      }
      case 'add':
        return model.add(layerOf(call.layer))
      case 'construct':
        this.#models.set(call.name, new Sequential(layerOf(call.layer) as never, { seed: 1, engine: this.#engine }))
        return this.#models.get(call.name)?.layers.length
      case 'compile':
        return model.compile(compileOptions(options))
      case 'fit':
        return y ? model.fit(x, y, { verbose: 0, ...options }) : model.fit(x, { verbose: 0, ...options })
      case 'evaluate':
        return y ? model.evaluate(x, y, { verbose: 0, ...options }) : model.evaluate(x, { verbose: 0, ...options })
      case 'predict':
        return model.predict(x, options)
      case 'train_on_batch':
        return model.trainOnBatch(x, y, options)
      case 'test_on_batch':
        return model.testOnBatch(x, y, options)
      case 'predict_on_batch':
        return model.predictOnBatch(x)
      case 'build':
        return model.build(options.inputShape.map((n: number | undefined) => n ?? null))
      case 'compute_output_shape':
        return model.computeOutputShape(options.inputShape.map((n: number | undefined) => n ?? null))
      case 'get_layer':
        return model.getLayer(options.name ?? options.index).name
      case 'set_weights':
        return model.setWeights(options.weights)
      case 'count_params':
        return model.countParams()
      case 'reset_metrics':
        return model.resetMetrics()
      case 'pop':
        return model.pop()
      case 'get_weights':
        return void model.getWeights()
      default:
        throw new Error(`no call ${call.do}`)
    }
  }

  async #check(call: Json, what: string): Promise<void> {
    this.#events = []
    let result: unknown
    let thrown: unknown = null
    const printed = await linesOf(async () => {
      try {
        result = await this.#perform(call)
      } catch (error) {
        thrown = error
      }
    })
    if (call.raises) {
      if (!thrown && !accepted.some(words => words.test(call.raises.message)))
        throw new Error(`${what}: accepted, but Keras raises ${call.raises.type}: ${call.raises.message}`)
      return
    }
    if (thrown instanceof ArgumentError || thrown instanceof StateError)
      throw new Unsupported(`${what}: refused: ${thrown.message}`)
    if (thrown) throw thrown
    const resumes = call.args?.callbacks?.some((spec: Json) => spec.class === 'BackupAndRestore')
    if (call.gives !== undefined) this.#value(what, ...given(result, call.gives, resumes))
    this.#checkEvents(what, call.events ?? [])
    const missed = (line: string) =>
      /^monitor "(.*?)"/.exec(line)?.[1] ?? (/: the source ran out /.test(line) ? 'data' : null)
    const lines = printed.filter(line => missed(line) === null)
    this.#lines(`${what}, printed`, lines, call.printed ?? [])
    this.#checkWarnings(
      what,
      printed.map(missed).filter(name => name !== null),
      call,
    )
    for (const [name, expected] of Object.entries<Json>(call.weights ?? {}))
      this.#value(`${what}, weights of ${name}`, this.#models.get(name)?.getWeights(), expected)
    if (call.files) await this.#checkFiles(what, call.files)
    for (const [name, state] of Object.entries<Json>(call.callbacks ?? {}))
      for (const [key, expected] of Object.entries<Json>(state)) {
        const shown = (this.#made.get(name) as Json)[toCamelCase(key)]
        if (shown !== undefined) this.#value(`${what}, ${name}.${key}`, shown, expected)
      }
  }

  // ---- Comparing -----------------------------------------------------------------------------------------------

  #value(what: string, ours: Json, expected: Json): void {
    const isNumber = typeof expected === 'number' || /^(NaN|-?Infinity)$/.test(expected)
    if (isNumber && typeof ours === 'number') this.#compare.number(what, ours, expected, tolerance)
    else if (expected?.shape && ours instanceof Tensor) this.#compare.tensors(what, ours, expected, tolerance)
    else if (typeof expected === 'object' && expected !== null && typeof ours === 'object' && ours !== null) {
      this.#compare.same(`${what}, names`, Object.keys(ours), Object.keys(expected))
      for (const [name, value] of Object.entries(expected)) this.#value(`${what}, ${name}`, ours[name], value)
    } else this.#compare.same(what, ours, expected)
  }

  /** Keras announces a batch before it knows whether there is one. */
  #checkEvents(what: string, expected: Json[]): void {
    const ends = /^(epoch|test|predict)_end$/
    const told = expected.filter(([event], i) => !(event.endsWith('_batch_begin') && ends.test(expected[i + 1]?.[0])))
    this.#value(`${what}, events`, this.#events, told)
  }

  /** What was missed: names in the logs, data. Keras also warns of a validation that an epoch does without. */
  #checkWarnings(what: string, ours: readonly (string | null)[], { warned = [], args }: Json): void {
    const isMeasured = (name: string) => args?.validation_data && name.startsWith('val_')
    const missing = warned.filter((name: string) => !isMeasured(name))
    this.#compare.same(`${what}, missed`, ours, missing)
  }

  /** Lines of text, number by number, without times. */
  #lines(what: string, ours: readonly string[], expected: readonly string[]): void {
    const bare = (line: string) =>
      asInKeras(line)
        .replaceAll(`${this.#folder}/`, '')
        .replace(/ - (\d+m?s|\d+:\d+)(?=$| )/, '')
        .replace(/ - \d+m?s\/epoch/, '')
        .replace(/(?: -)? \d+[mu]?s\/(?:step|epoch)/g, '')
        .replace(/(Invalid loss).*/, '$1')
        .trimEnd()
    const parts = (line: string) => bare(line).split(/(-?\d+\.?\d*(?:e[+-]?\d+)?)/)
    this.#compare.same(`${what}, lines`, ours.map(words(parts)), expected.map(words(parts)))
    expected.forEach((line, i) => {
      const numbers = (text: string) => parts(text).filter((_, j) => j % 2 === 1)
      numbers(line).forEach((number, j) => {
        this.#compare.number(`${what}, "${line}"`, Number(numbers(ours[i])[j]), Number(number), tolerances.training)
      })
    })
  }

  async #checkFiles(what: string, expected: Json): Promise<void> {
    const paths = readdirSync(this.#folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => relative(this.#folder, join(entry.parentPath, entry.name)))
      .filter(name => /\.(h5|keras|safetensors)$/.test(name) || !name.includes('/'))
    this.#compare.same(`${what}, files`, paths.map(asInKeras).sort(), Object.keys(expected).sort())
    for (const path of paths) {
      const [name, file] = [asInKeras(path), join(this.#folder, path)]
      if (typeof expected[name] === 'string')
        this.#checkText(`${what}, ${name}`, readFileSync(file, 'utf8'), expected[name])
      else this.#value(`${what}, ${name}`, await weightsIn(file), expected[name])
    }
  }

  /** Rows of a CSV file. Keras also writes columns `val_…` that it never fills; and ends rows with `\r\n`. */
  #checkText(what: string, ours: string, expected: string): void {
    const [found, wanted] = [ours, expected].map(rowsOf)
    const columns = (wanted[0] ?? []).map((_, c) => c)
    const empty = (c: number) => /^"?val_/.test(wanted[0][c]) && wanted.slice(1).every(row => row[c] === 'NA')
    const kept = columns.filter(c => found[0]?.includes(wanted[0][c]) || !empty(c))
    const text = (rows: string[][]) => rows.map(row => row.map(cell => (Number.isFinite(Number(cell)) ? '#' : cell)))
    const these = wanted.map(row => kept.map(c => row[c]).filter(cell => cell !== undefined))
    this.#compare.same(what, text(found), text(these))
    these.forEach((row, r) => {
      row.forEach((cell, c) => {
        if (Number.isFinite(Number(cell)))
          this.#compare.number(`${what}[${r}]`, Number(found[r][c]), Number(cell), tolerance)
      })
    })
  }
}

/** Weights alone are written as safetensors, which are read a hundred times as fast. */
const asInKeras = (text: string) => text.replaceAll('.safetensors', '.weights.h5')

async function weightsIn(path: string): Promise<Tensor[]> {
  if (path.endsWith('.safetensors')) return Object.values(fromSafetensors(readFileSync(path)))
  return (await loadModel(path, { compile: false })).getWeights()
}

const layerOf = (entry: Json): Layer => layers.get(fromKeras(entry) as unknown as Serialized)

/** The words between the numbers of a line. */
const words = (parts: (line: string) => string[]) => (line: string) => parts(line).filter((_, i) => i % 2 === 0)

function rowsOf(text: string): string[][] {
  const separator = /^\w+([,;\t])/.exec(text)?.[1] ?? ','
  const rows = text.split(/\r?\n/).filter(line => line !== '')
  const between = new RegExp(`${separator}(?=(?:[^"]*"[^"]*")*[^"]*$)`) // not within quotes
  return rows.map(row => row.split(between))
}

function compileOptions({ optimizer, metrics, weightedMetrics, ...options }: Json): Json {
  const { exclude_from_weight_decay: varNames, ...serialized } =
    typeof optimizer === 'string' ? ({} as Json) : optimizer
  const made = optimizers.get(typeof optimizer === 'string' ? optimizer : fromKeras(serialized))
  if (varNames) made.excludeFromWeightDecay({ varNames })
  return { ...options, optimizer: made, ...(metrics && { metrics }), ...(weightedMetrics && { weightedMetrics }) }
}

/** What a call gave, and what Keras gave, in one shape. After a backup, Keras' history has only the rest of the epochs. */
function given(result: Json, expected: Json, resumes: boolean): [Json, Json] {
  if (!expected?.params) return [result, expected]
  const { history, epoch, params } = result
  const rest = (values: Json[]) => (resumes ? values.slice(-expected.epoch.length) : values)
  const shown = Object.fromEntries(Object.entries<Json[]>(history).map(([name, values]) => [name, rest(values)]))
  const { verbose, epochs, steps } = params
  return [{ history: shown, epoch: rest(epoch), params: { verbose, epochs, steps } }, expected]
}

const step = (at: Json, name: string) => (Array.isArray(at) ? at[Number(name)] : at[toCamelCase(name)])

const read = (model: Sequential, path: string): Json => path.split('.').reduce(step, model as Json) ?? null

function set(model: Sequential, path: string, value: Json): void {
  const way = path.split('.')
  way.slice(0, -1).reduce(step, model as Json)[toCamelCase(way.at(-1) as string)] = value
}

function thrownBy(run: () => unknown): unknown {
  try {
    run()
    return null
  } catch (error) {
    return error
  }
}

/** The lines that `run` prints, without the empty ones. */
const linesOf = async (run: () => Promise<void>): Promise<string[]> =>
  (await printedBy(run)).flatMap(text => text.split('\n')).filter(line => line.trim() !== '')

/** File names: a field of a template, a number, and the text; none where Python refuses the field. */
function checkFormats(formats: [string, GoldenNumber, string | null][], compare: Comparer): void {
  for (const [template, value, text] of formats) {
    const filled = () => {
      const [name] = namesIn(template)
      return fill(template, { [name]: Number(value) })
    }
    if (text === null) compare.same(template, thrownBy(filled) instanceof ArgumentError, true)
    else compare.same(`${template} of ${value}`, filled(), text)
  }
}

export const behaviourCases = (file: Json, _folder: string, engines: readonly EngineName[]): Case[] => [
  { name: 'file names', run: compare => checkFormats(file.formats, compare) },
  ...file.cases.map((c: Json) => ({
    name: c.name,
    async run(compare: Comparer) {
      for (const engine of engines) await new Run(file, c, compare, engine).go()
    },
  })),
]
