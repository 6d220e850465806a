// What the layers share that are one function.

import type { Activation as ActivationFunction } from '../activations.ts'
import { type BatchShape, finite, type Shape, sizeOf } from '../check.ts'
import { ActivatedOutput } from './activated-output.ts'
import { Layer, type LayerOptions, type Pass } from './layer.ts'

/** A layer that is one function. */
export abstract class FunctionLayer extends Layer {
  readonly #z: { array: Float32Array } = { array: new Float32Array(0) } // the input, which is another layer's output
  #output!: ActivatedOutput

  /** The function, with the options that the layer has when it is built. */
  protected abstract function(): ActivationFunction

  computeOutputShape(inputShape: BatchShape): BatchShape {
    return [...inputShape]
  }

  protected create(inputShape: Shape): void {
    const size = sizeOf(inputShape)
    const buffers = { z: this.#z, y: this.buffer(size), dz: this.gradientBuffer(size) }
    this.#output = new ActivatedOutput(this.function(), null, buffers, inputShape, this.engine)
    this.activated = this.#output
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#z.array = x
    return this.#output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    return this.#output.backward(dy, pass)
  }
}

export interface AlphaOptions extends LayerOptions {
  readonly alpha?: number
}

export const alphaOf = (alpha: unknown) => ({ alpha: Math.fround(finite('alpha', alpha)) })
