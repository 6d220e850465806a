// Training that ends by itself: when the validation loss stops getting better, the best weights come back.
import { Adam, Dense, EarlyStopping, Flatten, ReduceLROnPlateau, Sequential } from 'unshared'
import { loadDigits, splitDigits } from './digits/data.ts'

const { train, test } = splitDigits(loadDigits())
const model = new Sequential(
  [
    new Flatten({ inputShape: [8, 8, 1] }),
    new Dense({ units: 64, activation: 'relu' }),
    new Dense({ units: 10, activation: 'softmax' }),
  ],
  { seed: 1 },
)
model.compile({
  optimizer: new Adam({ learningRate: 0.01 }),
  loss: 'sparseCategoricalCrossentropy',
  metrics: ['accuracy'],
})

const stopping = new EarlyStopping({ patience: 4, restoreBestWeights: true })
const slower = new ReduceLROnPlateau({ factor: 0.3, patience: 2 })
const { history } = await model.fit(train.images, train.labels, {
  epochs: 200,
  validationSplit: 0.2,
  callbacks: [stopping, slower],
  verbose: 0,
})
console.log(`stopped after ${history.loss.length} epochs of 200, best was epoch ${stopping.bestEpoch + 1}`)
console.log('learning rates', [...new Set(history.lr.map(rate => rate.toPrecision(1)))].join(' '))
const { accuracy } = await model.evaluate(test.images, test.labels, { verbose: 0 })
console.log(`test accuracy ${accuracy.toFixed(3)}`)
// prints stopped after 17 epochs of 200, best was epoch 13
// prints learning rates 0.01 0.003 0.0009 0.0003
// prints test accuracy 0.978
