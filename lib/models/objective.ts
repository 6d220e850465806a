// What training makes small: the loss of a batch, and the penalties of the regularizers.

import type { ActivatedOutput } from '../layers/activated-output.ts'
import type { Pass } from '../layers/layer.ts'
import { type Loss, reduceRows, rowScale } from '../losses.ts'
import type { Parameter } from '../parameter.ts'
import type { Batch } from './batch.ts'
import type { Sequential } from './sequential.ts'

export class Objective {
  readonly #model: Sequential
  readonly #loss: Loss
  /** Where the loss reads logits: the end of the last layer. */
  readonly #logits: ActivatedOutput | null

  /**
   * Decides what the loss reads. A crossentropy that follows its activation reads what the activation was applied
   * to, the logits: no probability is clipped then, as in Keras.
   */
  constructor(model: Sequential, loss: Loss) {
    const end = model.layers.at(-1)?.activated ?? null
    const onLogits = end && loss.afterActivation(end.activation.className)
    this.#model = model
    this.#loss = onLogits ?? loss
    this.#logits = onLogits ? end : null
  }

  /** The loss of the batch for what the model said, penalties included. */
  value(batch: Batch, predicted: Float32Array, pass: Pass): number {
    this.#loss.forward(batch.losses, batch.targets, this.#logits?.logits ?? predicted, batch.outputShape)
    let sum = reduceRows(batch.losses, batch.rowWeights, batch.rowCount, this.#loss.reduction)
    for (const layer of this.#model.layers) sum += layer.penalty(pass)
    return sum
  }

  /** Writes the gradients of `value` to all parameters that are trained. */
  backpropagate(batch: Batch, predicted: Float32Array, pass: Pass, trained: readonly Parameter[]): void {
    const dy = this.#model.outputGradient
    rowScale(batch.scale, batch.rowWeights, batch.rowCount, this.#loss.reduction)
    this.#loss.backward(dy, batch.targets, this.#logits?.logits ?? predicted, batch.scale, batch.outputShape)
    if (this.#logits) this.#logits.gradientIsOfLogits = true
    this.#model.backpropagate(dy, pass)
    if (this.#logits) this.#logits.gradientIsOfLogits = false
    for (const parameter of trained) {
      const { regularizer, value, size, shape } = parameter
      regularizer?.addGradient(parameter.grad, value, 1, size, shape)
    }
  }
}
