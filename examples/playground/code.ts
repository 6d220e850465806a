// The local net as code, with what is set in the race.

import type { State } from './state.ts'

type Settings = Pick<State, 'seed' | 'optimizer' | 'rate' | 'batch' | 'epochs'>

export function typescriptCode({ seed, optimizer, rate, batch, epochs }: Settings): string {
  const name = { adam: 'Adam', sgd: 'SGD', rmsprop: 'RMSprop' }[optimizer]
  const momentum = optimizer === 'sgd' ? ', momentum: 0.9' : ''
  return `import {
  ${name}, Dense, Flatten, LocallyConnected2D, Sequential,
} from 'unshared'

const model = new Sequential([
  new LocallyConnected2D({ filters: 8, kernelSize: 3,
    activation: 'relu', inputShape: [8, 8, 1] }),
  new Flatten(),
  new Dense({ units: 10, activation: 'softmax' }),
], { seed: '${seed}/local' })
model.compile({
  optimizer: new ${name}({ learningRate: ${rate}${momentum} }),
  loss: 'sparse_categorical_crossentropy',
  metrics: ['accuracy'],
})
await model.fit(images, labels,
  { epochs: ${epochs}, batchSize: ${batch} })
`
}

export function kerasCode({ seed, optimizer, rate, batch, epochs }: Settings): string {
  const name = { adam: 'Adam', sgd: 'SGD', rmsprop: 'RMSprop' }[optimizer]
  const momentum = optimizer === 'sgd' ? ', momentum=0.9' : ''
  return `# Keras 2: Keras 3 has no LocallyConnected2D
import tf_keras as keras

keras.utils.set_random_seed(${seed})
model = keras.Sequential([
    keras.layers.LocallyConnected2D(8, 3,
        activation="relu", input_shape=(8, 8, 1)),
    keras.layers.Flatten(),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.${name}(${rate}${momentum}),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(images, labels, epochs=${epochs}, batch_size=${batch})
`
}
