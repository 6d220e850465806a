// Models and layers that are used in any order, and for each of them a twin that is used alone: it shares nothing, stands on
// the reference engine, and nobody comes between its calls. Before each call a twin gets the weights that the real one has;
// after it both must be equal, bit for bit.

import {
  Add,
  Average,
  type Call,
  type Callback,
  checkGradients,
  type EngineOptions,
  InputLayer,
  input,
  Layer,
  LocallyConnected2D,
  type Logs,
  layers as layerTable,
  Maximum,
  Minimum,
  Model,
  Sequential,
  StateError,
  type SymbolicTensor,
  stream,
  Tensor,
} from 'unshared'
import { loadWeights, saveWeights } from 'unshared/keras'
import { standaloneContext } from '../../lib/layers/layer.ts'
import { firstDifference } from './bits.ts'
import { randomNumbers } from './geometries.ts'

/** Every layer here takes and gives samples of this shape, so that each fits everywhere. */
const sample = [3, 3, 2]

class Cube extends Layer {
  readonly className = 'Cube'
  computeOutputShape = (inputShape: readonly (number | null)[]) => inputShape
  forwardInto(y: Float32Array, x: Float32Array) {
    for (let i = 0; i < x.length; i++) y[i] = x[i] ** 3
  }
  backwardInto(dx: Float32Array, dy: Float32Array, { x }: Call) {
    for (let i = 0; i < x.length; i++) dx[i] = dy[i] * 3 * x[i] ** 2
  }
}

const same = { padding: 'same', kernelSize: 3 }
const kinds: readonly (readonly [string, object])[] = [
  ['Dense', { units: 2, activation: 'tanh', kernelRegularizer: 'l2', activityRegularizer: 'l2' }],
  ['LocallyConnected2D', { ...same, filters: 2, activation: 'sigmoid' }],
  ['LocallyConnected2D', { ...same, filters: 2, implementation: 2 }],
  ['LocallyConnected2D', { ...same, filters: 2, implementation: 3, activityRegularizer: 'l1' }],
  ['Conv2D', { ...same, filters: 2, activation: 'relu' }],
  ['SeparableConv2D', { ...same, filters: 2 }],
  ['BatchNormalization', { momentum: 0.8 }],
  ['LayerNormalization', {}],
  ['Dropout', { rate: 0.4 }],
  ['GaussianNoise', { stddev: 0.3 }],
  ['MaxPooling2D', { poolSize: 2, strides: 1, padding: 'same' }],
  ['Activation', { activation: 'softmax' }],
  ['Reshape', { targetShape: sample }],
  ['PReLU', { alphaInitializer: 'normal' }],
  ['LocalBias', {}],
  ['UnitNormalization', {}],
  ['Cube', {}],
]
const optimizers = [
  { className: 'SGD', config: { learningRate: 0.05 } },
  { className: 'SGD', config: { learningRate: 0.05, momentum: 0.9 } },
  { className: 'Adam', config: { learningRate: 0.01 } },
  { className: 'RMSprop', config: { learningRate: 0.01, clipnorm: 1 } },
]
const losses = ['mse', 'categorical_crossentropy', 'mae']

const leavesWeights = [
  'newModel',
  'newGraph',
  'newLayer',
  'add',
  'pop',
  'compile',
  'withImplementation',
  'check',
  'testOnBatch',
]

/** Central differences of more weights than this would take longer than all the rest. */
const mostToCheck = 120

type AnyModel = Model<SymbolicTensor | readonly SymbolicTensor[]>

/**
 * Layers as a graph: branches that meet in merges, a layer that is called twice, a model inside, two inputs and outputs. The
 * weights are in the order of the layers.
 */
