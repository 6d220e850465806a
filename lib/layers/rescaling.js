// Numbers brought to another range: pixels of 0 … 255 to 0 … 1.
import { finite, knownOptions, sizeOf } from '../check.ts'
import { Layer, layerOptionNames } from './layer.ts'
/** y = x · scale + offset */
export class Rescaling extends Layer {
  className = 'Rescaling'
  #size = 0
  #y
  #dx
  constructor(options) {
    knownOptions('Rescaling', options, [...layerOptionNames, 'scale', 'offset'])
    super(options)
    const check = ({ scale, offset = 0 }) => ({
      scale: finite('scale', scale),
      offset: finite('offset', offset),
    })
    this.defineAttributes(check(options), check)
  }
  get isLinear() {
    return true
  }
  computeOutputShape(inputShape) {
    return [...inputShape]
  }
  create(inputShape) {
    this.#size = sizeOf(inputShape)
    this.#y = this.buffer(this.#size)
    this.#dx = this.gradientBuffer(this.#size)
  }
  propagate(x, { batch }) {
    const [y, scale, offset] = [this.#y.array, Math.fround(this.scale), Math.fround(this.offset)]
    for (let i = 0; i < batch * this.#size; i++) y[i] = Math.fround(x[i] * scale) + offset
    return y
  }
  backpropagate(dy, { batch }) {
    const [dx, scale] = [this.#dx.array, Math.fround(this.scale)]
    for (let i = 0; i < batch * this.#size; i++) dx[i] = dy[i] * scale
    return dx
  }
  ownConfig() {
    return { scale: this.scale, offset: this.offset }
  }
}
