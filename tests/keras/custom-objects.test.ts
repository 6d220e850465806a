// Classes of the user's own for names in a file.

import { describe, expect, test } from '@jest/globals'
import {
  Adam,
  AUC,
  activations,
  Dense,
  ExponentialDecay,
  input,
  L2,
  Lambda,
  type LambdaFunction,
  MaxNorm,
  MeanSquaredError,
  Model,
  RandomNormal,
  Sequential,
  type SymbolicTensor,
  Tensor,
} from 'unshared'
import { type CustomObjects, loadModel, saveModel } from 'unshared/keras'
import { h5File } from '../support/h5-files.ts'

const model = new Sequential([
  new Dense({
    units: 3,
    inputShape: [4],
    kernelInitializer: 'randomNormal',
    kernelRegularizer: 'l2',
    biasConstraint: 'maxNorm',
    activation: 'tanh',
  }),
  new Dense({ units: 1 }),
])
const learningRate = new ExponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 })
model.compile({ optimizer: new Adam({ learningRate }), loss: new MeanSquaredError(), metrics: [new AUC()] })

/** A file in which classes have other names. */
async function renamed(names: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const bytes = await saveModel(model, { format: 'h5' })
  return h5File(root => {
    for (const attribute of ['model_config', 'training_config']) {
      let text = String(root.get_attribute(attribute, false))
      for (const [before, now] of Object.entries(names)) text = text.replace(`"${before}"`, `"${now}"`)
      root.delete_attribute(attribute)
      root.create_attribute(attribute, text, [], 'S')
    }
  }, bytes)
}

const x = new Tensor(
  [2, 4],
  Float32Array.from({ length: 8 }, (_, i) => i / 8),
)
let made: string[] = []
/** A class that does what `Base` does, and notes that it was made. */
function noted<C extends new (options: never) => object>(name: string, Base: C): C {
  return class extends (Base as unknown as new (options: object) => object) {
    constructor(options: object) {
      super(options)
      made.push(name)
    }
  } as unknown as C
}
class Mine extends Sequential {
  readonly isMine = true
}
const all: readonly (readonly [string, string, string, CustomObjects[string]])[] = [
  ['layer', 'Dense', 'MyDense', noted('MyDense', Dense)],
  ['initializer', 'RandomNormal', 'MyNormal', noted('MyNormal', RandomNormal)],
  ['regularizer', 'L2', 'own>MyL2', noted('own>MyL2', L2)],
  ['constraint', 'MaxNorm', 'MyNorm', noted('MyNorm', MaxNorm)],
  [
    'activation',
    'tanh',
    'my_tanh',
    () => {
      made.push('my_tanh')
      return activations.get('tanh')
    },
  ],
  ['optimizer', 'Custom>Adam', 'Custom>MyAdam', noted('Custom>MyAdam', Adam)],
  ['schedule', 'ExponentialDecay', 'MyDecay', noted('MyDecay', ExponentialDecay)],
  ['loss', 'MeanSquaredError', 'MyError', noted('MyError', MeanSquaredError)],
  ['metric', 'AUC', 'MyAUC', noted('MyAUC', AUC)],
]

describe.each(all)('a %s', (_, before, now, maker) => {
  test('is made by the class, or function, of its name; the model predicts and learns on', async () => {
    const bytes = await renamed({ [before]: now })
    made = []
    const loaded = await loadModel(bytes, { customObjects: { [now]: maker } })
    expect(new Set(made)).toEqual(new Set([now]))
    expect(await loaded.predict(x)).toEqual(await model.predict(x))
    await loaded.fit(x, [[1], [0]], { epochs: 1, verbose: 0 })
  })

  test('without it, the error says the way that works', async () => {
    const bytes = await renamed({ [before]: now })
    await expect(loadModel(bytes)).rejects.toThrow(/customObjects/)
    await expect(loadModel(bytes, { customObjects: { [now]: maker, Other: maker } })).rejects.toThrow(
      /^customObjects: expected names that the file uses, received "Other"\. Its classes: .*Sequential/,
    )
    await expect(loadModel(bytes, { customObjects: { [now]: (() => ({})) as never } })).rejects.toThrow(
      /(customObjects\.|kernelInitializer|kernelRegularizer|biasConstraint|activation|learning rate)/,
    )
  })
})

test('a model class: of a name in the file, or in place of Sequential', async () => {
  for (const [bytes, customObjects] of [
    [await renamed({ Sequential: 'Mine' }), { Mine }],
    [await renamed({}), { Sequential: Mine }],
  ] as const) {
    const loaded = await loadModel(bytes, { customObjects })
    expect(loaded).toBeInstanceOf(Mine)
    expect(await loaded.predict(x)).toEqual(await model.predict(x))
  }
  const bytes = await renamed({ Sequential: 'Mine' })
  await expect(loadModel(bytes)).rejects.toThrow(/^class_name: .*"Mine".*customObjects: \{ Mine: … \}/)
  await expect(loadModel(bytes, { customObjects: { Mine: Dense } })).rejects.toThrow(
    /^customObjects\.Mine: expected a class that extends Sequential/,
  )
})

test('Lambda: its code can’t run, the error names the layer and the way', async () => {
  const bytes = await renamed({ Dense: 'Lambda' })
  await expect(loadModel(bytes)).rejects.toThrow(
    /^layer 0 \(dense\): .*"Lambda"\. A file has no function that runs here: customObjects: \{ Lambda: config => new Lambda/,
  )
  expect(await (await loadModel(bytes, { customObjects: { Lambda: Dense } })).predict(x)).toEqual(
    await model.predict(x),
  )
})

test('a custom layer has its name in the file, to which losses and weights refer; a maker cannot give it another', async () => {
  const double: LambdaFunction = {
    forward: (y, [v]) => y.data.set(v.data.map(n => 2 * n)),
    backward: ([dv], dy) => dv.data.set(dy.data.map(n => 2 * n)),
  }
  const a = input({ shape: [3] })
  const [one, two] = ['one', 'two'].map(name => new Lambda({ name, function: double }).apply(a))
  const branches = new Model({ inputs: a, outputs: [one, two] })
  branches.compile({ optimizer: 'sgd', loss: { one: 'mse', two: 'mae' } })
  for (const format of ['keras', 'h5'] as const) {
    const bytes = await saveModel(branches, { format })
    const nameless = () => new Lambda({ function: double })
    const loaded = await loadModel<SymbolicTensor[]>(bytes, { customObjects: { Lambda: nameless } })
    expect(loaded.outputNames).toEqual(['one', 'two'])
    expect(loaded.testOnBatch([[1, 2, 3]], [[[0, 0, 0]], [[1, 1, 1]]])).toEqual(
      branches.testOnBatch([[1, 2, 3]], [[[0, 0, 0]], [[1, 1, 1]]]),
    )
    const renames = () => new Lambda({ name: 'other', function: double })
    await expect(loadModel(bytes, { customObjects: { Lambda: renames } })).rejects.toThrow(
      /customObjects\.Lambda: expected a layer with the file's name one, received "other"\. Pass the config on/,
    )
  }
})

test.each([
  ['a list', []],
  ['nothing', null],
  ['an object in place of a class', { Dense: new Dense({ units: 1 }) }],
  ['__proto__', { constructor: Dense }],
])('customObjects as %s are refused by name', async (_, customObjects) => {
  await expect(loadModel(await renamed({}), { customObjects: customObjects as never })).rejects.toThrow(
    /^customObjects/,
  )
})