function wire(layers: readonly Layer[], wiring: number, options: EngineOptions & { readonly seed: number }): AnyModel {
  const inputs = Array.from({ length: wiring % 4 === 0 ? 2 : 1 }, () => input({ shape: sample }))
  const merges = [new Add(), new Average(), new Maximum(), new Minimum()]
  let y: SymbolicTensor = inputs[0]
  const values = [y]
  for (const [i, layer] of layers.entries()) {
    const isInside = i === layers.length - 1 && wiring % 3 === 0
    const module = isInside ? modelOf(layer, options.seed + 1) : layer
    const merged = i > 0 && (wiring >> i) % 2 === 0 ? merges[(wiring + i) % 4].apply([y, values[wiring % i]]) : y
    y = module.apply(merged)
    if (i === 0 && wiring % 5 < 2) y = module.apply(y)
    values.push(y)
  }
  if (inputs.length > 1) y = new Add().apply([y, inputs[1]])
  return new Model({ inputs, outputs: wiring % 4 === 1 ? [y, values[1]] : y, ...options })
}

function modelOf(layer: Layer, seed: number): Model {
  const x = input({ shape: sample })
  return new Model({ inputs: x, outputs: layer.apply(x), seed })
}

/** The state of a model before its first use. */
const unused = { compiled: null, ran: false, running: false, peeked: false }

/** The layers whose order numbers the random streams. */
const withoutInputs = ({ layers }: AnyModel) => layers.filter(layer => !(layer instanceof InputLayer))

/** The layers in a model, and in the models inside. */
const layersIn = (model: AnyModel): Layer[] =>
  model.layers.flatMap(layer => (layer instanceof Model ? layersIn(layer) : layer))

/** What is done, and to what: numbers mean whatever there is of that, counted round. */
export interface Deed {
  readonly what: number
  readonly whom: number
  readonly how: number
  readonly meanwhile: readonly Deed[]
}

interface Lone {
  readonly layer: Layer
  /** Never in a model. */
  readonly twin: Layer
  readonly kind: number
  ran: boolean
}

interface Stand {
  readonly model: AnyModel
  /** With layers of its own. */
  readonly twin: AnyModel
  readonly layers: Lone[]
  readonly seed: number
  /** The number that determines its connections; `null`: a Sequential. */
  readonly wiring: number | null
  compiled: number | null
  ran: boolean
  running: boolean
  /** Whether the last measurement is one that the twin has not made. */
  peeked: boolean
}

const make = (kind: number): Layer => {
  const [className, config] = kinds[kind]
  if (className === 'Cube') return new Cube({ inputShape: sample })
  return layerTable.get({ className, config: { ...config, inputShape: sample } })
}

function numbers(seed: number, batch: number): Tensor {
  const size = batch * sample.reduce((a, b) => a * b)
  return Tensor.from(randomNumbers(size, stream(seed, 'data')), [batch, ...sample])
}

/** Targets that are distributions over the channels, as a crossentropy needs them. */
function targets(seed: number, batch: number): Tensor {
  const data = numbers(seed + 1000, batch).data.map(v => Math.abs(v))
  return Tensor.from(data, [batch, ...sample])
}

/** A tensor; a list for a model with several inputs or outputs. */
type Data = Tensor | Tensor[]

const perEnd = (count: number, tensor: (i: number) => Tensor): Data =>
  count === 1 ? tensor(0) : Array.from({ length: count }, (_, i) => tensor(i))
const inputsFor = ({ model }: Stand, seed: number, batch: number): Data =>
  perEnd(model.inputNames.length, i => numbers(seed + 500 * i, batch))
const targetsFor = ({ model }: Stand, seed: number, batch: number): Data =>
  perEnd(model.outputNames.length, i => targets(seed + 500 * i, batch))
const cotangentsFor = ({ model }: Stand, seed: number, batch: number): Data =>
  perEnd(model.outputNames.length, i => numbers(seed + 500 * i, batch))

const listOf = (data: Data): readonly Tensor[] => (Array.isArray(data) ? data : [data])

export class World {
  readonly #asked: EngineOptions
  readonly #lones: Lone[] = []
  readonly #stands: Stand[] = []
  #seed = 1
  /** What was done, for the message when something differs. */
  readonly log: string[] = []

  /** @param asked what some of the models name, and others don't */
  constructor(asked: EngineOptions) {
    this.#asked = asked
  }

