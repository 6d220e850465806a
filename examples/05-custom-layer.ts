// A layer of your own: y = x · scale, with one scale that is learned.
import * as us from 'unshared'

class Scale extends us.Layer {
  readonly className = 'Scale'
  #scale!: us.Parameter
  #x = new Float32Array(0) as Float32Array
  #y!: us.Block
  #dx!: us.Block

  computeOutputShape(inputShape: us.BatchShape) {
    return inputShape
  }

  protected create(inputShape: us.Shape) {
    this.#scale = this.addWeight('scale', [1], us.initializers.get('ones'))
    this.#y = this.buffer(us.sizeOf(inputShape)) // memory for a batch of samples
    this.#dx = this.gradientBuffer(us.sizeOf(inputShape))
  }

  propagate(x: Float32Array, { batch }: us.Pass) {
    const n = batch * us.sizeOf(this.inputShape)
    for (let i = 0; i < n; i++) this.#y.array[i] = x[i] * this.#scale.value[0]
    this.#x = x // backward needs it
    return this.#y.array
  }

  backpropagate(dy: Float32Array, { batch }: us.Pass) {
    const n = batch * us.sizeOf(this.inputShape)
    const { value, grad } = this.#scale
    grad[0] = 0
    for (let i = 0; i < n; i++) {
      this.#dx.array[i] = dy[i] * value[0]
      grad[0] += dy[i] * this.#x[i]
    }
    return this.#dx.array
  }

  protected ownConfig() {
    return {}
  }
}
us.layers.register('Scale', config => new Scale(config)) // so that a config that holds it can be read
console.log('gradients:', us.checkGradients(new Scale({}), { inputShape: [3] }).passed)
// prints gradients: true

const model = new us.Sequential([new Scale({ inputShape: [2] })])
model.compile({ optimizer: new us.SGD({ learningRate: 0.1 }), loss: 'mse' })
const data = [us.Tensor.from([[1, 2]]), us.Tensor.from([[5, 10]])] as const
await model.fit(...data, { epochs: 20, verbose: 0 })
console.log('learned:', model.getWeights()[0].item().toFixed(3))
// prints learned: 5.000
console.log('read again:', us.Sequential.fromConfig(model.getConfig()).layers[0].className)
// prints read again: Scale
