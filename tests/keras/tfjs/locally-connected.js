// LocallyConnected2D for TensorFlow.js: the layer as saveModel(model, 'model.json') has it, implementation 1,
// channels_last, padding 'valid'. Register it before tf.loadLayersModel: tf.serialization.registerClass(LocallyConnected2D).

import * as tf from '@tensorflow/tfjs'

export class LocallyConnected2D extends tf.layers.Layer {
  static className = 'LocallyConnected2D'

  constructor(config) {
    super(config)
    if (config.implementation !== 1 || config.padding !== 'valid' || config.dataFormat !== 'channelsLast')
      throw new Error("LocallyConnected2D: expected implementation 1, padding 'valid', channels_last")
    Object.assign(this, {
      filters: config.filters,
      kernelSize: config.kernelSize,
      strides: config.strides,
      useBias: config.useBias,
      activationName: config.activation,
    })
  }

  computeOutputShape([batch, height, width]) {
    const places = (size, axis) => Math.floor((size - this.kernelSize[axis]) / this.strides[axis]) + 1
    return [batch, places(height, 0), places(width, 1), this.filters]
  }

  build(inputShape) {
    const [, rows, columns] = this.computeOutputShape(inputShape)
    const patch = this.kernelSize[0] * this.kernelSize[1] * inputShape[3]
    const zeros = tf.initializers.zeros()
    this.kernel = this.addWeight('kernel', [rows * columns, patch, this.filters], 'float32', zeros)
    if (this.useBias) this.bias = this.addWeight('bias', [rows, columns, this.filters], 'float32', zeros)
    super.build(inputShape)
  }

  call(inputs) {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs
      const [batch, rows, columns] = this.computeOutputShape(x.shape)
      const [high, wide] = this.kernelSize
      const patches = []
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const corner = [0, row * this.strides[0], column * this.strides[1], 0]
          patches.push(x.slice(corner, [batch, high, wide, x.shape[3]]).reshape([batch, -1]))
        }
      // One matrix product for every place: [places, batch, patch] · [places, patch, filters].
      const products = tf.matMul(tf.stack(patches), this.kernel.read())
      const sums = products.transpose([1, 0, 2]).reshape([batch, rows, columns, this.filters])
      const z = this.useBias ? sums.add(this.bias.read()) : sums
      return this.activationName === 'linear' ? z : tf.layers.activation({ activation: this.activationName }).apply(z)
    })
  }

  getConfig() {
    const { filters, kernelSize, strides, useBias, activationName: activation } = this
    const own = { filters, kernelSize, strides, useBias, activation }
    return { ...super.getConfig(), ...own, padding: 'valid', dataFormat: 'channelsLast', implementation: 1 }
  }
}
