// One training step: the loss, its gradient, and the weight update. training.ts supplies batches and
// reports results.

import { type Shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import { type Engine, type Region, regionOf } from '../engine/engine.ts'
import { BatchBuffer, type Call, type Pass } from '../layers/call.ts'
import type { Chain } from '../layers/chain.ts'
import { type Loss, reduceRows, rowScale } from '../losses/loss.ts'
import { rowCount } from '../losses/row-shapes.ts'
import type { Optimizer } from '../optimizers/optimizer.ts'
import type { Parameter } from '../weights/parameter.ts'
import { copyRows, type Rows } from './data.ts'
import type { Runnable } from './runnable.ts'

/** The value that training minimizes: the loss of a batch plus the regularizers' penalties. */
export class Objective {
  readonly #chain: Chain
  readonly #loss: Loss
  /** The last call, if the loss reads its logits; else `null`. */
  readonly #end: Call | null

  /**
   * Determines the input of the loss. A crossentropy that directly follows its matching activation reads the logits
   * (the values before the activation), so that no probability is clipped, as in Keras.
   */
  constructor(chain: Chain, loss: Loss) {
    const end = chain.calls.at(-1)
    const onLogits = end?.activation ? loss.afterActivation(end.activation.className) : null
    this.#chain = chain
    this.#loss = onLogits ?? loss
    this.#end = (onLogits && end) || null
  }

  /**
   * Trains on the loaded batch.
   * @param trained the parameters to update
   * @returns the loss before the step
   */
  trainStep(batch: Batch, optimizer: Optimizer, trained: readonly Parameter[], engine: Engine): number {
    const loss = this.testStep(batch) //         1. the layers, left to right
    this.#backpropagate(batch, trained) //       2. the gradients, right to left
    optimizer.build(trained, engine) //          another model may share the optimizer
    optimizer.step() //                          3. the update
    return loss
  }

  /** @returns the loss of the loaded batch, including penalties */
  testStep(batch: Batch): number {
    const predicted = this.#chain.propagate()
    this.#loss.forward(batch.losses, batch.targets, this.#end?.logits ?? predicted, batch.outputShape)
    let sum = reduceRows(batch.losses, batch.rowWeights, batch.rowCount, this.#loss.reduction)
    for (const call of this.#chain.calls) sum += call.penalty
    return sum
  }

  /** Writes the gradients of loss and penalties to the trained parameters. */
  #backpropagate(batch: Batch, trained: readonly Parameter[]): void {
    const chain = this.#chain
    const read = this.#end?.logits ?? chain.output
    const gradient = chain.outputGradient
    rowScale(batch.scale, batch.rowWeights, batch.rowCount, this.#loss.reduction)
    this.#loss.backward(gradient, batch.targets, read, batch.scale, batch.outputShape)
    if (this.#end) chain.backpropagate(null, gradient)
    else chain.backpropagate(gradient)
    for (const parameter of trained) {
      const { regularizer, value, size, shape } = parameter
      regularizer?.addGradient(parameter.grad, value, 1, size, shape)
    }
  }
}

/** The targets and weights of a step's samples. The samples themselves are in the chain. */
export class Batch {
  /** The shapes of outputs and targets, batch size first. The batch size is updated in place. */
  readonly outputShape: number[]
  readonly targetShape: number[]
  readonly #model: Runnable
  readonly #region: Region
  readonly #capacity: number
  readonly #targets: BatchBuffer
  readonly #rows: number // losses per sample: the size of its output without the loss's axis, usually the last
  readonly #losses: BatchBuffer
  readonly #scale: BatchBuffer
  readonly #rowWeights: BatchBuffer
  readonly #sampleWeights: BatchBuffer
  readonly #pass: Pass
  #weighted = false
  #weighsRows = false // with weights of their own, not those of their samples

  /**
   * @param targetItem the shape of one target
   * @param frozen the layers that are not trained
   */
  constructor(model: Runnable, targetItem: Shape, capacity: number, { axis }: Loss, frozen: ReadonlySet<object>) {
    const output = (model.outputShape as Shape).slice(1)
    this.outputShape = [1, ...output]
    if (axis === 0 || axis === -this.outputShape.length)
      throw new ArgumentError('axis', axis, 'an axis within a sample; axis 0 is the batch')
    this.targetShape = [1, ...targetItem]
    this.#model = model
    this.#capacity = capacity
    this.#pass = { batch: 0, training: false, inputGradient: false, penalties: true, frozen }
    this.#rows = rowCount(this.outputShape, axis)
    this.#targets = new BatchBuffer(sizeOf(targetItem), this.#pass)
    this.#losses = new BatchBuffer(this.#rows, this.#pass)
    this.#scale = new BatchBuffer(this.#rows, this.#pass)
    this.#rowWeights = new BatchBuffer(this.#rows, this.#pass)
    this.#sampleWeights = new BatchBuffer(1, this.#pass)
    const buffers = [this.#targets, this.#losses, this.#scale, this.#rowWeights, this.#sampleWeights]
    this.#region = regionOf(model.engine, region => {
      for (const buffer of buffers) buffer.allocate(region, capacity)
    })
  }

  /** Whether batches of `size` samples with targets of this shape (`[n, …]`) fit. */
  suits(targets: Shape, size: number): boolean {
    const { targetShape } = this
    if (targets.length !== targetShape.length || size > this.#capacity) return false
    for (let i = 1; i < targets.length; i++) if (targets[i] !== targetShape[i]) return false
    return true
  }

  release(): void {
    this.#region.release()
  }

  /** Copies the rows of a batch: samples to the chain, targets and weights to the buffers. */
  load({ data: { n, x, y, weights }, order, from, count }: Rows, training: boolean): void {
    this.#pass.batch = count
    this.#pass.training = training
    this.#model.reserve(Math.max(count, this.#capacity), training)
    copyRows(this.#model.chain.begin(this.#pass), x.data, sizeOf(this.#model.chain.inputShape), order, from, count)
    copyRows(this.#targets.array, y.data, this.#targets.itemSize, order, from, count)
    this.outputShape[0] = count
    this.targetShape[0] = count
    this.#weighted = weights !== null
    if (!weights) return
    const [perRow, perSample, rows] = [this.#rowWeights.array, this.#sampleWeights.array, this.#rows]
    this.#weighsRows = weights.length > n
    if (this.#weighsRows) {
      copyRows(perRow, weights, rows, order, from, count)
      return
    }
    copyRows(perSample, weights, 1, order, from, count)
    for (let r = 0; r < count * rows; r++) perRow[r] = perSample[Math.floor(r / rows)]
  }

  get size(): number {
    return this.outputShape[0]
  }

  /** The number of losses in the batch. */
  get rowCount(): number {
    return this.size * this.#rows
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
    return this.#weighsRows ? this.rowCount : this.size
  }
}
