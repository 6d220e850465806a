// A designed net as a program: for this library, and for Keras 2.

import type { NetName } from '../nets.ts'
import type { RaceSettings } from '../race.ts'
import { type Design, sizesOf } from './design.ts'

type Look = { readonly side: number; readonly classes: number }
type Written = Pick<RaceSettings, 'seed' | 'optimizer' | 'rate' | 'batch'> & { readonly epochs: number }

const optimizers = { adam: 'Adam', sgd: 'SGD', rmsprop: 'RMSprop' }
const windowed = { local: 'LocallyConnected2D', conv: 'Conv2D' }
const poolings = { none: null, max: 'MaxPooling2D', average: 'AveragePooling2D' }

/** The design as a module: a function that trains the net and returns it. */
export function designInTypescript(name: NetName, design: Design, look: Look, settings: Written): string {
  const { window, step, activation, pooling, l2, dropout } = design
  const { seed, optimizer, rate, batch, epochs } = settings
  const { side, classes } = look
  const penalty = l2 > 0 ? `, kernelRegularizer: new L2({ l2: ${l2} })` : ''
  const start = `inputShape: [${side}, ${side}, 1]`
  const hidden = sizesOf(design, look)[name].widths.map((width, i) => {
    if (name === 'dense') return `new Dense({ units: ${width}, activation: '${activation}'${penalty} }),`
    const strides = step > 1 ? `, strides: ${step}` : ''
    const first = i === 0 ? `, ${start}` : ''
    return `new ${windowed[name]}({ filters: ${width}, kernelSize: ${window}${strides}, activation: '${activation}'${penalty}${first} }),`
  })
  const Pooling = name === 'dense' ? null : poolings[pooling]
  const layers = [
    ...(name === 'dense' ? [`new Flatten({ ${start} }),`] : []),
    ...hidden,
    ...(Pooling ? [`new ${Pooling}({ poolSize: 2 }),`] : []),
    ...(name === 'dense' ? [] : ['new Flatten(),']),
    ...(dropout > 0 ? [`new Dropout({ rate: ${dropout} }),`] : []),
    `new Dense({ units: ${classes}, activation: 'softmax'${penalty} }),`,
  ]
  const Optimizer = optimizers[optimizer]
  const momentum = optimizer === 'sgd' ? ', momentum: 0.9' : ''
  const text = layers.join('\n')
  const used = [Optimizer, 'AveragePooling2D', 'Conv2D', 'Dense', 'Dropout', 'Flatten', 'L2', 'LocallyConnected2D']
    .concat('MaxPooling2D')
    .filter(each => each === Optimizer || text.includes(`new ${each}(`))
  return `import { ${[...used, 'Sequential', 'type Tensor'].join(', ')} } from 'unshared'

export const model = new Sequential([
${layers.map(line => `  ${line}`).join('\n')}
], { seed: '${seed}/${name}' })

model.compile({
  optimizer: new ${Optimizer}({ learningRate: ${rate}${momentum} }),
  loss: 'sparse_categorical_crossentropy',
  metrics: ['accuracy'],
})

/** Pictures [n, ${side}, ${side}, 1] from 0 to 1, and their classes [n] from 0 to ${classes - 1}. */
export const train = (images: Tensor, labels: Tensor) =>
  model.fit(images, labels, { epochs: ${epochs}, batchSize: ${batch} })
`
}

/** The same for Keras 2: Keras 3 has no LocallyConnected2D. */
export function designInKeras(name: NetName, design: Design, look: Look, settings: Written): string {
  const { window, step, activation, pooling, l2, dropout } = design
  const { seed, optimizer, rate, batch, epochs } = settings
  const { side, classes } = look
  const penalty = l2 > 0 ? `, kernel_regularizer=keras.regularizers.L2(${l2})` : ''
  const start = `input_shape=(${side}, ${side}, 1)`
  const hidden = sizesOf(design, look)[name].widths.map((width, i) => {
    if (name === 'dense') return `Dense(${width}, activation="${activation}"${penalty})`
    const strides = step > 1 ? `, strides=${step}` : ''
    const first = i === 0 ? `, ${start}` : ''
    return `${windowed[name]}(${width}, ${window}${strides}, activation="${activation}"${penalty}${first})`
  })
  const Pooling = name === 'dense' ? null : poolings[pooling]
  const layers = [
    ...(name === 'dense' ? [`Flatten(${start})`] : []),
    ...hidden,
    ...(Pooling ? [`${Pooling}(2)`] : []),
    ...(name === 'dense' ? [] : ['Flatten()']),
    ...(dropout > 0 ? [`Dropout(${dropout})`] : []),
    `Dense(${classes}, activation="softmax"${penalty})`,
  ]
  const momentum = optimizer === 'sgd' ? ', momentum=0.9' : ''
  return `# Keras 2: Keras 3 has no LocallyConnected2D
import tf_keras as keras

keras.utils.set_random_seed(${seed})
model = keras.Sequential([
${layers.map(line => `    keras.layers.${line},`).join('\n')}
])
model.compile(
    optimizer=keras.optimizers.${optimizers[optimizer]}(${rate}${momentum}),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)


def train(images, labels):
    """Pictures (n, ${side}, ${side}, 1) from 0 to 1, and their classes (n,) from 0 to ${classes - 1}."""
    return model.fit(images, labels, epochs=${epochs}, batch_size=${batch})
`
}
