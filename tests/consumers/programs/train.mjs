// Trains a small net; the numbers are the same everywhere.

const pictures = Float32Array.from({ length: 64 * 400 }, (_, i) => ((i * 7919) % 101) / 101)
const classes = Array.from({ length: 64 }, (_, i) => i % 3)

/** @param library what `unshared` exports @param threads undefined: the default */
export async function train({ Adam, Dense, Flatten, LocallyConnected2D, Sequential, Tensor }, threads) {
  const x = new Tensor([64, 20, 20, 1], pictures)
  const model = new Sequential(
    [
      new LocallyConnected2D({ filters: 8, kernelSize: 5, activation: 'relu', inputShape: [20, 20, 1] }),
      new Flatten(),
      new Dense({ units: 3, activation: 'softmax' }),
    ],
    { seed: 7, ...(threads && { threads }) },
  )
  const loss = 'sparseCategoricalCrossentropy'
  model.compile({ optimizer: new Adam({ learningRate: 0.01 }), loss, metrics: ['accuracy'] })
  const { history } = await model.fit(x, classes, { epochs: 3, verbose: 0 })
  return { model, x, losses: history.loss }
}
