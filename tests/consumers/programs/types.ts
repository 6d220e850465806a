// The types, as a program in strict TypeScript sees them.

import { Adam, Dense, type History, LocallyConnected2D, type Model, Sequential, Tensor } from 'unshared'
import { Dense as CoreDense, type Sequential as CoreSequential, relu } from 'unshared/core'
import { oneHot, split } from 'unshared/data'
import { type LoadModelOptions, loadModel } from 'unshared/keras'
import { losses } from 'unshared/names'
import { plotModel } from 'unshared/plot'
import { LowRankLocallyConnected2D } from 'unshared/research'
import 'unshared/simd'
import 'unshared/summary'

const layers = [new LocallyConnected2D({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1] }), new Dense({ units: 2 })]
const model: Sequential = new Sequential(layers, { seed: 7 })
model.compile({ optimizer: new Adam(), loss: 'mse', metrics: ['accuracy'] })
const x = Tensor.zeros([2, 8, 8, 1])
const [[train]] = split([x, oneHot([0, 1], 2)], [0.5])
export const history: Promise<History> = model.fit(x, x, { epochs: 1 })
export const last: Promise<number | undefined> = history.then(({ history }) => history.loss.at(-1))
const options: LoadModelOptions = { timeout: 1000 }
export const loaded: Promise<Model> = loadModel(new Uint8Array(3), options)
class Mine extends Sequential {}
export const same: CoreSequential = new Mine([new CoreDense({ units: 1, activation: relu() })])
export const all = [
  train,
  losses.names,
  plotModel(model),
  new LowRankLocallyConnected2D({ filters: 1, kernelSize: 3, spatialRank: 1 }),
]
