// Modules: the parts of a model, which are layers or other models. A module is called on symbolic tensors to define a model,
// and adds its calls to the model's graph.

import { type BatchShape, boolean, named, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { automaticName } from '../core/names.ts'
import type { Random } from '../core/random.ts'
import type { Config, Serializable } from '../core/registry.ts'
import { Tensor } from '../core/tensor.ts'
import type { Engine, Region } from '../engine/engine.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Value } from './call.ts'
import type { Graph, Operation } from './graph.ts'

/** The context in which a layer is built. */
export interface BuildContext {
  /** The engine that will compute. */
  readonly engine: Engine
  /** The memory for the weights. */
  readonly weights: Region
  /** Makes a stream for a weight's initial values or for the layer's own random numbers. */
  stream(name: string): Random
}

/** A layer as models see it: a module that computes. */
export interface Leaf extends Module, Operation {
  readonly name: string
  readonly trainable: boolean
  readonly parameters: readonly Parameter[]
  readonly trainableParameters: readonly Parameter[]
  countParams(): number
  /** The engine that holds the weights. @throws StateError before the layer is built */
  readonly engine: Engine
  /** The number of weight elements for these inputs. Does not build the layer. */
  plannedSize(...inputShapes: Shape[]): number
  unbuild(): void
}

/** Receives a layer and the shapes of its inputs and its output. @param repeats rows per sample */
export type Visit = (leaf: Leaf, inputShapes: readonly BatchShape[], output: BatchShape, repeats: number) => void

/** One call of a module on symbolic tensors. */
export interface Node {
  /** The layer or model that is called. */
  readonly module: Module
  /** What it takes. */
  readonly inputs: readonly SymbolicTensor[]
  /** What it gives. */
  readonly outputs: readonly SymbolicTensor[]
  /** Increases from call to call. */
  readonly id: number
}

/** A value in a model's definition: a shape without numbers. `input` makes the first ones, `apply` all others. */
export class SymbolicTensor {
  static readonly name = 'SymbolicTensor'
  /** With `null` for the batch size. */
  readonly shape: BatchShape
  /** The call that gives the value. */
  readonly node: Node
  /** Which of the call's outputs it is. */
  readonly index: number

  constructor(shape: BatchShape, node: Node, index: number) {
    this.shape = shape
    this.node = node
    this.index = index
  }

  /** The name of the module that gives the value. */
  get name(): string {
    return this.node.module.name
  }

  /** The name and the shape, such as `SymbolicTensor dense [null, 10]`. */
  toString(): string {
    return `SymbolicTensor ${this.name} [${this.shape.map(n => n ?? 'null').join(', ')}]`
  }
}

let nodes = 0

/** The common base of layers and models: a name, weights, and calls. */
export abstract class Module implements Serializable {
  /** The name of the class, as configs and files have it. */
  abstract readonly className: string
  /** Whether the name was given as an option. */
  readonly isNamed: boolean
  #name: string | null
  #trainable: boolean
  readonly #applied: Node[] = []
  /** The call in a Sequential, of several the last: a layer that stays must not keep all dropped models before it. */
  #stacked: Node | null = null

  constructor(name: string | undefined, trainable: boolean) {
    this.#name = name === undefined ? null : named('name', name)
    this.isNamed = name !== undefined
    this.#trainable = boolean('trainable', trainable)
  }

  /** The options, from which `fromConfig` or the constructor makes the same module with new weights. */
  abstract getConfig(): Config

  /** Weights in Keras' order; empty before the module is built. */
  abstract get parameters(): readonly Parameter[]

  /** The weights that training changes, in Keras' order. */
  abstract get trainableParameters(): readonly Parameter[]

  /** The weights, in the same order, as the layers inside have them. @internal */
  abstract get ownParameters(): readonly Parameter[]

  /** Whether there are weights yet. */
  abstract get built(): boolean

  /** The layers inside, at any depth; of a layer, itself. @internal */
  abstract get leaves(): readonly Leaf[]

  /** The trainable `leaves`: those for which all enclosing modules are trainable too. @internal */
  abstract get trainableLeaves(): readonly Leaf[]

  /** The least and the largest number of inputs. @internal */
  abstract get inputCounts(): readonly [number, number]

  /**
   * The shapes of the outputs for these inputs, batch first. Nothing is built.
   * @param visit called for each layer inside, in order
   * @throws ArgumentError if the inputs do not suit the module
   * @internal
   */
  abstract outputShapes(inputShapes: readonly BatchShape[], visit?: Visit): readonly BatchShape[]

  /**
   * Creates the weights. If they exist already, checks that they suit the shapes.
   * @param context where a layer gets them from; a model has its own
   * @internal
   */
  abstract buildFor(inputShapes: readonly BatchShape[], context?: BuildContext): void

  /** Adds the calls of a built module to a graph. @param stream makes the random streams of its calls, by name @internal */
  abstract callIn(graph: Graph, inputs: readonly Value[], stream: (name: string) => Random): readonly Value[]

  /** The given name, or the automatic one. */
  get name(): string {
    return this.#name ?? this.automaticName
  }

  /** The name of a module that has none; a model numbers duplicates. */
  get automaticName(): string {
    return automaticName(this.className)
  }

  /** Whether the module has a permanent name: a given one, or one assigned by its first model. */
  get hasName(): boolean {
    return this.#name !== null
  }

  /** Called by the module's first model to number the automatic name. @internal */
  rename(name: string): void {
    this.#name = name
  }

  /** Whether training changes the weights. */
  get trainable(): boolean {
    return this.#trainable
  }

  set trainable(value: boolean) {
    this.#trainable = boolean('trainable', value)
  }

  /** Copies of all weights, in Keras' order. */
  getWeights(): Tensor[] {
    return this.parameters.map(({ shape, value }) => new Tensor(shape, value.slice()))
  }

  /** The number of weight elements. */
  countParams(): number {
    return this.parameters.reduce((sum, { size }) => sum + size, 0)
  }

  // ---- In the definition of a model ---------------------------------------------------------------------------

  /** The calls on symbolic tensors so far; of those in Sequential models, the last. */
  get nodes(): readonly Node[] {
    return this.#stacked ? [...this.#applied, this.#stacked] : this.#applied
  }

  /** A model's own input; of a layer, the input of its only call on symbolic tensors. */
  abstract get input(): SymbolicTensor | readonly SymbolicTensor[]

  /** A model's own output; of a layer, the output of its only call on symbolic tensors. */
  abstract get output(): SymbolicTensor | readonly SymbolicTensor[]

  /** Records a call on symbolic tensors. @throws ArgumentError if the inputs do not suit the module */
  protected callOn(inputs: readonly SymbolicTensor[]): readonly SymbolicTensor[] {
    return this.record(inputs, this.outputShapesOf(inputs))
  }

  /** @throws ArgumentError if the inputs do not suit the module, or the weights that it has @internal */
  outputShapesOf(inputs: readonly SymbolicTensor[]): readonly BatchShape[] {
    const shapes = this.checkedShapes(inputs.map(({ shape }) => shape))
    if (this.built) this.buildFor(shapes)
    return this.outputShapes(shapes)
  }

  /** Records a call whose outputs have these shapes. @param isStacked whether it is in a Sequential @internal */
  record(
    inputs: readonly SymbolicTensor[],
    shapes: readonly BatchShape[],
    isStacked = false,
  ): readonly SymbolicTensor[] {
    const outputs: SymbolicTensor[] = []
    const node: Node = { module: this, inputs, outputs, id: nodes++ }
    outputs.push(...shapes.map((shape, i) => new SymbolicTensor(shape, node, i)))
    if (isStacked) this.#stacked = node
    else this.#applied.push(node)
    return outputs
  }

  /** Undoes `record` of a call in a Sequential. @internal */
  forget(node: Node): void {
    if (this.#stacked === node) this.#stacked = null
  }

  /** @returns the shapes @throws ArgumentError unless they are as many as the module has inputs */
  protected checkedShapes(inputShapes: readonly BatchShape[]): readonly BatchShape[] {
    const [least, most] = this.inputCounts
    const { length } = inputShapes
    if (length >= least && length <= most) return inputShapes
    throw new ArgumentError(`inputs of ${this.name}`, length, least === most ? `${least}` : `at least ${least}`)
  }
}

/**
 * The symbolic tensors that `apply` was called with; `null` if it was called with numbers.
 * @param more its second argument
 * @throws ArgumentError for a mixture, and for symbolic tensors with a second argument, which would have no effect
 */
export function symbolic(x: unknown, more?: unknown): readonly SymbolicTensor[] | null {
  const list = Array.isArray(x) ? x : [x]
  const count = list.filter(each => each instanceof SymbolicTensor).length
  if (count === 0 || count < list.length) {
    if (count === 0) return null
    throw new ArgumentError('x', x, 'symbolic tensors, or numbers, but not both')
  }
  if (more === undefined) return list
  const hint = 'Several inputs are a list: apply([a, b]). Pass training to forward, or set trainable = false'
  throw new ArgumentError('options', more, 'none on symbolic tensors', hint)
}
