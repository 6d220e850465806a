// The five nets of LeCun's report of 1989, and their training. ../papers repeats the report with them, run by run.

import {
  Activation,
  Adam,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  LocalBias,
  LocallyConnected2D,
  type Logs,
  RandomUniform,
  Sequential,
  ZeroPadding2D,
} from 'unshared'
import { scaledTanh } from 'unshared/research'
import type { Pictures } from './digits.ts'
import { pictures1989 } from './digits-1989.ts'

// Every hidden unit sees a window of the map before; on the right and below, windows reach over the border.

/** Weights start at random within ±2.4 over the number of inputs of a unit, its bias counted. */
const start = (inputs: number) => new RandomUniform({ minval: -2.4 / (inputs + 1), maxval: 2.4 / (inputs + 1) })
const dense = (units: number, inputs: number) =>
  new Dense({ units, activation: scaledTanh, kernelInitializer: start(inputs) })

/** Adds rows and columns, so that windows in steps of two have as many positions as half the rows. */
const pad = (before: number, after: number) =>
  new ZeroPadding2D({
    padding: [
      [before, after],
      [before, after],
    ],
  })

/** One map, each unit with a kernel of its own. */
const local = (kernelSize: number, maps: number) =>
  new LocallyConnected2D({
    filters: 1,
    kernelSize,
    strides: 2,
    activation: scaledTanh,
    kernelInitializer: start(kernelSize ** 2 * maps),
  })

/** Maps with a kernel for all units, and a bias for each unit. */
const shared = (filters: number, kernelSize: number, maps: number): Layer[] => [
  new Conv2D({ filters, kernelSize, strides: 2, useBias: false, kernelInitializer: start(kernelSize ** 2 * maps) }),
  new LocalBias(),
  new Activation({ activation: scaledTanh }),
]

const layers: Readonly<Record<string, () => Layer[]>> = {
  'Net-1': () => [new Flatten(), dense(10, 256)],
  'Net-2': () => [new Flatten(), dense(12, 256), dense(10, 12)],
  'Net-3': () => [pad(0, 1), local(3, 1), pad(1, 2), local(5, 1), new Flatten(), dense(10, 16)],
  'Net-4': () => [pad(0, 1), ...shared(2, 3, 1), pad(1, 2), local(5, 2), new Flatten(), dense(10, 16)],
  'Net-5': () => [pad(0, 1), ...shared(2, 3, 1), pad(1, 2), ...shared(4, 5, 2), new Flatten(), dense(10, 64)],
}

export function createNet1989(model: string, seed: number): Sequential {
  const net = new Sequential(layers[model](), { seed: `nets-1989/${seed}/${model}` })
  net.build([null, 16, 16, 1])
  return net
}

export interface Recipe {
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
}

/** That of docs/papers.md. */
export const recipe: Recipe = { epochs: 30, batchSize: 4, learningRate: 0.002 }

export interface Found1989 {
  readonly net: Sequential
  /** Shares of pictures read correctly. */
  readonly train: number
  readonly test: number
}

/** @param epochEnds is awaited after each epoch */
export async function train1989(
  model: string,
  seed: number,
  forms: readonly Pictures[],
  { epochs, batchSize, learningRate }: Recipe = recipe,
  epochEnds: (epoch: number, logs: Logs) => void | Promise<void> = () => {},
): Promise<Found1989> {
  const { train, test } = pictures1989(forms, seed)
  const net = createNet1989(model, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'mse', metrics: ['categorical_accuracy'] })
  await net.fit(...train, { epochs, batchSize, verbose: 0, callbacks: [{ onEpochEnd: epochEnds }] })
  const share = async ([x, y]: typeof train) =>
    (await net.evaluate(x, y, { verbose: 0 })).categorical_accuracy as number
  return { net, train: await share(train), test: await share(test) }
}