  async do(deed: Deed): Promise<void> {
    const deeds: Record<string, () => void | Promise<void>> = {
      newModel: () => this.#newModel(deed),
      newGraph: () => this.#newGraph(deed),
      newLayer: () => this.#newLayer(deed),
      layerThere: () => this.#layerThere(deed),
      layerBack: () => this.#layerThereAndBack(deed),
      modelThere: () => this.#modelThere(deed),
      modelBack: () => this.#modelThereAndBack(deed),
      predict: () => this.#predict(deed),
      evaluate: () => this.#evaluate(deed),
      fit: () => this.#fit(deed),
      fitAgain: () => this.#fit(deed),
      trainOnBatch: () => this.#onBatch(deed, 'trainOnBatch'),
      testOnBatch: () => this.#onBatch(deed, 'testOnBatch'),
      check: () => this.#check(deed),
      setWeights: () => this.#setWeights(deed),
      add: () => this.#add(deed),
      pop: () => this.#pop(deed),
      compile: () => this.#compile(deed),
      saveAndLoad: () => this.#saveAndLoad(deed),
      withImplementation: () => this.#withImplementation(deed),
    }
    const names = Object.keys(deeds)
    const name = this.#stands.length === 0 ? 'newModel' : names[deed.what % names.length]
    this.log.push(`${name} ${deed.whom} ${deed.how}`)
    const before = this.#lones.map(lone => ({ lone, weights: lone.layer.getWeights() }))
    await deeds[name]()
    if (!leavesWeights.includes(name)) return
    for (const { lone, weights } of before)
      expectSameTensors(`weights of a layer after ${name}`, lone.layer.getWeights(), weights)
  }

