// The same training in a page, in a worker and in Node: what comes out is compared bit for bit.

import {
  Conv2D,
  Dense,
  Dropout,
  type EngineOptions,
  Flatten,
  LocallyConnected2D,
  MaxPooling2D,
  normal,
  Sequential,
  stream,
  Tensor,
} from '../../../lib/index.ts'

export interface Result {
  /** Which engine ran, and on how many threads it may. */
  readonly engine: string
  readonly threads: number
  /** The bits of all weights and of the history, as one text. */
  readonly bits: string
}

const activations = ['relu', 'tanh', 'sigmoid', 'softplus', 'elu', 'gelu', 'swish', 'mish'] as const

/** The model's options. */
export type Options = EngineOptions

export async function train(options: Options): Promise<Result> {
  const random = stream(3, 'samples')
  const x = new Tensor(
    [60, 10, 10, 2],
    new Float32Array(60 * 200).map(() => normal(random)),
  )
  const y = new Tensor(
    [60],
    new Float32Array(60).map(() => Math.floor(random() * 10)),
  )
  let bits = ''
  let ran = { engine: '', threads: 0 }
  for (const [i, activation] of activations.entries()) {
    const implementation = ([1, 2, 3] as const)[i % 3]
    const model = new Sequential(
      [
        new LocallyConnected2D({
          filters: 41, // enough work to share
          kernelSize: 3,
          activation,
          implementation,
          inputShape: [10, 10, 2],
        }),
        new Conv2D({ filters: 8, kernelSize: 3, padding: 'same', activation }),
        new MaxPooling2D(),
        new Dropout({ rate: 0.2 }),
        new Flatten(),
        new Dense({ units: 10, activation: 'softmax' }),
      ],
      { seed: 11, ...options },
    )
    model.compile({ optimizer: i % 2 ? 'adam' : 'rmsprop', loss: 'sparse_categorical_crossentropy' })
    const { history } = await model.fit(x, y, { epochs: 2, verbose: 0 })
    ran = { engine: model.engine.name, threads: model.engine.threads }
    for (const weight of model.getWeights()) bits += `${checksum(weight.data)} `
    bits += `${history.loss.join(' ')}\n`
  }
  return { ...ran, bits }
}

/** FNV-1a over the bytes. */
function checksum(numbers: Float32Array): string {
  let hash = 0x811c9dc5
  for (const byte of new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength))
    hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0).toString(16)
}
