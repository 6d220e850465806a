// The two calls of every layer whose kernel looks through windows: locally connected, convolutions and their kin.
import { sizeOf } from '../check.ts'
import { connections } from '../geometry.ts'
import { KernelBiasLayer } from './kernel-bias.ts'
export class WindowedLayer extends KernelBiasLayer {
  #geometry
  #x
  #dx
  #gradients = { x: null, kernel: new Float32Array(0), bias: null }
  /** To be called in `create`, after the weights are made. */
  createWindows(g, inputShape, outputShape) {
    this.#geometry = g
    this.createOutput(outputShape)
    this.#dx = this.gradientBuffer(sizeOf(inputShape))
  }
  /** The sizes of the built layer, for those who look at its kernel place by place. */
  get geometry() {
    this.requireBuilt('geometry is asked for')
    return this.#geometry
  }
  get macs() {
    return connections(this.geometry) * this.geometry.F
  }
  propagate(x, pass) {
    this.#x = x
    const bias = this.bias?.value ?? null
    this.windowKernel.forward(this.z.array, x, this.kernel.value, bias, pass.batch, this.#geometry)
    return this.output.forward(pass)
  }
  backpropagate(dy, pass) {
    const dz = this.output.backward(dy, pass)
    const dx = this.#dx.array
    this.#gradients.x = pass.inputGradient ? dx : null
    this.#gradients.kernel = this.kernel.grad
    this.#gradients.bias = this.bias?.grad ?? null
    this.windowKernel.backward(this.#gradients, dz, this.#x, this.kernel.value, pass.batch, this.#geometry)
    return dx
  }
}
