// One place of one layer in one model, or by itself: everything that belongs to a run, and not to the layer. The layer has
// options and weights; a call has shapes, buffers, and what backward remembers of forward.

import { type BatchShape, type Shape, sizeOf } from '../core/check.ts'
import { StateError } from '../core/errors.ts'
import { type Random, type Seed, stream } from '../core/random.ts'
import type { Block, Engine, Kernel, Region } from '../engine/engine.ts'
import { activationKernels } from '../kernels/activations.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Regularizer } from '../weights/regularizers.ts'
import type { Activation } from './activations.ts'

/** The settings of one pass through the layers. */
export interface Pass {
  /** Samples in this run. */
  batch: number
  /** Training, as against prediction: Dropout drops, BatchNormalization takes the batch's moments. */
  training: boolean
  /** Whether the gradient of the input is needed. */
  inputGradient: boolean
  /** Whether gradients include those of the activity regularizers. */
  penalties: boolean
  /** The layers whose weights do not train; `null`: those whose `trainable` is false now. */
  frozen: ReadonlySet<object> | null
}

const nothing = new Float32Array(0) as Float32Array

/** Numbers of every sample of a batch: memory for the largest batch so far, seen as long as the present one. */
export class BatchBuffer {
  /** Numbers a sample. */
  readonly itemSize: number
  readonly #run: { readonly batch: number }
  #block: Block | null = null
  #view = nothing // of a batch that is not the largest: an epoch has one at its end

  /** @param run tells how many samples there are now */
  constructor(itemSize: number, run: { readonly batch: number }) {
    this.itemSize = itemSize
    this.#run = run
  }

  allocate(region: Region, batch: number): void {
    this.#block = region.alloc(batch * this.itemSize)
    this.#view = nothing
  }

  /** The numbers of the present batch. Ask again for every use. */
  get array(): Float32Array {
    if (!this.#block) throw new StateError('a buffer of a layer was read before the layer was run')
    const { array } = this.#block
    const length = this.#run.batch * this.itemSize
    if (length === array.length) return array
    if (this.#view.length !== length || this.#view.buffer !== array.buffer)
      this.#view = array.subarray(0, length)
    return this.#view
  }
}

/** A stream of random numbers, which can be put back: `random` is another function then. */
export interface RandomStream {
  random: Random
}

/** The part of a layer that a call uses. */
export interface Callable<S> {
  readonly name: string
  readonly trainable: boolean
  readonly parameters: readonly Parameter[]
  readonly outputActivation: Activation | null
  readonly outputRegularizer: Regularizer | null
  computeOutputShape(inputShape: BatchShape): BatchShape
  passesThrough(inputShape: Shape, training: boolean): boolean
  prepare(call: Call): S
  forwardInto(y: Float32Array, x: Float32Array, call: Call<S>): void
  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<S>): void
}

/** Where a call's input comes from: another call, or the batch itself. */
export interface Source {
  /** The numbers of the present batch. */
  readonly y: Float32Array
}

/** What surrounds a call. */
export interface Surroundings {
  readonly engine: Engine
  /** The run that goes on, or went on last. */
  readonly pass: Pass
  readonly source: Source
  /** The streams that the layer's own chance draws from. */
  stream(name: string): Random
}

/**
 * What a layer is given beside its input: one place of it in one model. All arrays have the length of the present batch.
 * `S` is what the layer's `prepare` returned.
 */
export class Call<S = unknown> implements Source {
  /** The shape of one sample that comes in. */
  readonly inputShape: Shape
  /** The shape of one sample that goes out. */
  readonly outputShape: Shape
  /** What `prepare` returned: what the layer remembers between forward and backward. */
  readonly state: S
  /** What draws in training, in the order of `prepare`. */
  readonly streams: RandomStream[] = []

