// One training step: the loss, its gradient, and the weight update. training.ts supplies batches and
// reports results.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Engine, type Region, regionOf } from '../engine/engine.ts'
import { BatchBuffer, type Call, type Pass } from '../layers/call.ts'
import type { Graph } from '../layers/graph.ts'
import type { Leaf } from '../layers/module.ts'
import type { Loss } from '../losses/loss.ts'
import { rowCount } from '../losses/row-shapes.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Parameter } from '../weights/parameter.ts'
import { copyRows, type Data, type Rows } from './data.ts'
import type { Runnable } from './runnable.ts'

/** The loss of one output. */
export interface Goal {
  readonly loss: Loss
  /** The factor of the loss in the total. */
  readonly weight: number
}

/** The weights to train. */
export interface Trained {
  readonly parameters: readonly Parameter[]
  /** Their full names: `dense/kernel:0`. */
  readonly names: readonly string[]
}

/** A weight that compile made trainable. */
export interface TrainableWeight {
  readonly leaf: Leaf
  readonly parameter: Parameter
  /** Whether a loss or a penalty depends on it. If none does, it does not change. */
  readonly isTrained: boolean
}

/** A goal, and the values that its loss reads. */
interface Aim extends Goal {
  /** The output's call, if the loss reads its logits; else `null`. */
  readonly end: Call | null
}

/** The value that training minimizes: the weighted losses of the outputs plus the regularizers' penalties. */
export class Objective {
  readonly #graph: Graph
  readonly #aims: readonly (Aim | null)[]
  readonly #onLogits: readonly boolean[]
  readonly #engine: Engine
  readonly trained: Trained

