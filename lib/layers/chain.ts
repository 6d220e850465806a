// Calls in a row: what a model runs, or a layer that is run by itself. The memory that they share, the gradients of
// their weights, and the two directions through them.

import { boolean, knownOptions, type Shape, sameShape, sizeOf } from '../core/check.ts'
import { ArgumentError, StateError } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import { Tensor, type TensorLike } from '../core/tensor.ts'
import { type Engine, type Region, regionOf } from '../engine/engine.ts'
import type { Parameter } from '../weights/parameter.ts'
import { BatchBuffer, Call, type Callable, type Pass, type RandomStream, type Source } from './call.ts'

/** How a layer or a model is run. */
export interface ForwardOptions {
  /** As in training: Dropout drops. Default false. */
  readonly training?: boolean
}

/** The part of a layer that a chain uses. */
export interface Link extends Callable<unknown> {
  readonly trainableParameters: readonly Parameter[]
}

/** Where a chain stands. */
export interface ChainParts {
  readonly engine: Engine
  /** The owner's parameter for a layer's: the same weight, with the owner's gradient. */
  parameterOf(parameter: Parameter): Parameter
  /** @throws ArgumentError when a run would need more memory than is allowed */
  assertFits?(batch: number, training: boolean): void
}

/** A weight that calls further right use too: what this call adds to its gradient. */
interface Addend {
  readonly own: Parameter
  readonly sum: Parameter
}

/** Calls of layers in a row, and one run through them at a time. A layer or a model has one, and makes others by `probe`. */
export class Chain {
  /** The run that goes on, or went on last. */
  readonly pass: Pass = { batch: 0, training: false, inputGradient: true, penalties: false, frozen: null }
  readonly inputShape: Shape
  readonly #parts: ChainParts
  readonly #links: Link[] = []
  readonly #calls: Call[] = []
  readonly #addends = new Map<Call, Addend[]>() // of calls that have some
  readonly #input: BatchBuffer
  readonly #source: Source
  readonly #gradients = new Map<Call, Region>()
  #outputGradient: BatchBuffer
  #batch = 0 // how many samples there is memory for
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

  /** The shape of one sample that comes out. */
  get outputShape(): Shape {
    return this.#calls.at(-1)?.outputShape ?? this.inputShape
  }

  /** What draws in training. */
  get streams(): readonly RandomStream[] {
    return this.#calls.flatMap(({ streams }) => streams)
  }

  /** Appends a call of a built layer. @param stream what the layer's chance draws from, by name */
  add(layer: Link, stream: (name: string) => Random): void {
    const { engine } = this.#parts
    const source = this.#calls.at(-1) ?? this.#source
    const call = new Call(layer, this.outputShape, { engine, pass: this.pass, source, stream })
    this.release()
    this.#calls.push(call)
    this.#links.push(layer)
    this.#changed()
  }

  /** Takes the last call away. */
  pop(): void {
    this.release()
    const call = this.#calls.pop()
    if (call) this.#gradients.delete(call) // the memory comes back when no parameter has it
    this.#links.pop()
    this.#changed()
  }

  /** Decides where each call writes the gradients of its weights: from right to left, the first one to the sum itself. */
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

  /** Takes memory for runs of up to `batch` samples, where there is too little; with `training` for both directions. */
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

  /** The owner's parameters that training changes, call by call. */
  get trainableParameters(): readonly Parameter[] {
    const all = this.#links.flatMap(({ trainableParameters }) => trainableParameters)
    return [...new Set(all)].map(parameter => this.#parts.parameterOf(parameter))
  }

  /** Fills all buffers and gradients with NaN: whoever does not overwrite what it should shows. */
  spoil(): void {
    for (const call of this.#calls) call.spoil()
  }

  /** Gives back all memory, that of gradients too. */
  dispose(): void {
    this.release()
    for (const region of this.#gradients.values()) region.release()
    this.#gradients.clear()
  }

  /** Gives the memory of runs back; gradients of weights stay. */
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

  /** Begins a run for which there is memory. @returns where its samples go */
  begin(run: Pass): Float32Array {
    this.#isReadyForBackward = false
    Object.assign(this.pass, run)
    return this.#input.array
  }

  /** All calls, left to right, from the samples of `begin`. @returns the output */
  propagate(): Float32Array {
    for (let i = 0; i < this.#calls.length; i++) this.#calls[i].forward()
    return this.output
  }

  /** The output of the last run. */
  get output(): Float32Array {
    return (this.#calls.at(-1) ?? this.#source).y
  }

  /** Where the gradient of the output goes before `backpropagate`, for those who have no place of their own for it. */
  get outputGradient(): Float32Array {
    return this.#outputGradient.array
  }

  /**
   * All calls, right to left, for the `propagate` before it; stops where nothing more to the left is trained. Writes the
   * gradients of the weights. Where several calls use a weight, each one's is a sum of its own, and these are added in the
   * order in which they are met: from right to left.
   * @param dy the gradient of the output; `null`: it has none
   * @param dLogits that of what the last activation was applied to
   * @returns the gradient of the input, if it was asked for
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

  /** The output for samples that have been checked. */
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

  /** The gradient of sum(y · dy) in x, for the last `forward`. @throws ArgumentError, StateError without a forward */
  backward(dy: TensorLike): Tensor {
    if (!this.#isReadyForBackward) throw new StateError('backward needs a forward right before it')
    const { batch } = this.pass
    const tensor = dy instanceof Tensor ? dy : Tensor.from(dy)
    const expected = [batch, ...this.outputShape]
    if (!sameShape(tensor.shape, expected))
      throw new ArgumentError('dy', tensor, `the shape [${expected.join(', ')}] of the output`)
    this.reserve(batch, true)
    this.outputGradient.set(tensor.data)
    const dx = this.backpropagate(this.outputGradient)
    return new Tensor([batch, ...this.inputShape], dx?.slice() ?? tensor.data.slice())
  }
}

/** A twin for each parameter that is asked for: the same one every time. */
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
