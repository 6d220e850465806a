// A chain of calls: a whole model, or a single layer outside a model. It owns the calls' memory and the gradients of
// their weights, and runs them forward and backward.

import { boolean, knownOptions, type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { Tensor, type TensorLike, toTensor } from '../core/tensor.ts'
import { type Engine, type Region, regionOf } from '../engine/engine.ts'
import type { Parameter } from '../weights/parameter.ts'
import { BatchBuffer, Call, type Callable, type Pass, type RandomStream, type Source } from './call.ts'

/** The options of `forward`. */
export interface ForwardOptions {
  /** Whether to run as in training (Dropout drops). Default false. */
  readonly training?: boolean
}

/** The members of a layer that a chain uses. */
export interface Link extends Callable<unknown> {
  readonly trainableParameters: readonly Parameter[]
}

/** What a chain needs from its owner. */
export interface ChainParts {
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

/** A chain of layer calls, which runs one batch at a time. A layer or model has its own; `probe` makes more. */
export class Chain {
  /** The current run, or the last one. */
  readonly pass: Pass = { batch: 0, training: false, inputGradient: true, penalties: false, frozen: null }
  readonly inputShape: Shape
  readonly #parts: ChainParts
  readonly #links: Link[] = []
  readonly #calls: Call[] = []
  readonly #addends = new Map<Call, Addend[]>() // only calls that have some
  readonly #input: BatchBuffer
  readonly #source: Source
  readonly #gradients = new Map<Call, Region>()
  #outputGradient: BatchBuffer
  #batch = 0 // the number of samples that fit in memory
  #forward: Region | null = null
  #backward: Region | null = null
  #isReadyForBackward = false // whether the last run was a `forward`

  /** @param inputShape of one sample */
  constructor(inputShape: Shape, parts: ChainParts) {
    this.inputShape = inputShape
    this.#parts = parts
    const input = new BatchBuffer(sizeOf(inputShape), this.pass)
    this.#input = input
    this.#outputGradient = new BatchBuffer(sizeOf(inputShape), this.pass)
    this.#source = {
      get y() {
        return input.array
      },
    }
  }

  get calls(): readonly Call[] {
    return this.#calls
  }

  /** The shape of one output sample. */
  get outputShape(): Shape {
    return this.#calls.at(-1)?.outputShape ?? this.inputShape
  }

  /** The random streams used in training. */
  get streams(): readonly RandomStream[] {
    return this.#calls.flatMap(({ streams }) => streams)
  }

  /** Appends a call of a built layer. @param stream makes the layer's random streams, by name */
  add(layer: Link, stream: (name: string) => Random): void {
    const { engine } = this.#parts
    const source = this.#calls.at(-1) ?? this.#source
    const call = new Call(layer, this.outputShape, { engine, pass: this.pass, source, stream })
    this.release()
    this.#calls.push(call)
    this.#links.push(layer)
    this.#changed()
  }

  /** Removes the last call. */
  pop(): void {
    this.release()
    const call = this.#calls.pop()
    if (call) this.#gradients.delete(call) // the memory is freed once no parameter refers to it
    this.#links.pop()
    this.#changed()
  }

  /**
   * Assigns the arrays for the gradients of each call's weights. From right to left, the first call that uses a weight
   * writes to the sum itself; every other one gets its own array, which is added to the sum.
   */
  #changed(): void {
    this.#outputGradient = new BatchBuffer(sizeOf(this.outputShape), this.pass)
    this.#addends.clear()
    const met = new Set<Parameter>()
    for (let i = this.#calls.length - 1; i >= 0; i--) {
      const addends: Addend[] = []
      const weights = this.#links[i].parameters.map(parameter => {
        const sum = this.#parts.parameterOf(parameter)
        if (!met.has(sum)) {
          met.add(sum)
          return sum
        }
        const own = parameter.twin()
        addends.push({ own, sum })
        return own
      })
      this.#calls[i].bind(weights)
      if (addends.length > 0) this.#addends.set(this.#calls[i], addends)
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
        this.#input.allocate(region, most)
        for (const call of this.#calls) call.allocateForward(region, most)
      })
      this.#batch = most
    }
    if (both)
      this.#backward = regionOf(engine, region => {
        this.#outputGradient.allocate(region, most)
        for (const call of this.#calls) {
          call.allocateBackward(region, most)
          this.#allocateGradients(call)
        }
      })
  }

  /** The owner's trainable parameters, call by call. */
  get trainableParameters(): readonly Parameter[] {
    const all = this.#links.flatMap(({ trainableParameters }) => trainableParameters)
    return [...new Set(all)].map(parameter => this.#parts.parameterOf(parameter))
  }

  /** Fills all buffers and gradients with NaN, to expose layers that do not overwrite all that they should. */
  spoil(): void {
    for (const call of this.#calls) call.spoil()
  }

  /** Frees all memory, including the gradients. */
  dispose(): void {
    this.release()
    for (const region of this.#gradients.values()) region.release()
    this.#gradients.clear()
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
    this.#gradients.set(call, region)
    for (const parameter of parameters) parameter.allocateGradient(region)
  }

  // ---- A run --------------------------------------------------------------------------------------------------

  /** Begins a run, for which `reserve` must have made memory. @returns the array for the input samples */
  begin(run: Pass): Float32Array {
    this.#isReadyForBackward = false
    Object.assign(this.pass, run)
    return this.#input.array
  }

  /** Runs all calls forward, from left to right, on the samples passed to `begin`. @returns the output */
  propagate(): Float32Array {
    for (let i = 0; i < this.#calls.length; i++) this.#calls[i].forward()
    return this.output
  }

  /** The output of the last run. */
  get output(): Float32Array {
    return (this.#calls.at(-1) ?? this.#source).y
  }

  /** A buffer for the gradient of the output, for callers of `backpropagate` that have none. */
  get outputGradient(): Float32Array {
    return this.#outputGradient.array
  }

  /**
   * Runs all calls backward, from right to left, for the last `propagate`, and writes the gradients of the weights. Stops
   * at the leftmost call that trains. If several calls use a weight, computes each call's gradient separately and adds
   * them up from right to left.
   * @param dy the gradient of the output, or `null`
   * @param dLogits the gradient of the last activation's input, or `null`
   * @returns the gradient of the input, if the run asked for it
   */
  backpropagate(dy: Float32Array | null, dLogits: Float32Array | null = null): Float32Array | null {
    const { pass } = this
    const calls = this.#calls
    const { inputGradient } = pass
    const lowest = inputGradient ? 0 : calls.findIndex(call => call.trains)
    if (lowest < 0) return dy
    let gradient = dy
    for (let i = calls.length - 1; i >= lowest; i--) {
      pass.inputGradient = i > lowest || inputGradient
      gradient = calls[i].backward(gradient, i === calls.length - 1 ? dLogits : null)
      const addends = this.#addends.get(calls[i])
      if (addends) addUp(addends)
    }
    pass.inputGradient = inputGradient
    return gradient
  }

  // ---- With tensors -------------------------------------------------------------------------------------------

  /** The output for samples whose shape has been checked. */
  forward(x: Tensor, options: ForwardOptions): Tensor {
    knownOptions('forward', options, ['training'])
    const training = boolean('training', options.training ?? false)
    const [batch] = x.shape
    this.reserve(batch, false)
    this.begin({ batch, training, inputGradient: true, penalties: false, frozen: null }).set(x.data)
    const output = this.propagate().slice()
    this.#isReadyForBackward = true
    return new Tensor([batch, ...this.outputShape], output)
  }

  /**
   * The gradient of sum(y · dy) with respect to x, for the last `forward`.
   * @throws ArgumentError if `dy` does not have the output's shape. StateError unless the last run was a `forward`
   */
  backward(dy: TensorLike): Tensor {
    if (!this.#isReadyForBackward) throw new StateError('call forward right before backward')
    const { batch } = this.pass
    const tensor = toTensor('dy', dy)
    const expected = [batch, ...this.outputShape]
    if (!sameShape(tensor.shape, expected))
      throw new ArgumentError('dy', tensor, `the shape [${expected.join(', ')}] of the output`)
    this.reserve(batch, true)
    this.outputGradient.set(tensor.data)
    const dx = this.backpropagate(this.outputGradient)
    return new Tensor([batch, ...this.inputShape], dx?.slice() ?? tensor.data.slice())
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

function addUp(addends: readonly Addend[]): void {
  for (const { own, sum } of addends) {
    const [total, more] = [sum.grad, own.grad]
    for (let i = 0; i < total.length; i++) total[i] += more[i]
  }
}
