// A call: one use of a layer, in a model or on its own. It holds what belongs to a run rather than to the layer: the layer
// has options and weights; a call has shapes, buffers, and the state that backward needs from forward.

import { type BatchShape, boundedShape, integer, type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import { type Random, type Seed, stream } from '../core/random.ts'
import type { Block, Engine, Kernel, Region } from '../engine/engine.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Activation } from './activations.ts'

/** The settings of one pass through the layers. */
export interface Pass {
  /** Samples in this run. */
  batch: number
  /** True in training: Dropout drops, BatchNormalization uses the batch's moments. False in prediction. */
  training: boolean
  /** Whether the gradient of the input is needed. */
  inputGradient: boolean
  /** Whether gradients include the activity regularizers' penalties. */
  penalties: boolean
  /** The layers whose weights do not train. `null`: every layer whose `trainable` is currently false. */
  frozen: ReadonlySet<object> | null
}

/**
 * The shape of an output sample, as the layer declares it.
 * @throws ArgumentError when it is not a shape, does not start with the batch, or has too many numbers
 */
export function outputSample(
  layer: Pick<Callable<unknown>, 'name' | 'computeOutputShape'>,
  [inputShape, ...others]: readonly BatchShape[],
): number[] {
  const declared: unknown = layer.computeOutputShape(inputShape, ...others)
  const name = `output shape of the layer ${layer.name}`
  if (!Array.isArray(declared) || declared[0] !== inputShape[0])
    throw new ArgumentError(name, declared, `[${inputShape[0]}, …], with the batch first`)
  return boundedShape(name, declared.slice(1))
}

/** The bits of a NaN that no computation gives. Numbers that still have them were not written. */
const unwritten = 0x7fc0dead
const bitsOf = ({ buffer, byteOffset, length }: Float32Array) => new Uint32Array(buffer, byteOffset, length)
const marks = /* @__PURE__ */ (() => new Float32Array(new Uint32Array(1024).fill(unwritten).buffer))()

const nothing = /* @__PURE__ */ new Float32Array(0) as Float32Array

/** A fixed number of values per sample: memory for the largest batch so far, as a view for the current batch. */
export class BatchBuffer {
  /** Values per sample. */
  readonly itemSize: number
  readonly #run: { readonly batch: number }
  #block: Block | null = null
  #view = nothing // for a batch smaller than the largest, such as an epoch's last one

  /** @param run holds the current number of samples */
  constructor(itemSize: number, run: { readonly batch: number }) {
    this.itemSize = integer('itemSize', itemSize, 0)
    this.#run = run
  }

  /** Allocates memory for this many samples. */
  allocate(region: Region, batch: number): void {
    this.#block = region.alloc(batch * this.itemSize)
    this.#view = nothing
  }

  /** The values of the current batch. Read it again for every use: the array may change. */
  get array(): Float32Array {
    if (!this.#block) throw new StateError('a buffer was read before its memory was allocated')
    const { array } = this.#block
    const length = this.#run.batch * this.itemSize
    if (length === array.length) return array
    if (this.#view.length !== length || this.#view.buffer !== array.buffer) this.#view = array.subarray(0, length)
    return this.#view
  }
}

/** Adds numbers to those of a sum. */
export function addTo(sum: Float32Array, more: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] += more[i]
}

/** A stream of random numbers. To rewind it, assign another function to `random`. */
export interface RandomStream {
  /** Returns the next number. */
  random: Random
}

/** The members of a layer that a call uses. */
export interface Callable<S> {
  readonly name: string
  readonly trainable: boolean
  readonly parameters: readonly Parameter[]
  readonly outputActivation: Activation | null
  readonly outputRegularizer: Regularizer | null
  computeOutputShape(inputShape: BatchShape, ...others: BatchShape[]): BatchShape
  passesThrough(inputShape: Shape, training: boolean): boolean
  prepare(call: Call): S
  forwardInto(y: Float32Array, x: Float32Array, call: Call<S>): void
  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<S>): void
}

/** A value in a graph: one of its inputs, or the output of a call. */
export interface Value {
  /** The shape of one row. */
  readonly shape: Shape
  /** Rows per sample: 1, except within a TimeDistributed layer. */
  readonly repeats: number
  /** The numbers of the current batch. */
  readonly y: Float32Array
  /** The value whose numbers this one presents in another shape; absent if it has numbers of its own. */
  readonly origin?: Value
  /** The pass as the rows see it, if they are not the samples. @internal */
  readonly pass?: Readonly<Pass>
}

/** The context of a call. */
export interface Surroundings {
  readonly engine: Engine
  /** The current run, or the last one. */
  readonly pass: Readonly<Pass>
  /** Makes a stream for the layer's own random numbers. */
  stream(name: string): Random
}

/**
 * Everything a layer receives besides its input, for one use of it in one model. All arrays have the length of the current
 * batch. `S` is the type that the layer's `prepare` returns.
 */
export class Call<S = unknown> implements Value {
  /** The shape of one sample of the first input. */
  readonly inputShape: Shape
  /** The inputs, in order. */
  readonly inputs: readonly Value[]
  /** Memory for the gradient of each input; `backwardInto` receives the first one's array. */
  readonly inputGradients: readonly BatchBuffer[]
  /** How many rows of the layer's input come from one sample of the model. */
  readonly repeats: number
  /** @internal */
  readonly pass: Readonly<Pass>
  /** The shape of one output sample. */
  readonly outputShape: Shape
  /** Whether backward needs the gradient of the input. If not, `backwardInto` need not write `dx`. */
  inputGradient = true
  /** The value that `prepare` returned: the layer's state between forward and backward. */
  readonly state: S
  /** The random streams used in training, in the order in which `prepare` made them. */
  readonly streams: RandomStream[] = []

  readonly #layer: Callable<S>
  readonly #activation: Activation | null
  readonly #regularizer: Regularizer | null
  readonly #surroundings: Surroundings
  readonly #forwardBuffers: BatchBuffer[] = []
  readonly #backwardBuffers: BatchBuffer[] = []
  readonly #z: BatchBuffer | null // the layer's output; `null`: always the input
  readonly #y: BatchBuffer | null // `null`: no activation, so y is z
  readonly #dz: BatchBuffer | null
  readonly #shape: number[] // the output's shape, batch first
  readonly #checked = { forward: [false, false], backward: false } // forward: in prediction, in training
  #weights: Readonly<Record<string, Parameter>> = {}
  #parameters: readonly Parameter[] = [] // the values of #weights, in order
  readonly #passesThrough: readonly boolean[] // in prediction, in training

  constructor(layer: Callable<S>, inputs: readonly Value[], surroundings: Surroundings) {
    this.#layer = layer
    this.inputs = inputs
    const [{ shape: inputShape, repeats, pass = surroundings.pass }] = inputs
    this.#surroundings = surroundings
    this.pass = pass
    this.repeats = repeats
    this.inputShape = inputShape
    this.outputShape = outputSample(
      layer,
      inputs.map(({ shape }): BatchShape => [null, ...shape]),
    )
    this.#shape = [0, ...this.outputShape]
    this.#activation = layer.outputActivation
    this.#regularizer = layer.outputRegularizer
    const outputs = sizeOf(this.outputShape)
    this.#passesThrough = [false, true].map(training => layer.passesThrough(inputShape, training))
    const passed = sizeOf(inputShape)
    if (this.#passesThrough.includes(true) && passed !== outputs) {
      const expected = `${passed} numbers, as it passes through`
      throw new ArgumentError(`output of the layer ${layer.name}`, this.outputShape, expected)
    }
    const always = !this.#passesThrough.includes(false)
    this.#z = always ? null : this.buffer(outputs)
    this.#y = this.#activation && this.buffer(outputs)
    this.#dz = this.#activation || this.#regularizer ? this.gradientBuffer(outputs) : null
    this.inputGradients = always ? [] : inputs.map(({ shape }) => this.gradientBuffer(sizeOf(shape)))
    this.state = layer.prepare(this)
  }

  // ---- For layers ---------------------------------------------------------------------------------------------

  /** Samples in this run. */
  get batch(): number {
    return this.pass.batch
  }

  /** True in training, false in prediction. */
  get training(): boolean {
    return this.pass.training
  }

  /** Whether the layer's own weights train in this run; `training` is about the run as a whole. */
  get trainable(): boolean {
    const { frozen } = this.pass
    return frozen ? !frozen.has(this.#layer) : this.#layer.trainable
  }

  /** The layer's weights by name; `backwardInto` overwrites the `grad` of each. */
  get weights(): Readonly<Record<string, Parameter>> {
    return this.#weights
  }

  /** The engine's version of a kernel from `kernels/`. */
  kernel<K extends Kernel>(reference: K): K {
    return this.#surroundings.engine.kernel(reference)
  }

  /** The first input of the last forward. */
  get x(): Float32Array {
    return this.inputs[0].y
  }

  /** The shape of one output sample. */
  get shape(): Shape {
    return this.outputShape
  }

  /** The output of the last forward, activation included. */
  get y(): Float32Array {
    return this.#y ? this.#y.array : this.logits
  }

  /** For use in `prepare`: memory for `itemSize` values per sample, written by `forwardInto`. */
  buffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize, this.pass)
    this.#forwardBuffers.push(buffer)
    return buffer
  }

  /** Like `buffer`, for `backwardInto`. Memory is allocated only for training. */
  gradientBuffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize, this.pass)
    this.#backwardBuffers.push(buffer)
    return buffer
  }

  /** For use in `prepare`: a stream of random numbers. @param seed the layer's own seed; default: the model's seed */
  stream(name: string, seed: Seed | null = null): RandomStream {
    const made = { random: seed === null ? this.#surroundings.stream(name) : stream(seed, name) }
    this.streams.push(made)
    return made
  }

  // ---- For graphs ---------------------------------------------------------------------------------------------

  /** Sets the call's weights, each with the gradient that this call writes. */
  bind(parameters: readonly Parameter[]): void {
    this.#parameters = parameters
    this.#weights = Object.fromEntries(parameters.map(parameter => [parameter.name, parameter]))
  }

  /** Whether any of the weights train in this run. */
  get trains(): boolean {
    return this.trainable && this.#parameters.some(({ trainable }) => trainable)
  }

  /** The layer's output activation, if any. */
  get activation(): Activation | null {
    return this.#activation
  }

  /** The values before the activation; without one, the output. */
  get logits(): Float32Array {
    return this.#z && !this.isThrough ? this.#z.array : this.x
  }

  /** The number of values that the buffers hold per sample, for forward and for backward. */
  get numbersPerSample(): { forward: number; backward: number } {
    const count = (buffers: readonly BatchBuffer[]) =>
      this.repeats * buffers.reduce((sum, { itemSize }) => sum + itemSize, 0)
    return { forward: count(this.#forwardBuffers), backward: count(this.#backwardBuffers) }
  }

  /** Allocates memory for forward passes of up to `batch` samples. */
  allocateForward(region: Region, batch: number): void {
    for (const buffer of this.#forwardBuffers) buffer.allocate(region, this.repeats * batch)
  }

  /** Allocates memory for backward passes of up to `batch` samples. */
  allocateBackward(region: Region, batch: number): void {
    for (const buffer of this.#backwardBuffers) buffer.allocate(region, this.repeats * batch)
  }

  /** Fills buffers and gradients with NaN. */
  spoil(): void {
    for (const { array } of [...this.#forwardBuffers, ...this.#backwardBuffers]) array.fill(Number.NaN)
    for (const { grad } of Object.values(this.#weights)) grad.fill(Number.NaN)
  }

  /** Computes `y` from `x`. */
  forward(): void {
    if (this.#z && !this.isThrough) this.#forwardInto(this.#z.array)
    if (!this.#activation || !this.#y) return
    const { engine } = this.#surroundings
    this.#activation.forward(this.#y.array, this.logits, this.batch, this.outputShape, engine)
  }

  /**
   * Computes the gradients of the input and of the weights for the last `forward`. At least one of `dy` and `dLogits` must
   * be given.
   * @param dy the gradient of the output, which is not modified, or `null`
   * @param dLogits the gradient of `logits`, which is added to the gradient that comes from `dy`, or `null`
   * @returns the gradient before the activation, which is that of the input if the layer passes its input through; else
   * `inputGradients` have been written, unless `inputGradient` is false
   */
  backward(dy: Float32Array | null, dLogits: Float32Array | null): Float32Array {
    const dz = this.#throughActivation(this.#withPenalty(dy), dLogits)
    if (!this.isThrough) this.#backwardInto(this.inputGradients[0].array, dz)
    return dz
  }

  /** Checks once, in prediction and in training, that the layer writes all of its output. */
  #forwardInto(z: Float32Array): void {
    const { forward } = this.#checked
    const isNew = !forward[Number(this.training)]
    if (isNew) bitsOf(z).fill(unwritten)
    this.#layer.forwardInto(z, this.x, this)
    if (isNew) this.#assertWritten('y in forwardInto', z)
    forward[Number(this.training)] = true
  }

  /** Checks once that the layer writes all gradients; of a large weight's, the first. */
  #backwardInto(dx: Float32Array, dz: Float32Array): void {
    if (this.#checked.backward) {
      this.#layer.backwardInto(dx, dz, this)
      return
    }
    const inTraining = this.pass.penalties && this.trainable // elsewhere, checkGradients tells
    const trained = inTraining ? this.#parameters.filter(({ trainable }) => trainable) : []
    const dxs = this.inputGradient ? this.inputGradients.map(({ array }) => array) : []
    for (const each of dxs) bitsOf(each).fill(unwritten)
    for (const { gradient, size } of trained) gradient.set(marks.subarray(0, size))
    this.#layer.backwardInto(dx, dz, this)
    for (const each of dxs) this.#assertWritten('dx in backwardInto', each)
    for (const { name, gradient } of trained)
      this.#assertWritten(`the gradient of ${name} in backwardInto`, gradient.array.subarray(0, marks.length))
    this.#checked.backward = true
  }

  #assertWritten(what: string, array: Float32Array): void {
    const missing = bitsOf(array).reduce((count, bits) => count + Number(bits === unwritten), 0)
    if (missing === 0) return
    const argument = `the layer ${this.#layer.name}, ${what}`
    const hint = 'Write every number with =, not +='
    throw new ArgumentError(argument, array.length - missing, `all ${array.length} numbers written`, hint)
  }

  /** The penalty on the last output, averaged over the batch. */
  get penalty(): number {
    if (!this.#regularizer) return 0
    const { y, batch } = this
    return this.#regularizer.penalty(y, y.length, this.#outputShape()) / batch
  }

  /** Whether, in this run, the layer passes its input through. */
  get isThrough(): boolean {
    return this.#passesThrough[Number(this.training)]
  }

  /** dy plus the gradient of the penalty on y. */
  #withPenalty(dy: Float32Array | null): Float32Array | null {
    if (!this.#regularizer || !this.#dz || !this.pass.penalties) return dy
    const sum = this.#dz.array
    if (dy) sum.set(dy)
    else sum.fill(0)
    this.#regularizer.addGradient(sum, this.y, 1 / this.batch, sum.length, this.#outputShape())
    return sum
  }

  #throughActivation(dy: Float32Array | null, dLogits: Float32Array | null): Float32Array {
    if (!dy || !this.#activation || !this.#dz) {
      if (!dy || !dLogits) return (dy ?? dLogits) as Float32Array
      return dy.map((v, i) => v + dLogits[i]) // without an activation, the logits are the output
    }
    const { batch, outputShape, logits, y } = this
    const dz = this.#dz.array
    this.#activation.backward(dz, dy, logits, y, batch, outputShape, this.#surroundings.engine)
    if (dLogits) addTo(dz, dLogits)
    return dz
  }

  #outputShape(): Shape {
    this.#shape[0] = this.batch
    return this.#shape
  }
}