  /** What may happen in the middle of something else. */
  async #meanwhile(deeds: readonly Deed[], busy: Stand | null): Promise<void> {
    for (const deed of deeds) {
      const others = this.#stands.filter(stand => !stand.running)
      const acts: (() => void | Promise<void>)[] = [
        () => this.#layerThere(deed),
        () => this.#layerThereAndBack({ ...deed, meanwhile: [] }),
        () => this.#peek(deed),
        () => this.#check(deed),
        () => this.#setWeights(deed),
        () => this.#evaluateFresh(deed),
        () => this.#refused(deed, busy),
        () => this.#takeMemory(deed),
      ]
      if (others.length > 0)
        acts.push(
          () => this.#onBatch(deed, 'trainOnBatch', others),
          () => this.#modelThereAndBack({ ...deed, meanwhile: [] }, others),
          () => this.#newModel(deed),
          () => this.#newGraph(deed),
        )
      this.log.push(`  meanwhile ${deed.what % acts.length} ${deed.whom} ${deed.how}`)
      await acts[deed.what % acts.length]()
    }
  }

  // ---- Making ---------------------------------------------------------------------------------------------------

  #newLayer({ how }: Deed): void {
    const kind = how % kinds.length
    const lone: Lone = { layer: make(kind), twin: make(kind), kind, ran: false }
    const seed = this.#seed++
    for (const layer of [lone.layer, lone.twin]) layer.build([null, ...sample], standaloneContext(seed))
    this.#lones.push(lone)
  }

  #newModel({ whom, how }: Deed): void {
    if (!this.#dropOldest()) return
    const seed = this.#seed++
    const asked = how % 2 === 0 ? this.#asked : {}
    const stand: Stand = {
      ...unused,
      model: new Sequential([], { seed, ...asked }),
      twin: new Sequential([], { seed, engine: 'reference' }),
      layers: [],
      seed,
      wiring: null,
    }
    this.#stands.push(stand)
    for (let i = 0; i <= how % 3; i++) this.#addTo(stand, whom + 7 * i, how + 3 * i)
  }

  /** A model with branches, of new layers and of some that are there. */
  #newGraph({ whom, how }: Deed): void {
    if (!this.#dropOldest()) return
    const seed = this.#seed++
    const asked = how % 2 === 0 ? this.#asked : {}
    const layers: Lone[] = []
    for (let i = 0; i <= 1 + (how % 3); i++) layers.push(this.#otherThan(layers, whom + 7 * i, how + 3 * i))
    const model = wire(
      layers.map(({ layer }) => layer),
      how,
      { seed, ...asked },
    )
    const own = withoutInputs(model)
    for (const lone of layers) {
      if (lone.twin.built) continue
      const at = own.indexOf(lone.layer)
      const streamOf = (name: string) => (at < 0 ? stream(seed + 1, 0, name) : stream(seed, at, name))
      lone.twin.build([null, ...sample], { ...standaloneContext(0), stream: streamOf })
    }
    const twin = wire(
      layers.map(({ kind }) => make(kind)),
      how,
      { seed, engine: 'reference' },
    )
    this.#stands.push({ ...unused, model, twin, layers, seed, wiring: how })
  }

  /** Makes room for another model: of three, the oldest is dropped; its layers may be in others. */
  #dropOldest(): boolean {
    if (this.#stands.length < 3) return true
    const oldest = this.#stands.findIndex(stand => !stand.running)
    if (oldest >= 0) this.#stands.splice(oldest, 1)
    return oldest >= 0
  }

  /** A layer not among these: one that is there, or a new one. */
  #otherThan(layers: readonly Lone[], whom: number, how: number): Lone {
    const known = this.#lones.filter(lone => !layers.includes(lone))
    const found = known[whom % Math.max(known.length, 1)]
    if (found && how % 2 === 1) return found
    const kind = how % kinds.length
    const lone = { layer: make(kind), twin: make(kind), kind, ran: false }
    this.#lones.push(lone)
    return lone
  }

  #addTo(stand: Stand, whom: number, how: number): void {
    const lone = this.#otherThan(stand.layers, whom, how)
    if (!lone.twin.built) {
      const index = stand.layers.length
      lone.twin.build([null, ...sample], { ...standaloneContext(0), stream: name => stream(stand.seed, index, name) })
    }
    for (const [model, layer] of [[stand.model, lone.layer] as const, [stand.twin, make(lone.kind)] as const])
      if (model instanceof Sequential) model.add(layer)
    stand.layers.push(lone)
    stand.compiled = null
    stand.ran = false
  }

  #add({ whom, how }: Deed): void {
    const stand = this.#stand(whom)
    if (stand.wiring === null && stand.layers.length < 5) this.#addTo(stand, how, whom)
  }

  #pop({ whom }: Deed): void {
    const stand = this.#stand(whom)
    if (stand.layers.length < 2) return
    for (const model of [stand.model, stand.twin]) {
      if (!(model instanceof Sequential)) return
      model.pop()
    }
    stand.layers.pop()
    stand.compiled = null
    stand.ran = false
  }

  #compile({ whom, how }: Deed): void {
    this.#compileAs(this.#stand(whom), how)
  }

  #compileAs(stand: Stand, how: number): void {
    for (const model of [stand.model, stand.twin]) compile(model, how)
    stand.compiled = how
  }

  /** A layer of the same weights, which are stored in another way. */
  #withImplementation({ whom, how }: Deed): void {
    const local = this.#lones.filter(({ layer }) => layer instanceof LocallyConnected2D)
    if (local.length === 0) return
    const { layer, kind } = local[whom % local.length]
    const other = (layer as LocallyConnected2D).withImplementation(((how % 3) + 1) as 1)
    const [x, y] = [numbers(how, 2), layer.forward(numbers(how, 2))]
    expectSame('withImplementation', other.forward(x).data, y.data)
    local[whom % local.length].ran = false
    this.#twinOf(local[whom % local.length]).forward(x)
    if ((layer as LocallyConnected2D).implementation === (how % 3) + 1) {
      const twin = make(kind)
      twin.build([null, ...sample], standaloneContext(0))
      this.#lones.push({ layer: other, twin, kind, ran: false })
    }
  }

  // ---- Weights --------------------------------------------------------------------------------------------------

  /** The twin, with the weights of the real one. */
  #twinOf({ layer, twin }: Lone): Layer {
    twin.setWeights(layer.getWeights())
    return twin
  }

  #modelTwinOf({ model, twin }: Stand): AnyModel {
    twin.setWeights(model.getWeights())
    return twin
  }

  #setWeights({ whom, how }: Deed): void {
    const { model, layers } = this.#stand(whom)
    const random = stream(how, 'weights')
    const scattered = (weights: Tensor[]) =>
      weights.map(({ shape, size }) => {
        const some = randomNumbers(size, random).map(v => 0.2 + 0.3 * Math.abs(v)) // variances are positive
        return Tensor.from(some, shape)
      })
    if (how % 2 === 0) {
      const weights = scattered(model.getWeights())
      model.setWeights(weights)
      expectSameTensors('getWeights', model.getWeights(), weights)
      return
    }
    const { layer } = layers[how % layers.length]
    layer.setWeights(scattered(layer.getWeights()))
  }

  async #saveAndLoad({ whom, how }: Deed): Promise<void> {
    const { model } = this.#stand(whom)
    const weights = model.getWeights()
    if (layersIn(model).some(({ className }) => className === 'Cube') || weights.length === 0) return
    const bytes = await saveWeights(model, { format: 'safetensors' })
    if (how % 3 > 0) return // reading starts a worker, which takes long
    if (how % 2 === 0) {
      this.#setWeights({ what: 0, whom, how, meanwhile: [] })
      await loadWeights(model, bytes)
      expectSameTensors('loaded weights', model.getWeights(), weights)
      return
    }
    const Class = model instanceof Sequential ? Sequential : Model
    const copy = Class.fromConfig(model.getConfig(), { seed: 0, engine: 'reference' })
    await loadWeights(copy, bytes)
    expectSameTensors('weights of a loaded copy', copy.getWeights(), weights)
  }

  // ---- Layers by themselves -----------------------------------------------------------------------------------------

  #layerThere({ whom, how }: Deed): void {
    const lone = this.#lone(whom)
    const twin = this.#twinOf(lone)
    const [x, options] = [numbers(how, (how % 4) + 1), { training: how % 3 > 0 }]
    expectSame('forward of a layer', lone.layer.forward(x, options).data, twin.forward(x, options).data)
    expectSameTensors('weights after it', lone.layer.getWeights(), twin.getWeights())
    lone.ran = true
  }

  async #layerThereAndBack(deed: Deed): Promise<void> {
    const lone = this.#lone(deed.whom)
    const { how } = deed
    const twin = this.#twinOf(lone)
    const [x, options] = [numbers(how, (how % 4) + 1), { training: how % 3 > 0 }]
    expectSame('forward of a layer', lone.layer.forward(x, options).data, twin.forward(x, options).data)
    const others = deed.meanwhile.filter(other => this.#lone(other.whom) !== lone)
    await this.#meanwhile(
      others.map(other => ({ ...other, what: [0, 1, 2, 3, 4, 7][other.what % 6] })),
      null,
    )
    if (this.#lone(deed.whom) !== lone) return
    twin.setWeights(lone.layer.getWeights())
    const dy = numbers(how + 1, (how % 4) + 1)
    if (lone.ran || deed.meanwhile.length === 0)
      expectSame('backward of a layer', lone.layer.backward(dy).data, twin.backward(dy).data)
    else {
      lone.layer.backward(dy)
      twin.backward(dy)
    }
    lone.ran = true
    expectSameTensors('gradients of a layer', lone.layer.gradients(), twin.gradients())
  }

  // ---- Models -----------------------------------------------------------------------------------------------------

  #modelThere({ whom, how }: Deed): void {
    const stand = this.#stand(whom)
    const twin = this.#modelTwinOf(stand)
    const [x, options] = [inputsFor(stand, how, (how % 5) + 1), { training: how % 3 > 0 }]
    expectSameData('forward of a model', stand.model.forward(x, options), twin.forward(x, options))
    expectSameTensors('weights after it', stand.model.getWeights(), twin.getWeights())
  }

  async #modelThereAndBack(deed: Deed, among = this.#stands): Promise<void> {
    const stand = among[deed.whom % among.length]
    this.#modelThere({ ...deed, whom: this.#stands.indexOf(stand) })
    const { how } = deed
    stand.running = true // as far as others are concerned
    await this.#meanwhile(
      deed.meanwhile.map(other => ({ ...other, what: [0, 1, 3, 4, 7][other.what % 5] })),
      null,
    )
    stand.running = false
    const twin = this.#modelTwinOf(stand)
    const dy = cotangentsFor(stand, how + 1, (how % 5) + 1)
    expectSameTensors('backward of a model', stand.model.backwardToAll(dy), twin.backwardToAll(dy))
    stand.ran = true
  }

  async #predict({ whom, how, meanwhile }: Deed): Promise<void> {
    const stand = this.#stand(whom)
    const x = inputsFor(stand, how, 7)
    const weights: Tensor[][] = []
    const callback = {
      onPredictBatchBegin: async () => {
        await this.#meanwhile(meanwhile, stand)
        weights.push(stand.model.getWeights())
      },
    }
    stand.running = true
    const found = await stand.model.predict(x, { batchSize: (how % 4) + 2, callbacks: [callback] })
    stand.running = false
    let step = 0
    const expected = await stand.twin.predict(x, {
      batchSize: (how % 4) + 2,
      callbacks: [{ onPredictBatchBegin: () => stand.twin.setWeights(weights[step++]) }],
    })
    expectSameData('predictions', found, expected)
  }

  /** A prediction in the middle of something: that of a fresh model with the same weights. */
  async #peek({ whom, how }: Deed): Promise<void> {
    const stand = this.#stand(whom)
    const x = inputsFor(stand, how, (how % 9) + 1)
    const expected = fresh(stand).predictOnBatch(x)
    const found = how % 2 === 0 ? await stand.model.predict(x, { batchSize: 4 }) : stand.model.predictOnBatch(x)
    expectSameData('predictions meanwhile', found, expected)
  }

  async #evaluate({ whom, how, meanwhile }: Deed): Promise<void> {
    const stand = this.#compiled(whom, how)
    const [x, y] = [inputsFor(stand, how, 7), targetsFor(stand, how, 7)]
    const options = { batchSize: 3, verbose: 0 } as const
    const weights: Tensor[][] = []
    const callback = {
      onTestBatchBegin: async () => {
        await this.#meanwhile(meanwhile, stand)
        weights.push(stand.model.getWeights())
      },
    }
    stand.running = true
    const found = await stand.model.evaluate(x, y, { ...options, callbacks: [callback] })
    stand.running = false
    let step = 0
    const expected = await stand.twin.evaluate(x, y, {
      ...options,
      callbacks: [{ onTestBatchBegin: () => stand.twin.setWeights(weights[step++]) }],
    })
    expectSameLogs('evaluate', found, expected)
  }

  async #evaluateFresh({ whom, how }: Deed): Promise<void> {
    const stand = this.#stand(whom)
    if (stand.compiled === null) return
    const [x, y] = [inputsFor(stand, how, 5), targetsFor(stand, how, 5)]
    const other = fresh(stand)
    compile(other, stand.compiled)
    stand.peeked = true
    if (how % 2 === 0) {
      const expected = await other.evaluate(x, y, { batchSize: 4, verbose: 0 })
      expectSameLogs('evaluate meanwhile', await stand.model.evaluate(x, y, { batchSize: 4, verbose: 0 }), expected)
    } else expectSameLogs('testOnBatch meanwhile', stand.model.testOnBatch(x, y), other.testOnBatch(x, y))
  }

  #onBatch({ whom, how }: Deed, what: 'trainOnBatch' | 'testOnBatch', among = this.#stands): void {
    const stand = this.#compiled(this.#stands.indexOf(among[whom % among.length]), how)
    const [x, y] = [inputsFor(stand, how, (how % 5) + 1), targetsFor(stand, how, (how % 5) + 1)]
    const twin = this.#modelTwinOf(stand)
    const options = how % 4 === 0 && !stand.peeked ? { resetMetrics: false } : {}
    stand.peeked = false
    expectSameLogs(what, stand.model[what](x, y, options), twin[what](x, y, options))
    if (what === 'trainOnBatch') stand.ran = true
    expectSameTensors(`weights after ${what}`, stand.model.getWeights(), twin.getWeights())
  }

  async #fit({ whom, how, meanwhile }: Deed): Promise<void> {
    const stand = this.#compiled(whom, how)
    const [x, y] = [inputsFor(stand, how, 10), targetsFor(stand, how, 10)]
    const validationData =
      how % 2 === 0 ? ([inputsFor(stand, how + 5, 5), targetsFor(stand, how + 5, 5)] as const) : undefined
    const options = {
      ...({ epochs: 2, batchSize: 4, verbose: 0, shuffle: how % 3 > 0 } as const),
      ...(validationData && { validationData }),
    }
    const before = stand.model.getWeights()
    const weights: Tensor[][] = [] // after each event
    const stopAt = how % 5 === 0 ? how % 6 : Infinity
    /** The same events for both; `act` is what is done at each. */
    const callback = (signal: { aborted: boolean; reason: Error }, act: () => void | Promise<void>): Callback => {
      let events = 0
      const event = async () => {
        await act()
        if (events++ === stopAt) signal.aborted = true
      }
      return { onTrainBatchBegin: event, onTrainBatchEnd: event, onEpochEnd: event, onTestBatchEnd: event }
    }
    const run = async (model: AnyModel, act: () => void | Promise<void>) => {
      const signal = { aborted: false, reason: new Error('enough') }
      const callbacks = [callback(signal, act)]
      try {
        return (await model.fit(x, y, { ...options, signal, callbacks })).history
      } catch (error) {
        if (error !== signal.reason) throw error
        return { aborted: [1] }
      }
    }
    stand.running = true
    let turn = 0
    const found = await run(stand.model, async () => {
      const share = meanwhile.length === 0 ? [] : [meanwhile[turn++ % meanwhile.length]]
      await this.#meanwhile(share, stand)
      weights.push(stand.model.getWeights())
    })
    stand.running = false
    stand.twin.setWeights(before)
    turn = 0
    const expected = await run(stand.twin, () => stand.twin.setWeights(weights[turn++]))
    for (const [name, values, others] of paired(found, expected))
      expectSame(`history.${name}`, Float32Array.from(values), Float32Array.from(others))
    expectSameTensors('weights after fit', stand.model.getWeights(), stand.twin.getWeights())
    stand.ran = weights.length > 1
  }

  /** What must not be done while a model runs. */
  #refused({ how }: Deed, busy: Stand | null): void {
    if (!busy) return
    const { model } = busy
    const attempts: (() => void)[] = [() => model.compile({ loss: 'mse' })]
    if (model instanceof Sequential)
      attempts.push(
        () => model.add(make(0)),
        () => model.pop(),
        () => model.build([null, ...sample]),
      )
    try {
      attempts[how % attempts.length]()
    } catch (error) {
      if (error instanceof StateError && /not while (fit|predict|evaluate) is running/.test(error.message)) return
      throw error
    }
    throw new Error('a model was changed while it ran')
  }

  #check({ whom, how }: Deed): void {
    const options = { batchSize: 1, seed: how, training: how % 2 === 0 }
    if (how % 3 > 0) {
      const lone = this.#lone(whom)
      if (lone.layer.countParams() > mostToCheck) return
      const report = String(checkGradients(lone.layer, options))
      const expected = String(checkGradients(this.#twinOf(lone), options))
      if (isDrawn(lone.layer) ? false : report !== expected)
        throw new Error(`checkGradients: ${report}, and ${expected}`)
      return
    }
    const stand = this.#stand(whom)
    if (stand.model.countParams() > mostToCheck) return
    const weights = stand.model.getWeights()
    const report = String(checkGradients(stand.model, options))
    expectSameTensors('weights after checkGradients', stand.model.getWeights(), weights)
    const expected = String(checkGradients(fresh(stand), options))
    if (report !== expected) throw new Error(`checkGradients: ${report}, and ${expected}`)
  }

  /** The memory of a model grows: arrays that were read before are of no use now. */
  #takeMemory({ whom }: Deed): void {
    const region = this.#stand(whom).model.engine.region()
    region.alloc(2 ** 20)
    region.release()
  }

  // ---- After everything ---------------------------------------------------------------------------------------------

  /** Whether all that anybody can see is as in the twins. */
  async compare(): Promise<void> {
    for (const [i, stand] of this.#stands.entries()) {
      const { model, layers } = stand
      expectSameTensors(
        `weights of model ${i} and of its layers`,
        model.getWeights(),
        layers.flatMap(({ layer }) => layer.getWeights()),
      )
      const twin = this.#modelTwinOf(stand)
      const x = inputsFor(stand, this.#seed, 3)
      expectSameData(`predictions of model ${i}`, await model.predict(x), await twin.predict(x))
      if (stand.ran) expectSameTensors(`gradients of model ${i}`, model.gradients(), twin.gradients())
      expectSameStreams(`streams of model ${i}`, model, twin)
      const [variables, others] = [model, twin].map(({ optimizer }) => optimizer?.variables() ?? [])
      variables.forEach(({ name, value }, j) => {
        expectSame(`${name} of model ${i}`, value, others[j].value)
      })
    }
    for (const [i, { layer, twin }] of this.#lones.entries()) expectSameStreams(`streams of layer ${i}`, layer, twin)
  }

  // ---- Whom ---------------------------------------------------------------------------------------------------------

  #stand(whom: number): Stand {
    return this.#stands[whom % this.#stands.length]
  }

  #lone(whom: number): Lone {
    return this.#lones[whom % this.#lones.length]
  }

  #compiled(whom: number, how: number): Stand {
    const stand = this.#stand(whom)
    if (stand.compiled === null && !stand.running) this.#compileAs(stand, how)
    return stand
  }
}

