// What training makes small: the loss of a batch, and the penalties of the regularizers.

import type { Call } from '../layers/call.ts'
import { type Loss, reduceRows, rowScale } from '../losses.ts'
import type { Parameter } from '../parameter.ts'
import type { Batch } from './batch.ts'
import type { Sequential } from './sequential.ts'

export class Objective {
  readonly #model: Sequential
  readonly #loss: Loss
  /** Where the loss reads logits: the last call. */
  readonly #end: Call | null

  /**
   * Decides what the loss reads. A crossentropy that follows its activation reads what the activation was applied
   * to, the logits: no probability is clipped then, as in Keras.
   */
  constructor(model: Sequential, loss: Loss) {
    const end = model.chain.calls.at(-1)
    const onLogits = end?.activation ? loss.afterActivation(end.activation.className) : null
    this.#model = model
    this.#loss = onLogits ?? loss
    this.#end = (onLogits && end) || null
  }

  /** The loss of the batch for what the model said, penalties included. */
  value(batch: Batch, predicted: Float32Array): number {
    this.#loss.forward(batch.losses, batch.targets, this.#end?.logits ?? predicted, batch.outputShape)
    let sum = reduceRows(batch.losses, batch.rowWeights, batch.rowCount, this.#loss.reduction)
    const { layers, chain } = this.#model
    for (let i = 0; i < layers.length; i++) sum += penaltyOf(chain.calls[i].penalty, layers[i].parameters)
    return sum
  }

  /** Writes the gradients of `value` to all parameters that are trained. */
  backpropagate(batch: Batch, predicted: Float32Array, trained: readonly Parameter[]): void {
    const { chain } = this.#model
    const gradient = chain.outputGradient
    const read = this.#end?.logits ?? predicted
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

/** The penalty on a call's output and on its layer's weights. */
function penaltyOf(ofOutput: number, parameters: readonly Parameter[]): number {
  let sum = ofOutput
  for (const { regularizer, value, size, shape } of parameters)
    if (regularizer) sum += regularizer.penalty(value, size, shape)
  return sum
}
