// The models with branches that `npm run test:keras` sends to Keras and back.

import {
  Add,
  Average,
  BatchNormalization,
  type CompileOptions,
  Concatenate,
  Conv2D,
  Dense,
  Dot,
  Flatten,
  GlobalAveragePooling1D,
  input,
  LeakyReLU,
  LocallyConnected1D,
  LocallyConnected2D,
  Maximum,
  Model,
  Multiply,
  type Outputs,
  Sequential,
  TimeDistributed,
} from 'unshared'

function compiled(inputs: Outputs, outputs: Outputs, options: CompileOptions = {}): Model<Outputs> {
  const model = new Model<Outputs>({ inputs, outputs, seed: 11, name: 'graph' })
  model.compile({ optimizer: 'adam', loss: 'mse', ...options })
  return model
}

/** A functional model of two layers, that ends in a convolution without shared weights. */
function part(name: string): Model {
  const x = input({ shape: [6, 2] })
  const local = new LocallyConnected1D({ filters: 3, kernelSize: 2, activation: 'tanh' })
  return new Model({ inputs: x, outputs: new BatchNormalization().apply(local.apply(x)), name })
}

const head = () =>
  new Sequential([new Flatten(), new Dense({ units: 4, activation: 'sigmoid', kernelRegularizer: 'l2' })], {
    name: 'head',
  })

export const graphModels: Readonly<Record<string, () => Model<Outputs>>> = {
  branches() {
    const x = input({ shape: [6, 5, 2], name: 'picture' })
    const local = new LocallyConnected2D({ filters: 3, kernelSize: 3, implementation: 2 }).apply(x)
    const shared = new Conv2D({ filters: 3, kernelSize: 3, useBias: false }).apply(x)
    const merged = [Add, Multiply, Maximum, Average].map(Merge => new Merge().apply([local, shared]))
    const all = new Concatenate({ axis: 2 }).apply([...merged, local])
    const vectors = [local, shared].map(value => new Flatten().apply(value))
    const angle = new Dot({ axes: 1, normalize: true }).apply(vectors)
    const end = new Concatenate().apply([new Flatten().apply(all), angle])
    return compiled(x, new Dense({ units: 3 }).apply(end), { metrics: ['mae'] })
  },

  'a shared layer'() {
    const ends = [input({ shape: [6, 2], name: 'first' }), input({ shape: [6, 2], name: 'second' })]
    const local = new LocallyConnected1D({ filters: 3, kernelSize: 3, activityRegularizer: 'l2' })
    const dense = new Dense({ units: 4, kernelRegularizer: 'l1' })
    const found = ends.map(end => new Flatten().apply(local.apply(end))).map(flat => dense.apply(flat))
    return compiled(ends, new Dot({ axes: -1 }).apply(found), { optimizer: 'sgd' })
  },

  'models in models'() {
    const ends = [input({ shape: [6, 2] }), input({ shape: [6, 2] })]
    const inner = part('inner')
    const last = head()
    const outputs = ends.map(end => last.apply(inner.apply(end)))
    return compiled(ends, new Multiply().apply(outputs), { metrics: ['mae', 'mse'] })
  },

  'inputs and outputs'() {
    const left = input({ shape: [6, 2], name: 'left' })
    const right = input({ shape: [4], name: 'right' })
    const local = new LocallyConnected1D({ filters: 2, kernelSize: 3, strides: 2, name: 'local' }).apply(left)
    const both = new Concatenate().apply([new Flatten().apply(local), right])
    const classes = new Dense({ units: 3, activation: 'softmax', name: 'class' }).apply(both)
    const place = new Dense({ units: 2, name: 'place' }).apply(new Concatenate().apply([both, classes]))
    return compiled([left, right], [classes, place], {
      optimizer: { className: 'RMSprop', config: { momentum: 0.5 } },
      loss: { class: 'categoricalCrossentropy', place: 'huber' },
      lossWeights: { class: 0.5, place: 2 },
      metrics: { class: ['accuracy'], place: ['mae', 'mse'] },
    })
  },

  'steps in time'() {
    const x = input({ shape: [3, 6, 2] })
    const local = new TimeDistributed({ layer: new LocallyConnected1D({ filters: 2, kernelSize: 2 }) }).apply(x)
    const each = new TimeDistributed({ layer: head() }).apply(local)
    return compiled(x, new GlobalAveragePooling1D().apply(each))
  },

  'a frozen part'() {
    const x = input({ shape: [6, 2] })
    const inner = part('base')
    inner.trainable = false
    return compiled(x, head().apply(inner.apply(x)), { optimizer: { className: 'SGD', config: { momentum: 0.5 } } })
  },

  'a layer as activation'() {
    const x = input({ shape: [6, 2] })
    const activation = new LeakyReLU({ alpha: 0.1 })
    const local = new LocallyConnected1D({ filters: 3, kernelSize: 3, implementation: 3, activation }).apply(x)
    const skipped = new Dense({ units: 5, activation: new LeakyReLU() }).apply(new Flatten().apply(x))
    return compiled(x, new Concatenate().apply([new Flatten().apply(local), skipped]), { optimizer: 'sgd' })
  },
}