  readonly #layer: Callable<S>
  readonly #activation: Activation | null
  readonly #regularizer: Regularizer | null
  readonly #surroundings: Surroundings
  readonly #forwardBuffers: BatchBuffer[] = []
  readonly #backwardBuffers: BatchBuffer[] = []
  readonly #z: BatchBuffer | null // what the layer writes; `null`: it is always the input
  readonly #y: BatchBuffer | null // `null`: there is no activation, and y is z
  readonly #dz: BatchBuffer | null
  readonly #dx: BatchBuffer | null
  readonly #shape: number[] // that of the output, the batch first
  #weights: Readonly<Record<string, Parameter>> = {}
  #parameters: readonly Parameter[] = [] // the same
  readonly #passesThrough: readonly boolean[] // in prediction, in training

  /** @param inputShape of one sample */
  constructor(layer: Callable<S>, inputShape: Shape, surroundings: Surroundings) {
    this.#layer = layer
    this.#surroundings = surroundings
    this.inputShape = inputShape
    this.outputShape = layer.computeOutputShape([null, ...inputShape]).slice(1) as number[]
    this.#shape = [0, ...this.outputShape]
    this.#activation = layer.outputActivation
    this.#regularizer = layer.outputRegularizer
    const [inputs, outputs] = [sizeOf(inputShape), sizeOf(this.outputShape)]
    this.#passesThrough = [false, true].map(training => layer.passesThrough(inputShape, training))
    const always = !this.#passesThrough.includes(false)
    this.#z = always ? null : this.buffer(outputs)
    this.#y = this.#activation && this.buffer(outputs)
    this.#dz = this.#activation || this.#regularizer ? this.gradientBuffer(outputs) : null
    this.#dx = always ? null : this.gradientBuffer(inputs)
    this.state = layer.prepare(this)
  }

  // ---- For layers ---------------------------------------------------------------------------------------------

  /** Samples in this run. */
  get batch(): number {
    return this.#surroundings.pass.batch
  }

  /** Training, as against prediction. */
  get training(): boolean {
    return this.#surroundings.pass.training
  }

  /** Whether the layer's weights train in this run; `training` tells whether anything does. */
  get trainable(): boolean {
    const { frozen } = this.#surroundings.pass
    return frozen ? !frozen.has(this.#layer) : this.#layer.trainable
  }

  /** Whether the gradient of the input is needed: if not, `dx` may stay unwritten. */
  get inputGradient(): boolean {
    return this.#surroundings.pass.inputGradient
  }

  /** The layer's weights by name; `backwardInto` overwrites the `grad` of each. */
  get weights(): Readonly<Record<string, Parameter>> {
    return this.#weights
  }

  /** The engine's version of a kernel of `kernels/`. */
  kernel<K extends Kernel>(reference: K): K {
    return this.#surroundings.engine.kernel(reference)
  }

  /** The input of the last forward. */
  get x(): Float32Array {
    return this.#surroundings.source.y
  }

  /** The output of the last forward, activation included. */
  get y(): Float32Array {
    return this.#y ? this.#y.array : this.logits
  }

  /** In `prepare`: memory for `itemSize` numbers of every sample, which `forwardInto` writes. */
  buffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize, this.#surroundings.pass)
    this.#forwardBuffers.push(buffer)
    return buffer
  }