/** The seed of a lone run's draws is that of whoever built the layer. */
const isDrawn = (layer: Layer) => layer.randomStreams.length > 0

function compile(model: AnyModel, how: number): void {
  const loss = losses[how % losses.length]
  model.compile({ optimizer: optimizers[how % optimizers.length], loss, metrics: ['mae', 'mse'] } as never)
}

/** The same layers and weights, and nothing else. */
function fresh({ model, layers, seed, wiring }: Stand): AnyModel {
  const options = { seed, engine: 'reference' } as const
  const made = layers.map(({ kind }) => make(kind))
  const copy = wiring === null ? new Sequential(made, options) : wire(made, wiring, options)
  copy.setWeights(model.getWeights())
  return copy
}

function expectSame(what: string, found: Float32Array, expected: Float32Array): void {
  const i = firstDifference(found, expected)
  if (i >= 0)
    throw new Error(`${what}: ${found[i]} and ${expected[i]} at ${i} of ${found.length} and ${expected.length}`)
}

const expectSameData = (what: string, found: Data, expected: Data) =>
  expectSameTensors(what, listOf(found), listOf(expected))

function expectSameTensors(what: string, found: readonly Tensor[], expected: readonly Tensor[]): void {
  if (found.length !== expected.length) throw new Error(`${what}: ${found.length} and ${expected.length} tensors`)
  found.forEach((tensor, i) => {
    expectSame(`${what} [${i}]`, tensor.data, expected[i].data)
  })
}

/** Values in the same places: names of outputs are those of layers, which the twin has of its own. */
function paired<T>(found: Readonly<Record<string, T>>, expected: Readonly<Record<string, T>>): [string, T, T][] {
  const [names, others] = [Object.keys(found), Object.keys(expected)]
  if (names.length !== others.length) throw new Error(`values: ${names} and ${others}`)
  return names.map((name, i) => [name, found[name], expected[others[i]]])
}

function expectSameLogs(what: string, found: Logs, expected: Logs): void {
  for (const [name, value, other] of paired(found, expected))
    if (!Object.is(value, other)) throw new Error(`${what}, ${name}: ${value} and ${other}`)
}

type Draws = { readonly randomStreams: readonly { random: { state(): object } }[] }
function expectSameStreams(what: string, found: Draws, expected: Draws): void {
  const states = [found, expected].map(({ randomStreams }) =>
    JSON.stringify(randomStreams.map(({ random }) => random.state())),
  )
  if (states[0] !== states[1]) throw new Error(`${what}: ${states[0]} and ${states[1]}`)
}
