// TimeDistributed: a layer or a model, applied to every step of a sequence.

import { type BatchShape, inputBatch, type Shape } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { field } from '../core/options.ts'
import type { Random } from '../core/random.ts'
import type { Serialized } from '../core/registry.ts'
import type { Parameter } from '../weights/parameter.ts'
import type { Pass, Value } from './call.ts'
import { type Graph, originOf } from './graph.ts'
import { Layer, type LayerOptions, standaloneContext } from './layer.ts'
import { type BuildContext, type Leaf, Module, type Visit } from './module.ts'

/** The options of TimeDistributed. */
export interface TimeDistributedOptions extends LayerOptions {
  /** A layer or a model with one input and one output. */
  readonly layer: Module
}

const inner = field(
  (name, given): Module => {
    if (given instanceof Module) return given
    throw new ArgumentError(name, given, 'a layer or a model')
  },
  undefined,
  (layer): Serialized => ({ className: layer.className, config: layer.getConfig() }),
)

/**
 * Applies a layer to every step: input `[batch, steps, …]`, output `[batch, steps, …]`. The layer sees a batch of
 * `batch · steps` samples; nothing is copied.
 *
 * @see https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/TimeDistributed
 */
export class TimeDistributed extends Layer {
  static override readonly name = 'TimeDistributed'
  declare readonly className: 'TimeDistributed'
  declare readonly layer: Module

  constructor(options: TimeDistributedOptions) {
    super(options, { className: 'TimeDistributed', fields: { layer: inner } })
  }

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return this.outputShapes([inputBatch(inputShape)])[0]
  }

  /** @internal */
  override outputShapes([inputShape]: readonly BatchShape[], visit?: Visit): readonly BatchShape[] {
    const [batch, steps] = inputShape
    if (inputShape.length < 3 || steps === null)
      throw new ArgumentError('inputShape', inputShape, '[batch, steps, …]: at least three axes')
    const each: Visit = (leaf, shapes, output, repeats) => visit?.(leaf, shapes, output, repeats * steps)
    const [output] = this.layer.outputShapes([stepOf(inputShape)], each)
    return [[batch, steps, ...output.slice(1)]]
  }

  /** @internal */
  override buildFor(inputShapes: readonly BatchShape[], context: BuildContext = standaloneContext()): void {
    this.outputShapes(this.checkedShapes(inputShapes))
    this.layer.buildFor([stepOf(inputShapes[0])], context)
    super.buildFor(inputShapes, { ...context, engine: this.leaves[0]?.engine ?? context.engine })
  }

  /** @internal */
  override callIn(graph: Graph, [value]: readonly Value[], stream: (name: string) => Random): readonly Value[] {
    const [steps, ...step] = value.shape
    const { repeats, pass = graph.pass } = value
    const inputs = [new View(value, step, repeats * steps, repeated(pass, steps))]
    const [output] = this.layer.callIn(graph, inputs, stream)
    return [new View(output, [steps, ...output.shape], repeats, pass)]
  }

  /** @internal */
  override get leaves(): readonly Leaf[] {
    return this.layer.leaves
  }

  /** @internal */
  override get trainableLeaves(): readonly Leaf[] {
    return this.trainable ? this.layer.trainableLeaves : []
  }

  /** As in Keras, those that train come first. */
  override get parameters(): readonly Parameter[] {
    return [...new Set([...this.trainableParameters, ...this.layer.ownParameters])]
  }

  override get trainableParameters(): readonly Parameter[] {
    return this.trainableLeaves.flatMap(({ trainableParameters }) => trainableParameters)
  }

  /** Whether the layer inside trains, if it is trainable itself. As in Keras, only setting this also sets the layer's own. */
  override get trainable(): boolean {
    return super.trainable
  }

  override set trainable(value: boolean) {
    super.trainable = value
    this.layer.trainable = value
  }

  forwardInto(): void {}

  backwardInto(): void {}
}

const stepOf = ([batch, , ...step]: BatchShape): BatchShape => [batch, ...step]

/** The same numbers, in rows of another shape. */
class View implements Value {
  readonly origin: Value
  readonly shape: Shape
  readonly repeats: number
  readonly pass: Readonly<Pass>

  constructor(value: Value, shape: Shape, repeats: number, pass: Readonly<Pass>) {
    this.origin = originOf(value)
    this.shape = shape
    this.repeats = repeats
    this.pass = pass
  }

  get y(): Float32Array {
    return this.origin.y
  }
}

/** A pass as calls see it that run `repeats` times as many rows. */
const repeated = (pass: Readonly<Pass>, repeats: number): Readonly<Pass> => ({
  get batch() {
    return repeats * pass.batch
  },
  get training() {
    return pass.training
  },
  get inputGradient() {
    return pass.inputGradient
  },
  get penalties() {
    return pass.penalties
  },
  get frozen() {
    return pass.frozen
  },
})
