// One layer, three ways to compute it: they store their weights differently, and agree to the last bit.
import { LocallyConnected2D, stream, Tensor } from 'unshared'

const random = stream('input')
const x = Tensor.from(Array.from({ length: 2 * 6 * 6 }, () => random())).reshape([2, 6, 6, 1])

const loop = new LocallyConnected2D({
  filters: 2,
  kernelSize: 3,
  strides: 3,
  kernelInitializer: { className: 'GlorotUniform', config: { seed: 1 } },
})
const y = loop.forward(x)

for (const implementation of [1, 2, 3] as const) {
  const layer = loop.withImplementation(implementation)
  const [kernel] = layer.parameters
  const same = layer.forward(x).equals(y)
  console.log(
    `implementation ${implementation}: kernel [${kernel.shape.join(', ')}], ${kernel.size} numbers, same bits: ${same}`,
  )
}
// prints implementation 1: kernel [4, 9, 2], 72 numbers, same bits: true
// prints implementation 2: kernel [6, 6, 1, 2, 2, 2], 288 numbers, same bits: true
// prints implementation 3: kernel [72], 72 numbers, same bits: true
