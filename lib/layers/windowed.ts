// The two calls of every layer whose kernel looks through windows: locally connected, convolutions and their kin.

import { type Shape, sizeOf } from '../check.ts'
import type { Block } from '../engine.ts'
import { connections, type Geometry } from '../geometry.ts'
import type { Local2D } from '../kernels/local2d.ts'
import type { LocalGradients } from '../kernels/local2d-loop.ts'
import { KernelBiasLayer } from './kernel-bias.ts'
import type { Pass } from './layer.ts'

export abstract class WindowedLayer extends KernelBiasLayer {
  #geometry!: Geometry
  #x!: Float32Array
  #dx!: Block
  readonly #gradients: LocalGradients = { x: null, kernel: new Float32Array(0), bias: null }

  /** What computes: one of the engine's kernels. */
  protected abstract get windowKernel(): Local2D

  /** To be called in `create`, after the weights are made. */
  protected createWindows(g: Geometry, inputShape: Shape, outputShape: Shape): void {
    this.#geometry = g
    this.createOutput(outputShape)
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }

  /** The sizes of the built layer, for those who look at its kernel place by place. */
  get geometry(): Geometry {
    this.requireBuilt('geometry is asked for')
    return this.#geometry
  }

  override get macs(): number {
    return connections(this.geometry) * this.geometry.F
  }

  propagate(x: Float32Array, pass: Pass): Float32Array {
    this.#x = x
    const bias = this.bias?.value ?? null
    this.windowKernel.forward(this.z.array, x, this.kernel.value, bias, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }

  backpropagate(dy: Float32Array, pass: Pass): Float32Array {
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    const { kernel } = this
    this.#gradients.x = pass.inputGradient ? dx : null
    this.#gradients.kernel = kernel.gradToRead
    this.#gradients.unconnectedAreZero = kernel.isZeroElsewhere
    this.#gradients.bias = this.bias?.grad ?? null
    this.windowKernel.backward(this.#gradients, dz, this.#x, kernel.value, pass.batch, this.#geometry)
    kernel.isZeroElsewhere = true
    return dx
  }
}
