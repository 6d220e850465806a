// A layer of your own: y = x · scale, with one scale that is learned.
import * as us from 'unshared'

class Scale extends us.Layer {
  readonly className = 'Scale'

  computeOutputShape(inputShape: us.BatchShape) {
    return inputShape
  }

  override weightsFor() {
    return { scale: { shape: [1], initializer: 'ones' } as const }
  }

  forwardInto(y: Float32Array, x: Float32Array, { weights: { scale } }: us.Call) {
    for (let i = 0; i < x.length; i++) y[i] = x[i] * scale.value[0]
  }

  backwardInto(dx: Float32Array, dy: Float32Array, { x, weights: { scale } }: us.Call) {
    scale.grad[0] = 0
    for (let i = 0; i < dy.length; i++) {
      dx[i] = dy[i] * scale.value[0]
      scale.grad[0] += dy[i] * x[i]
    }
  }
}
us.layers.register('Scale', config => new Scale(config)) // so that a config that holds it can be read
console.log('gradients:', us.checkGradients(new Scale(), { inputShape: [3] }).passed)
// prints gradients: true

const model = new us.Sequential([new Scale({ inputShape: [2] })])
model.compile({ optimizer: new us.SGD({ learningRate: 0.1 }), loss: 'mse' })
const data = [us.Tensor.from([[1, 2]]), us.Tensor.from([[5, 10]])] as const
await model.fit(...data, { epochs: 20, verbose: 0 })
console.log('learned:', model.getWeights()[0].item().toFixed(3))
// prints learned: 5.000
console.log('read again:', us.Sequential.fromConfig(model.getConfig()).layers[0].className)
// prints read again: Scale
