// What regularizers and constraints do, seen in the weights: the same training five times.
import { Dense, type DenseOptions, Sequential, SGD, stream, Tensor } from 'unshared'

const random = stream('data')
const inputs = Array.from({ length: 200 }, () => Array.from({ length: 4 }, () => 2 * random() - 1))
const x = Tensor.from(inputs)
const y = Tensor.from(inputs.map(([a, b]) => [3 * a - 2 * b])) // the third and fourth input say nothing

const variants: Record<string, Partial<DenseOptions>> = {
  plain: {},
  'l1, which makes small weights 0': { kernelRegularizer: { className: 'L1', config: { l1: 0.3 } } },
  'l2, which makes all smaller': { kernelRegularizer: { className: 'L2', config: { l2: 0.3 } } },
  'no negative weights': { kernelConstraint: 'nonNeg' },
  'a norm of at most 1': { kernelConstraint: { className: 'MaxNorm', config: { maxValue: 1 } } },
}

for (const [name, options] of Object.entries(variants)) {
  const model = new Sequential([new Dense({ units: 1, inputShape: [4], ...options })], { seed: 1 })
  model.compile({ optimizer: new SGD({ learningRate: 0.1 }), loss: 'mse' })
  await model.fit(x, y, { epochs: 40, verbose: 0 })
  const weights = Array.from(model.getWeights()[0].data, weight => weight.toFixed(1).replace('-0.0', '0.0'))
  console.log(`${name}: ${weights.join(' ')}`)
}
// prints plain: 3.0 -2.0 0.0 0.0
// prints l1, which makes small weights 0: 2.6 -1.6 0.0 0.0
// prints l2, which makes all smaller: 1.6 -1.1 -0.1 0.2
// prints no negative weights: 3.0 0.0 0.1 0.2
// prints a norm of at most 1: 0.8 -0.6 -0.1 0.1
