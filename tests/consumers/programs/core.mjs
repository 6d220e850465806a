// `unshared/core`: the same classes; names, the fast engine and summaries by import.

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
  refused(() => model.summary()),
  refused(() => Sequential.fromConfig(model.getConfig())),
]
await import('unshared/simd')
lines.push(new Sequential().engine.name)
await import('unshared/names')
lines.push(Sequential.fromConfig(model.getConfig()).layers[0].activation.className)
await import('unshared/summary')
model.summary({ print: line => /^Total/.test(line) && lines.push(line) })
const whole = await import('unshared')
lines.push(whole.Dense === Dense && whole.Sequential === Sequential)
console.log(JSON.stringify(lines))
