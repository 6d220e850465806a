// `node scripts/run-ts.js tests/examples/equal-weights.ts`: the race's nets beside others with as many weights. Its numbers
// stand on the page, where the race says why the dense net is ahead.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import {
  Adam,
  Conv2D,
  Dense,
  Flatten,
  type Layer,
  type Logs,
  MaxPooling2D,
  Sequential,
  setEngineDefaults,
  stream,
  Tensor,
} from 'unshared'
import { copyShifted, readDigits, shuffled } from '../../examples/playground/digits.ts'

setEngineDefaults({ threads: 1 })
const { train, test } = readDigits(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const inputShape = [8, 8, 1]
const [epochs, batch] = [30, 32]

const readOut = () => new Dense({ units: 10, activation: 'softmax' })
const dense = (units: number) => [new Flatten({ inputShape }), new Dense({ units, activation: 'relu' }), readOut()]
const conv = (filters: number, ...more: Layer[]) => [
  new Conv2D({ filters, kernelSize: 3, activation: 'relu', inputShape }),
  ...more,
  new Flatten(),
  readOut(),
]
const kinds: Record<string, () => Layer[]> = {
  dense288: () => dense(288),
  dense40: () => dense(40),
  conv8: () => conv(8),
  conv58: () => conv(58),
  pool32: () => conv(32, new MaxPooling2D({ poolSize: 2 })),
}

/** @returns weights, and the share of test digits read */
function run(kind: string, seed: number, count: number, shifts: boolean): { weights: number; accuracy: number } {
  const net = new Sequential(kinds[kind](), { seed: `${seed}/${kind}` })
  const optimizer = new Adam({ learningRate: 0.003 })
  net.compile({ optimizer, loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = shuffled(count, `${seed}/order/${epoch}`)
    for (let step = 0; step * batch < count; step++) {
      const rows = order.subarray(step * batch, (step + 1) * batch)
      const x = Tensor.zeros([rows.length, ...inputShape])
      const random = stream(seed, 'shift', epoch, step)
      const shift = () => (shifts ? Math.floor(random() * 5) - 2 : 0)
      rows.forEach((row, i) => {
        copyShifted(x.data, i * 64, train.images, row * 64, shift(), shift())
      })
      net.trainOnBatch(x, Tensor.from(Float32Array.from(rows, row => train.labels[row])))
    }
  }
  const logs: Logs = net.testOnBatch(
    new Tensor([test.labels.length, ...inputShape], test.images),
    Tensor.from(test.labels),
  )
  return { weights: net.countParams(), accuracy: logs.accuracy as number }
}

for (const [shifts, count] of [
  [false, 100],
  [false, 1437],
  [true, 1437],
] as const)
  for (const kind of Object.keys(kinds)) {
    const runs = [1, 2, 3].map(seed => run(kind, seed, count, shifts))
    const mean = runs.reduce((sum, { accuracy }) => sum + accuracy, 0) / runs.length
    console.log(
      `${count} ${shifts ? 'moved' : 'centred'} digits, ${kind}: ${runs[0].weights} weights, ${(100 * mean).toFixed(1)} %`,
    )
  }
