// Two networks against each other: a generator makes digits from noise, a critic tells them from real ones. Both have
// locally connected layers, and train in turn. Run it with `node scripts/run-ts.js examples/gan/main.ts`; options are
// `--seed 2 --epochs 60 --out out/gan`.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  Adam,
  BatchNormalization,
  BinaryCrossentropy,
  Dense,
  Dropout,
  Flatten,
  LeakyReLU,
  LocallyConnected2D,
  normal,
  Reshape,
  Sequential,
  stream,
  Tensor,
} from 'unshared'
import { shuffle } from 'unshared/data'
import { loadDigits } from '../digits/data.ts'
import { type Stage, writeReport } from './report.ts'

const { values: options } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    epochs: { type: 'string', default: '60' },
    out: { type: 'string', default: 'out/gan' },
  },
})
const { seed } = options
const epochs = Number(options.epochs)
const batch = 64
const started = performance.now()
const { images } = loadDigits()

// ---- The two networks -----------------------------------------------------------------------------------------------

const noiseSize = 32
const generator = new Sequential(
  [
    new Dense({ units: 12 * 12 * 4, inputShape: [noiseSize] }),
    new BatchNormalization({ momentum: 0.8 }),
    new LeakyReLU({ alpha: 0.2 }),
    new Reshape({ targetShape: [12, 12, 4] }),
    new LocallyConnected2D({ filters: 8, kernelSize: 3 }),
    new LeakyReLU({ alpha: 0.2 }),
    new LocallyConnected2D({ filters: 1, kernelSize: 3, activation: 'sigmoid' }),
  ],
  { name: 'generator', seed: `${seed}/generator` },
)
const critic = new Sequential(
  [
    new LocallyConnected2D({ filters: 16, kernelSize: 3, inputShape: [8, 8, 1] }),
    new LeakyReLU({ alpha: 0.2 }),
    new Dropout({ rate: 0.3 }),
    new LocallyConnected2D({ filters: 16, kernelSize: 3 }),
    new LeakyReLU({ alpha: 0.2 }),
    new Flatten(),
    new Dropout({ rate: 0.3 }),
    new Dense({ units: 1, activation: 'sigmoid' }),
  ],
  { name: 'critic', seed: `${seed}/critic` },
)

// `compile` fixes what a model trains. So the critic learns when it is trained alone, but not in `gan`, whose loss falls
// only if the generator makes digits that the critic takes for real.
const adam = (learningRate: number) => new Adam({ learningRate, beta1: 0.5 })
critic.compile({ optimizer: adam(0.001), loss: new BinaryCrossentropy({ labelSmoothing: 0.1 }) })
critic.trainable = false
const gan = new Sequential([generator, critic], { name: 'gan', seed: `${seed}/gan` })
gan.compile({ optimizer: adam(0.001), loss: 'binary_crossentropy' })
gan.summary()

// ---- They train in turn ---------------------------------------------------------------------------------------------

const random = stream(seed, 'noise')
const noise = (n: number) =>
  new Tensor(
    [n, noiseSize],
    new Float32Array(n * noiseSize).map(() => normal(random)),
  )
const labels = (value: number) => new Tensor([batch, 1], new Float32Array(batch).fill(value))
const [real, fake] = [labels(1), labels(0)]

const shownNoise = noise(20) // the same for every picture of the report
const stages: Stage[] = [{ epoch: 0, images: generator.predictOnBatch(shownNoise) }]
const losses = { critic: [] as number[], generator: [] as number[] }
const shownEpochs = [1, 5, 20, epochs]

for (let epoch = 1; epoch <= epochs; epoch++) {
  const [digits] = shuffle([images], { seed: `${seed}/order/${epoch}` })
  const steps = Math.floor(images.shape[0] / batch)
  const sums = { critic: 0, generator: 0 }
  for (let step = 0; step < steps; step++) {
    const onReal = critic.trainOnBatch(digits.slice(step * batch, (step + 1) * batch), real)
    const onFake = critic.trainOnBatch(generator.predictOnBatch(noise(batch)), fake)
    sums.critic += (onReal.loss + onFake.loss) / 2
    sums.generator += gan.trainOnBatch(noise(batch), real).loss
  }
  losses.critic.push(sums.critic / steps)
  losses.generator.push(sums.generator / steps)
  console.log(
    `epoch ${epoch}: critic ${(sums.critic / steps).toFixed(3)}, generator ${(sums.generator / steps).toFixed(3)}`,
  )
  if (shownEpochs.includes(epoch)) stages.push({ epoch, images: generator.predictOnBatch(shownNoise) })
}

// ---- What came of it ------------------------------------------------------------------------------------------------

mkdirSync(options.out, { recursive: true })
const path = join(options.out, 'report.html')
const seconds = (performance.now() - started) / 1000
writeReport(path, { gan, images, stages, losses, seed, seconds })
console.log(`report: ${path} (${seconds.toFixed(0)} s)`)
