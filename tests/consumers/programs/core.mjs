// `unshared/core`: the same classes, no names, the fast engine by import.

import { Adam, Dense, MeanSquaredError, relu, Sequential, setEngineDefaults } from 'unshared/core'

const refused = run => {
  try {
    run()
    return 'not refused'
  } catch (error) {
    return error.message
  }
}
const model = new Sequential([new Dense({ units: 1, activation: relu(), inputShape: [2] })], { seed: 1 })
model.compile({ optimizer: new Adam(), loss: new MeanSquaredError() })
const loss = await model.trainOnBatch([[1, 2]], [[3]])
const lines = [
  model.engine.name,
  typeof loss,
  refused(() => model.compile({ optimizer: 'adam', loss: new MeanSquaredError() })),
  refused(() => new Dense({ units: 1, activation: 'relu' })),
  refused(() => setEngineDefaults({ engine: 'simd' })),
]
await import('unshared/simd')
lines.push(new Sequential().engine.name)
await import('unshared/names')
lines.push(new Dense({ units: 1, activation: 'relu' }).activation.className)
const whole = await import('unshared')
lines.push(whole.Dense === Dense && whole.Sequential === Sequential)
console.log(JSON.stringify(lines))
