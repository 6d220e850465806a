// A graph of calls: a whole model, or a single layer outside a model. It owns the calls' memory and the gradients of
// their weights, and runs them forward and backward.

import { boolean, knownOptions, type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { type Engine, type Region, regionOf } from '../engine/engine.ts'
import type { Parameter } from '../weights/parameter.ts'
import { addTo, BatchBuffer, Call, type Callable, type Pass, type RandomStream, type Value } from './call.ts'

/** The options of `forward`. */
export interface ForwardOptions {
  /** Whether to run as in training (Dropout drops). Default false. */
  readonly training?: boolean
}

/** @throws ArgumentError for other options */
export function isTraining(options: ForwardOptions): boolean {
  knownOptions('forward', options, ['training'])
  return boolean('training', options.training ?? false)
}

/** The members of a layer that a graph uses. */
export interface Operation extends Callable<unknown> {
  readonly trainableParameters: readonly Parameter[]
  readonly isLinear: boolean
  readonly hasInputGradient: boolean
  macsFor(inputShape: Shape, ...others: Shape[]): number
  countParams(): number
}

/** The things that a graph gets from its owner. */
export interface GraphParts {
  readonly engine: Engine
  /** The owner's counterpart of a layer's parameter: the same weight, with the owner's gradient. */
  parameterOf(parameter: Parameter): Parameter
  /** @throws ArgumentError if a run would exceed the memory limit */
  assertFits?(batch: number, training: boolean): void
}

/** One call's contribution to the gradient of a weight that later calls use too. */
interface Addend {
  readonly own: Parameter
  readonly sum: Parameter
}

/** An input of a graph: the samples of the current batch. */
class Input implements Value {
  readonly shape: Shape
  readonly repeats = 1
  readonly buffer: BatchBuffer

  constructor(shape: Shape, pass: Pass) {
    this.shape = shape
    this.buffer = new BatchBuffer(sizeOf(shape), pass)
  }

  get y(): Float32Array {
    return this.buffer.array
  }
}

/** The input or the call that a value's numbers come from. */
export const originOf = (value: Value): Value => value.origin ?? value

/** The gradient of a value: the sum of those that its users write, in the order in which backpropagation meets them. */
class Gradient {
  /** Whether backpropagation needs it. */
  isNeeded = false
  /** The sum so far; `null` before the first. */
  array: Float32Array | null = null
  /** The gradient of the call's logits; `null` if there is none. */
  ofLogits: Float32Array | null = null
  /** The number of users: calls and outputs. With one, its array is used as it is. */
  users = 0
  readonly #sum: BatchBuffer

  constructor({ shape, repeats }: Value, pass: Pass) {
    this.#sum = new BatchBuffer(repeats * sizeOf(shape), pass)
  }

  get itemSize(): number {
    return this.users > 1 ? this.#sum.itemSize : 0
  }

  allocate(region: Region, batch: number): void {
    if (this.users > 1) this.#sum.allocate(region, batch)
  }

  clear(): void {
    this.array = null
    this.ofLogits = null
  }

  add(gradient: Float32Array): void {
    const before = this.array
    if (!before) {
      this.array = gradient
      return
    }
    const sum = this.#sum.array
    for (let i = 0; i < sum.length; i++) sum[i] = before[i] + gradient[i]
    this.array = sum
  }

  addLogits(gradient: Float32Array): void {
    if (this.ofLogits) addTo(this.ofLogits, gradient)
    else this.ofLogits = gradient
  }
}

/** A call and its layer, with the gradients of its output and of its inputs. */
export interface Step {
  readonly call: Call
  readonly operation: Operation
  readonly own: Gradient
  readonly inputs: readonly Gradient[]
  addends: readonly Addend[]
  /** Whether anything reads the output, or it has a penalty. */
  isLive: boolean
  /** The weights with a regularizer that no earlier call uses. */
  penalized: readonly Parameter[]
}

/** A graph of layer calls, which runs one batch at a time. A layer or model has its own; `probe` makes more. */
export class Graph {
  /** The current run, or the last one. */
  readonly pass: Pass = { batch: 0, training: false, inputGradient: true, penalties: false, frozen: null }
  /** The graph's inputs, whose arrays take the samples of a run. */
  readonly inputs: readonly Value[]
  readonly #parts: GraphParts
  readonly #inputs: readonly Input[]
  readonly #gradients = new Map<Value, Gradient>()
  readonly #regions = new Map<Call, Region>() // of the weights' gradients
  readonly #steps: Step[] = []
  #outputs: readonly Value[] = []
  #unwritten: readonly Parameter[] = [] // the weights of calls that nothing reads, whose gradient is 0
  #outputGradients: readonly BatchBuffer[] = []
  #batch = 0 // the number of samples that fit in memory
  #forward: Region | null = null
  #backward: Region | null = null
  #isReadyForBackward = false // whether the last run was a `forward`

  /** @param inputShapes of one sample of each input */
  constructor(inputShapes: readonly Shape[], parts: GraphParts) {
    this.#parts = parts
    this.#inputs = inputShapes.map(shape => new Input(shape, this.pass))
    this.inputs = this.#inputs
    for (const input of this.#inputs) this.#gradients.set(input, new Gradient(input, this.pass))
    this.outputs = this.inputs
  }

  /** All calls, each after those whose outputs it reads. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** The values that leave the graph. */
  get outputs(): readonly Value[] {
    return this.#outputs
  }

  set outputs(values: readonly Value[]) {
    this.release()
    this.#outputs = values
    this.#outputGradients = values.map(({ shape, repeats }) => new BatchBuffer(repeats * sizeOf(shape), this.pass))
    this.#bind()
  }

  /** The call that computes this value; `null` for an input, or for a value with another shape than the call's. */
  callOf(value: Value): Call | null {
    return value instanceof Call ? value : null
  }

  /** The random streams used in training. */
  get streams(): readonly RandomStream[] {
    return this.#steps.flatMap(({ call }) => call.streams)
  }

  /**
   * Adds a call of a built layer. Set `outputs` when all calls are there.
   * @param stream makes the layer's random streams, by name
   */
  add(operation: Operation, inputs: readonly Value[], stream: (name: string) => Random): Value {
    const { engine } = this.#parts
    const call = new Call(operation, inputs, { engine, pass: this.pass, stream })
    const own = new Gradient(call, this.pass)
    this.#gradients.set(call, own)
    const gradients = inputs.map(value => this.#gradientOf(value))
    this.#steps.push({ call, operation, own, inputs: gradients, addends: [], isLive: true, penalized: [] })
    return call
  }

  /** Removes all calls but the first `count`. Set `outputs` next. */
  truncate(count: number): void {
    for (const { call } of this.#steps.splice(count)) {
      this.#gradients.delete(call)
      this.#regions.delete(call) // the memory is freed once no parameter refers to it
    }
  }

  #gradientOf(value: Value): Gradient {
    return this.#gradients.get(originOf(value)) as Gradient
  }

  /**
   * Assigns the arrays for the gradients of each call's weights. From right to left, the first call that uses a weight
   * writes to the sum itself; every other one gets its own array, which is added to the sum. Counts each value's users:
   * outputs, and calls that lead to one.
   */
  #bind(): void {
    for (const gradient of this.#gradients.values()) gradient.users = 0
    for (const value of this.#outputs) this.#gradientOf(value).users++
    const met = new Set<Parameter>()
    const all = new Set<Parameter>()
    for (const step of [...this.#steps].reverse()) {
      const { call, operation, own, inputs } = step
      const addends: Addend[] = []
      step.addends = addends
      step.isLive = own.users > 0 || operation.outputRegularizer !== null
      if (step.isLive) for (const gradient of inputs) gradient.users++
      const weights = operation.parameters.map(parameter => {
        const sum = this.#parts.parameterOf(parameter)
        all.add(sum)
        if (!step.isLive) return sum
        if (met.has(sum)) {
          const twin = sum.twin()
          addends.push({ own: twin, sum })
          return twin
        }
        met.add(sum)
        return sum
      })
      call.bind(weights)
    }
    this.#unwritten = [...all].filter(parameter => !met.has(parameter))
    const penalized = new Set<Parameter>()
    for (const step of this.#steps) {
      step.penalized = step.operation.parameters.filter(each => each.regularizer && !penalized.has(each))
      for (const parameter of step.penalized) penalized.add(parameter)
    }
  }

  // ---- Memory -------------------------------------------------------------------------------------------------

  /** Makes sure that there is memory for runs of up to `batch` samples; with `training`, in both directions. */
  reserve(batch: number, training: boolean): void {
    if (this.#forward && batch <= this.#batch && (this.#backward || !training)) return
    const most = Math.max(batch, this.#batch)
    const both = training || this.#backward !== null
    const { engine, assertFits } = this.#parts
    assertFits?.(most, both)
    if (!this.#forward || most > this.#batch) {
      this.release()
      this.#forward = regionOf(engine, region => {
        for (const { buffer } of this.#inputs) buffer.allocate(region, most)
        for (const { call } of this.#steps) call.allocateForward(region, most)
      })
      this.#batch = most
    }
    if (both)
      this.#backward = regionOf(engine, region => {
        for (const buffer of this.#outputGradients) buffer.allocate(region, most)
        for (const gradient of this.#gradients.values()) gradient.allocate(region, most)
        for (const { call } of this.#steps) {
          call.allocateBackward(region, most)
          this.#allocateGradients(call)
        }
      })
  }

  /** Numbers per sample that belong to no call: the inputs; and in backward, the gradients of outputs, and sums. */
  get numbersPerSample(): { forward: number; backward: number } {
    const count = (buffers: Iterable<{ readonly itemSize: number }>) =>
      [...buffers].reduce((sum, { itemSize }) => sum + itemSize, 0)
    const backward = count(this.#outputGradients) + count(this.#gradients.values())
    return { forward: count(this.#inputs.map(({ buffer }) => buffer)), backward }
  }

  /** The owner's trainable parameters, call by call. */
  get trainableParameters(): readonly Parameter[] {
    const all = this.#steps.flatMap(({ operation }) => operation.trainableParameters)
    return [...new Set(all)].map(parameter => this.#parts.parameterOf(parameter))
  }

  /** Fills all buffers and gradients with NaN, to expose layers that do not overwrite all that they should. */
  spoil(): void {
    for (const { call } of this.#steps) call.spoil()
  }

  /** Frees all memory, including the gradients. */
  dispose(): void {
    this.release()
    for (const region of this.#regions.values()) region.release()
    this.#regions.clear()
  }

  /** Frees the memory for runs, but not the gradients of the weights. */
  release(): void {
    this.#forward?.release()
    this.#backward?.release()
    this.#batch = 0
    this.#forward = null
    this.#backward = null
    this.#isReadyForBackward = false
  }

  #allocateGradients(call: Call): void {
    const parameters = Object.values(call.weights)
    if (parameters.every(({ hasGradient }) => hasGradient)) return
    const region = this.#parts.engine.region()
    this.#regions.set(call, region)
    for (const parameter of parameters) parameter.allocateGradient(region)
  }

  // ---- A run --------------------------------------------------------------------------------------------------

  /** Begins a run, for which `reserve` must have made memory. Then write the samples to the arrays of `inputs`. */
  begin(run: Pass): void {
    this.#isReadyForBackward = false
    Object.assign(this.pass, run)
  }

  /** Runs all calls forward, in order, on the samples in `inputs`. The arrays of `outputs` have the results. */
  propagate(): void {
    const steps = this.#steps
    for (let i = 0; i < steps.length; i++) steps[i].call.forward()
  }

  /** The penalties of the last run: of each call's output, and once of each weight. */
  get penalty(): number {
    let sum = 0
    for (const { call, penalized } of this.#steps) {
      let own = call.penalty
      for (const { regularizer, value, size, shape } of penalized) own += regularizer?.penalty(value, size, shape) ?? 0
      sum += own
    }
    return sum
  }

  /** The array for the gradient of an output, to be written before `backpropagate`. */
  outputGradient(output: number): Float32Array {
    return this.#outputGradients[output].array
  }

  /**
   * Runs the calls backward, in reverse order, for the last `propagate`, and writes the gradients of the weights. Skips
   * calls before which nothing trains. The gradient of a value with several users is the sum of theirs, in the order in
   * which they are met: outputs first, then calls. So is the gradient of a weight with several calls.
   * @param onLogits whether each output's gradient is that of its last activation's input; default: none
   */
  backpropagate(onLogits: readonly boolean[] = []): void {
    const steps = this.#steps
    this.#findNeeded()
    for (let k = 0; k < this.#outputs.length; k++) {
      const gradient = this.#gradientOf(this.#outputs[k])
      const given = this.outputGradient(k)
      if (onLogits[k]) gradient.addLogits(given)
      else gradient.add(given)
    }
    for (let i = steps.length - 1; i >= 0; i--) {
      const { call, own, inputs, addends, isLive } = steps[i]
      if (!own.isNeeded || !isLive) continue
      const dz = call.backward(own.array, own.ofLogits)
      for (let j = 0; j < inputs.length; j++)
        if (inputs[j].isNeeded) inputs[j].add(call.isThrough ? dz : call.inputGradients[j].array)
      for (const addend of addends) addTo(addend.sum.grad, addend.own.grad)
    }
    for (const { gradient } of this.#unwritten) gradient.array.fill(0)
  }

  /** The gradient of an input after `backpropagate`, if the run asked for it. */
  inputGradient(input: number): Float32Array {
    return this.#gradientOf(this.inputs[input]).array ?? new Float32Array(this.inputs[input].y.length)
  }

  /** Determines the gradients that backpropagation needs: of values that depend on trained weights, or on the input. */
  #findNeeded(): void {
    const { inputGradient } = this.pass
    for (const input of this.#inputs) {
      const gradient = this.#gradientOf(input)
      gradient.clear()
      gradient.isNeeded = inputGradient
    }
    for (const { call, own, inputs } of this.#steps) {
      own.clear()
      call.inputGradient = false
      for (let j = 0; j < inputs.length; j++) if (inputs[j].isNeeded) call.inputGradient = true
      own.isNeeded = call.inputGradient || call.trains
    }
  }

  /** The layers on whose calls these outputs, or penalties on outputs of layers, depend. */
  operationsBehind(outputs: readonly boolean[]): ReadonlySet<object> {
    const needed = new Set(this.#outputs.filter((_, k) => outputs[k]).map(value => this.#gradientOf(value)))
    const found = new Set<object>()
    for (const { operation, own, inputs } of [...this.#steps].reverse()) {
      if (!needed.has(own) && !operation.outputRegularizer) continue
      found.add(operation)
      for (const gradient of inputs) needed.add(gradient)
    }
    return found
  }

  // ---- With tensors -------------------------------------------------------------------------------------------

  /** The outputs for samples whose shapes have been checked. */
  forward(inputs: readonly Tensor[], options: ForwardOptions): Tensor[] {
    const training = isTraining(options)
    const [batch] = inputs[0].shape
    this.reserve(batch, false)
    this.begin({ batch, training, inputGradient: true, penalties: false, frozen: null })
    inputs.forEach(({ data }, i) => {
      this.inputs[i].y.set(data)
    })
    this.propagate()
    this.#isReadyForBackward = true
    return this.outputs.map(({ shape, y }) => new Tensor([batch, ...shape], y.slice()))
  }

  /**
   * The gradients of sum(y · dy), over all outputs y, with respect to the inputs, for the last `forward`.
   * @throws ArgumentError if a `dy` does not have its output's shape. StateError unless the last run was a `forward`
   */
  backward(gradients: readonly TensorLike[]): Tensor[] {
    if (!this.#isReadyForBackward) throw new StateError('call forward right before backward')
    const { batch } = this.pass
    const tensors = this.outputs.map(({ shape }, k) => {
      const tensor = toTensor('dy', gradients[k])
      if (sameShape(tensor.shape, [batch, ...shape])) return tensor
      throw new ArgumentError('dy', tensor, `the shape [${[batch, ...shape].join(', ')}] of the output`)
    })
    this.reserve(batch, true)
    tensors.forEach(({ data }, k) => {
      this.outputGradient(k).set(data)
    })
    this.backpropagate()
    return this.inputs.map(({ shape }, i) => new Tensor([batch, ...shape], this.inputGradient(i).slice()))
  }
}

/** Twins of parameters, made on demand: each parameter has one. */
export class Twins {
  readonly #made = new Map<Parameter, Parameter>()

  readonly of = (parameter: Parameter): Parameter => {
    let twin = this.#made.get(parameter)
    if (!twin) this.#made.set(parameter, (twin = parameter.twin()))
    return twin
  }

  forget(parameter: Parameter): void {
    this.#made.delete(parameter)
  }
}
