// Forward and backward of all layers whose kernel moves over windows: locally connected layers and convolutions.

import type { BatchShape, Shape } from '../core/check.ts'
import { connections, type Geometry } from '../core/geometry.ts'
import type { Local2D } from '../kernels/local2d.ts'
import { type LocalGradients, noGradients } from '../kernels/local2d-loop.ts'
import type { Call } from './call.ts'
import { KernelBiasLayer } from './kernel-bias.ts'

interface Windows {
  readonly geometry: Geometry
  readonly gradients: LocalGradients
  readonly local2d: Local2D
}

export abstract class WindowedLayer extends KernelBiasLayer<Windows> {
  /** The window geometry for this input. @internal */
  abstract geometryOf(inputShape: BatchShape): Geometry

  /** The kernel that computes both directions. */
  protected abstract get windowKernel(): Local2D

  /** The window geometry for the samples that the layer was built for; use it to index the kernel by place. */
  get geometry(): Geometry {
    return this.geometryOf([null, ...this.inputShape])
  }

  override macsFor(inputShape: Shape): number {
    const geometry = this.geometryOf([null, ...inputShape])
    return connections(geometry) * geometry.F
  }

  override prepare({ inputShape }: Call): Windows {
    const geometry = this.geometryOf([null, ...inputShape])
    return { geometry, gradients: noGradients(), local2d: this.windowKernel }
  }

  forwardInto(y: Float32Array, x: Float32Array, call: Call<Windows>): void {
    const { state, weights, batch } = call
    const bias = weights.bias?.value ?? null
    call.kernel(state.local2d).forward(y, x, weights.kernel.value, bias, batch, state.geometry)
  }

  backwardInto(dx: Float32Array, dy: Float32Array, call: Call<Windows>): void {
    const { geometry, gradients, local2d } = call.state
    const { kernel, bias } = call.weights
    gradients.x = call.inputGradient ? dx : null
    gradients.kernel = kernel.gradient.array
    gradients.bias = bias?.gradient.array ?? null
    call.kernel(local2d).backward(gradients, dy, call.x, kernel.value, call.batch, geometry)
  }
}