  /**
   * Determines the input of each loss. A crossentropy that directly follows its matching activation reads the logits
   * (the values before the activation), so that no probability is clipped, as in Keras.
   * @param goals one for each output; `null` for an output without a loss
   */
  constructor(graph: Graph, goals: readonly (Goal | null)[], trained: Trained, engine: Engine) {
    this.#graph = graph
    this.#engine = engine
    this.#aims = goals.map((goal, k) => {
      if (!goal) return null
      const end = graph.callOf(graph.outputs[k])
      const onLogits = end?.activation ? goal.loss.afterActivation(end.activation.className) : null
      return { weight: goal.weight, loss: onLogits ?? goal.loss, end: (onLogits && end) || null }
    })
    this.#onLogits = this.#aims.map(aim => aim !== null && aim.end !== null)
    this.trained = trained
  }

  /** Trains on the loaded batch. @returns the loss before the step */
  trainStep(batch: Batch, optimizer: Optimizer): number {
    const { parameters } = this.trained
    const loss = this.testStep(batch) //         1. the layers, from the inputs to the outputs
    this.#backpropagate(batch) //                2. the gradients, from the outputs to the inputs
    optimizer.build(parameters, this.#engine) // another model may share the optimizer
    optimizer.step() //                          3. the update
    return loss
  }

  /** @returns the loss of the loaded batch, including penalties; `head.loss` has that of each output */
  testStep({ heads }: Batch): number {
    const graph = this.#graph
    graph.propagate()
    let sum = 0
    for (let k = 0; k < heads.length; k++) {
      const [head, aim] = [heads[k], this.#aims[k]]
      if (!head || !aim) continue
      const { loss, weight, end } = aim
      loss.forward(head.losses, head.targets, end ? end.logits : graph.outputs[k].y, head.outputShape, this.#engine)
      head.loss = loss.reduce(head.losses, head.rowWeights, head.rowCount)
      sum += weight * head.loss
    }
    return sum + graph.penalty
  }

  /** Writes the gradients of losses and penalties to the trained parameters. */
  #backpropagate({ heads }: Batch): void {
    const graph = this.#graph
    for (let k = 0; k < heads.length; k++) {
      const gradient = graph.outputGradient(k)
      const [head, aim] = [heads[k], this.#aims[k]]
      if (!head || !aim) {
        gradient.fill(0)
        continue
      }
      const { loss, weight, end } = aim
      const { scale } = head
      loss.scaleRows(scale, head.rowWeights, head.rowCount)
      if (weight !== 1) for (let r = 0; r < scale.length; r++) scale[r] *= weight
      loss.backward(
        gradient,
        head.targets,
        end ? end.logits : graph.outputs[k].y,
        scale,
        head.outputShape,
        this.#engine,
      )
    }
    graph.backpropagate(this.#onLogits)
    for (const parameter of this.trained.parameters) {
      const { regularizer, value, size, shape } = parameter
      regularizer?.addGradient(parameter.grad, value, 1, size, shape)
    }
  }
}

/** The targets, weights and losses of a step's samples for one output. */
export class Head {
  /** The shapes of outputs and targets, batch size first. The batch size is updated in place. */
  readonly outputShape: number[]
  readonly targetShape: number[]
  /** The loss of the last step. */
  loss = 0
  readonly #rows: number // losses per sample: the size of its output without the loss's axis, usually the last
  readonly #targets: BatchBuffer
  readonly #losses: BatchBuffer
  readonly #scale: BatchBuffer
  readonly #rowWeights: BatchBuffer
  readonly #sampleWeights: BatchBuffer
  #weighted = false
  #weighsRows = false // with weights of their own, not those of their samples

  /**
   * @param output the shape of one sample's output
   * @param target the shape of its target
   * @param axis along which a row of the loss extends
   */
  constructor(output: Shape, target: Shape, axis: number, pass: Pass) {
    this.outputShape = [1, ...output]
    if (axis === 0 || axis === -this.outputShape.length)
      throw new ArgumentError('axis', axis, 'an axis within a sample; axis 0 is the batch')
    this.targetShape = [1, ...target]
    this.#rows = rowCount(this.outputShape, axis)
    this.#targets = new BatchBuffer(sizeOf(target), pass)
    this.#losses = new BatchBuffer(this.#rows, pass)
    this.#scale = new BatchBuffer(this.#rows, pass)
    this.#rowWeights = new BatchBuffer(this.#rows, pass)
    this.#sampleWeights = new BatchBuffer(1, pass)
  }

  allocate(region: Region, batch: number): void {
    const buffers = [this.#targets, this.#losses, this.#scale, this.#rowWeights, this.#sampleWeights]
    for (const buffer of buffers) buffer.allocate(region, batch)
  }

  /** Whether targets of this shape (`[n, …]`) fit. */
  suits(targets: Shape): boolean {
    const { targetShape } = this
    if (targets.length !== targetShape.length) return false
    for (let i = 1; i < targets.length; i++) if (targets[i] !== targetShape[i]) return false
    return true
  }

  /** Copies the rows of a batch. */
  load(targets: Float32Array, weights: Float32Array | null, batch: Rows): void {
    const { data, count } = batch
    copyRows(this.#targets.array, targets, this.#targets.itemSize, batch)
    this.outputShape[0] = count
    this.targetShape[0] = count
    this.#weighted = weights !== null
    if (!weights) return
    const [perRow, perSample, rows] = [this.#rowWeights.array, this.#sampleWeights.array, this.#rows]
    this.#weighsRows = weights.length > data.n
    if (this.#weighsRows) {
      copyRows(perRow, weights, rows, batch)
      return
    }
    copyRows(perSample, weights, 1, batch)
    for (let r = 0; r < count * rows; r++) perRow[r] = perSample[Math.floor(r / rows)]
  }

  /** The number of losses in the batch. */
  get rowCount(): number {
    return this.outputShape[0] * this.#rows
  }

  get targets(): Float32Array {
    return this.#targets.array
  }

  /** The loss of each row; and, in `scale`, the factor of each row's gradient. */
  get losses(): Float32Array {
    return this.#losses.array
  }

  get scale(): Float32Array {
    return this.#scale.array
  }

  /** The sample weights, repeated for each row of a sample; `null` if there are none. */
  get rowWeights(): Float32Array | null {
    return this.#weighted ? this.#rowWeights.array : null
  }

  /** The weights as given: `weightCount` numbers, one for each sample, or one for each row. */
  get sampleWeights(): Float32Array | null {
    return this.#weighted && !this.#weighsRows ? this.#sampleWeights.array : this.rowWeights
  }

  get weightCount(): number {
    return this.#weighsRows ? this.rowCount : this.outputShape[0]
  }
}

/** Begins a pass with the samples of a batch. */
export function loadSamples(rows: Rows, graph: Graph, pass: Pass): void {
  const { xs } = rows.data
  pass.batch = rows.count
  graph.begin(pass)
  for (let i = 0; i < xs.length; i++) {
    const { y, shape } = graph.inputs[i]
    copyRows(y, xs[i].data, sizeOf(shape), rows)
  }
}

/** The targets and weights of a step's samples. The samples themselves are in the graph. */
export class Batch {
  /** One for each output; `null` if it has no targets. */
  readonly heads: readonly (Head | null)[]
  readonly #model: Runnable
  readonly #region: Region
  readonly #capacity: number
  readonly #pass: Pass

  /**
   * @param data with targets of the shapes to make room for
   * @param goals the loss of each output
   * @param frozen the layers that are not trained
   */
  constructor(
    model: Runnable,
    { ys }: Data,
    capacity: number,
    goals: readonly (Goal | null)[],
    frozen: ReadonlySet<object>,
  ) {
    this.#model = model
    this.#capacity = capacity
    const pass: Pass = { batch: 0, training: false, inputGradient: false, penalties: true, frozen }
    this.#pass = pass
    this.heads = model.graph.outputs.map(({ shape }, k) => {
      const y = ys[k]
      return y && new Head(shape, y.shape.slice(1), goals[k]?.loss.axis ?? -1, pass)
    })
    this.#region = regionOf(model.engine, region => {
      for (const head of this.heads) head?.allocate(region, capacity)
    })
  }

  /** Whether `size` samples with these targets fit. */
  suits(ys: Data['ys'], size: number): boolean {
    if (size > this.#capacity) return false
    for (let k = 0; k < ys.length; k++) {
      const [y, head] = [ys[k], this.heads[k]]
      if (!y !== !head || (y && !head?.suits(y.shape))) return false
    }
    return true
  }

  release(): void {
    this.#region.release()
  }

  /** Copies the rows of a batch: samples to the graph, targets and weights to the heads. */
  load(rows: Rows, training: boolean): void {
    const { data } = rows
    this.#pass.training = training
    this.#model.reserve(Math.max(rows.count, this.#capacity), training)
    loadSamples(rows, this.#model.graph, this.#pass)
    for (let k = 0; k < this.heads.length; k++)
      this.heads[k]?.load((data.ys[k] as { data: Float32Array }).data, data.weights[k], rows)
  }

  get size(): number {
    return this.#pass.batch
  }
}