  /** The same for `backwardInto`: memory is taken only when somebody trains. */
  gradientBuffer(itemSize: number): BatchBuffer {
    const buffer = new BatchBuffer(itemSize, this.#surroundings.pass)
    this.#backwardBuffers.push(buffer)
    return buffer
  }

  /** In `prepare`: a stream of random numbers. @param seed of the layer's own; default: the model's decides */
  stream(name: string, seed: Seed | null = null): RandomStream {
    const made = { random: seed === null ? this.#surroundings.stream(name) : stream(seed, name) }
    this.streams.push(made)
    return made
  }

  // ---- For those who run it -----------------------------------------------------------------------------------

  /** Gives the call its weights, each with the gradient that this call writes. */
  bind(parameters: readonly Parameter[]): void {
    this.#parameters = parameters
    this.#weights = Object.fromEntries(parameters.map(parameter => [parameter.name, parameter]))
  }

  /** Whether there are weights that train in this run. */
  get trains(): boolean {
    return this.trainable && this.#parameters.some(({ trainable }) => trainable)
  }

  /** The activation at the layer's end, if it has one. */
  get activation(): Activation | null {
    return this.#activation
  }

  /** What the activation was applied to; the output where there is none. */
  get logits(): Float32Array {
    return this.#z && !this.#isThrough ? this.#z.array : this.x
  }

  /** How many numbers the buffers hold for each sample: those of forward, and those of backward. */
  get numbersPerSample(): { forward: number; backward: number } {
    const count = (buffers: readonly BatchBuffer[]) =>
      buffers.reduce((sum, { itemSize }) => sum + itemSize, 0)
    return { forward: count(this.#forwardBuffers), backward: count(this.#backwardBuffers) }
  }

  /** Takes memory for forward passes of up to `batch` samples. */
  allocateForward(region: Region, batch: number): void {
    for (const buffer of this.#forwardBuffers) buffer.allocate(region, batch)
  }

  /** The same for backward passes. */
  allocateBackward(region: Region, batch: number): void {
    for (const buffer of this.#backwardBuffers) buffer.allocate(region, batch)
  }

  /** Fills buffers and gradients with NaN. */
  spoil(): void {
    for (const { array } of [...this.#forwardBuffers, ...this.#backwardBuffers]) array.fill(Number.NaN)
    for (const { grad } of Object.values(this.#weights)) grad.fill(Number.NaN)
  }

  /** y from x: `this.y` then. */
  forward(): void {
    if (this.#z && !this.#isThrough) this.#layer.forwardInto(this.#z.array, this.x, this)
    if (!this.#activation || !this.#y) return
    const kernels = this.kernel(activationKernels)
    this.#activation.forward(this.#y.array, this.logits, this.batch, this.outputShape, kernels)
  }

  /**
   * The gradient of the input, and those of the weights, for the forward before it.
   * @param dy the gradient of the output, which stays as it is; `null`: it has none
   * @param dLogits the gradient of `logits`, which is added to what comes from `dy`; one of both is there
   * @returns what has no meaning unless `inputGradient`
   */
  backward(dy: Float32Array | null, dLogits: Float32Array | null): Float32Array {
    const dz = this.#throughActivation(this.#withPenalty(dy), dLogits)
    if (!this.#dx || this.#isThrough) return dz
    const dx = this.#dx.array
    this.#layer.backwardInto(dx, dz, this)
    return dx
  }

  /** The penalties on the output of the last forward, a mean over the batch, and on the weights. */
  get penalty(): number {
    let sum = 0
    if (this.#regularizer) {
      const { y, batch } = this
      sum = this.#regularizer.penalty(y, y.length, this.#outputShape()) / batch
    }
    for (const { regularizer, value, size, shape } of this.#parameters)
      if (regularizer) sum += regularizer.penalty(value, size, shape)
    return sum
  }

  /** Whether this run's output is its input. */
  get #isThrough(): boolean {
    return this.#passesThrough[Number(this.training)]
  }

  /** dy with the gradient of the penalty on y. */
  #withPenalty(dy: Float32Array | null): Float32Array | null {
    if (!this.#regularizer || !this.#dz || !this.#surroundings.pass.penalties) return dy
    const sum = this.#dz.array
    if (dy) sum.set(dy)
    else sum.fill(0)
    this.#regularizer.addGradient(sum, this.y, 1 / this.batch, sum.length, this.#outputShape())
    return sum
  }

  #throughActivation(dy: Float32Array | null, dLogits: Float32Array | null): Float32Array {
    if (!dy || !this.#activation || !this.#dz) {
      if (!dy || !dLogits) return (dy ?? dLogits) as Float32Array
      return dy.map((v, i) => v + dLogits[i]) // without an activation the logits are the output
    }
    const { batch, outputShape, logits, y } = this
    const dz = this.#dz.array
    this.#activation.backward(dz, dy, logits, y, batch, outputShape, this.kernel(activationKernels))
    if (dLogits) for (let i = 0; i < dz.length; i++) dz[i] += dLogits[i]
    return dz
  }

  #outputShape(): Shape {
    this.#shape[0] = this.batch
    return this.#shape
  }
}
