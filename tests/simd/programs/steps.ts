// A layer that is run a few times, on as many threads as the environment says.

import { LocallyConnected2D, Tensor } from 'unshared'

const layer = new LocallyConnected2D({ filters: 64, kernelSize: 3, inputShape: [32, 32, 3] })
const x = new Tensor([32, 32, 32, 3], new Float32Array(32 * 32 * 32 * 3).fill(0.5))
let size = 0
for (let i = 0; i < 20; i++) size = layer.forward(x).size
console.log(size)
