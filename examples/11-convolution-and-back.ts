// A convolution becomes a locally connected layer, learns to tell its places apart, and is averaged back.
import { Conv2D, type LocallyConnected2D, Sequential, stream, Tensor, toConv, toLocal } from 'unshared'

const random = stream('pictures')
const x = Tensor.from(Array.from({ length: 50 * 36 }, () => random())).reshape([50, 6, 6, 1])
const conv = new Conv2D({
  filters: 1,
  kernelSize: 3,
  kernelInitializer: { className: 'GlorotUniform', config: { seed: 1 } },
})
const shared = conv.forward(x)

const local = toLocal(conv)
console.log(`${conv.countParams()} weights became ${local.countParams()}`)
console.log('same outputs:', local.forward(x).equals(shared))
// prints 10 weights became 160
// prints same outputs: true

// what the places should say: the same as before in the upper half of the picture, the opposite in the lower
const y = new Tensor(
  shared.shape,
  shared.data.map((value, i) => (i % 16 < 8 ? value : -value)),
)
const model = new Sequential([toLocal(conv)], { seed: 1 })
model.compile({ optimizer: { className: 'Adam', config: { learningRate: 0.02 } }, loss: 'mse' })
await model.fit(x, y, { epochs: 150, verbose: 0 })
const learned = model.layers[0] as LocallyConnected2D
const error = (layer: Conv2D | LocallyConnected2D) => {
  const d = layer.forward(x).data.map((value, i) => value - y.data[i])
  return Math.sqrt(d.reduce((sum, value) => sum + value * value, 0) / d.length).toFixed(2)
}
console.log('error of the local layer:', error(learned))

const { layer, spread } = toConv(learned)
console.log('error of the mean over its places:', error(layer))
console.log('the places differ by', spread.kernel.relative.toFixed(2), 'of their size')
// prints error of the local layer: 0.04
// prints error of the mean over its places: 0.90
// prints the places differ by 0.99 of their size
