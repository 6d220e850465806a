// Pogodin et al. 2021: a locally connected net becomes nearly convolutional if now and then, in a "sleep phase", all
// positions take the mean of their kernels.

import { Adam, type Tensor } from 'unshared'
import { ShareWeights, startShared } from 'unshared/research'
import { mnist1d } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { createNet } from './mnist-1d.ts'
import { above, judge, near, pointAt, withInterval } from './statistics.ts'

interface Settings {
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
}

/** Steps from one sharing to the next. 'never': only once, at the end, to see what is lost. */
const intervals = ['1', '10', '100', 'never'] as const
const models = ['conv', ...intervals.map(every => `local, ${every}`)]

export async function train(model: string, seed: number, { steps, batchSize, learningRate }: Settings) {
  const { train, test } = mnist1d()
  const [kind, every] = model.split(', ') as ['conv'] | ['local', (typeof intervals)[number]]
  const net = createNet(kind, seed)
  net.compile({ optimizer: new Adam({ learningRate }), loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
  const percent = async () => {
    const { accuracy } = await net.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
    return 100 * (accuracy as number)
  }
  const options = { epochs: steps / (train.x.shape[0] / batchSize), batchSize, verbose: 0 } as const
  if (!every) {
    await net.fit(train.x, train.y, options)
    return { after: await percent() }
  }
  net.build([null, 40, 1])
  startShared(net) // the same kernel at all positions: the mean of independent ones would be far too small
  let awake: Tensor[] = []
  let step = 0
  const keep = {
    onTrainBatchEnd() {
      if (++step === steps) awake = net.getWeights() // just before the last sharing
    },
  }
  const share = new ShareWeights({ every: every === 'never' ? steps : Number(every) })
  await net.fit(train.x, train.y, { ...options, callbacks: [keep, share] })
  const after = await percent()
  net.setWeights(awake)
  return { before: await percent(), after }
}

// ---- Findings.

function findings(results: Results) {
  const before = (every: string) => results.of(`local, ${every}`, 'before')
  const after = (every: string) => results.of(`local, ${every}`, 'after')
  const conv = results.of('conv', 'after')
  const never = before('never')
  const points = (of: (every: string) => readonly number[]) => intervals.map(every => pointAt(every, of(every)))
  const convPoint = (x: string) => pointAt(x, conv)
  return {
    answer:
      `The convolution classifies ${withInterval(conv)} % of the test signals. Locally connected layers that share every 10 ` +
      `steps have ${withInterval(before('10'))} % just before a sharing and ${withInterval(after('10'))} % just after; those ` +
      `that never share, ${withInterval(never)} %.`,
    tables: [
      {
        caption: 'Test signals of MNIST-1D classified correctly, in per cent, with 95 % interval',
        header: ['sharing every', 'just before a sharing', 'just after'],
        rows: [
          ...intervals.map(every => [
            every === 'never' ? 'never; once at the end' : every === '1' ? '1 step' : `${every} steps`,
            withInterval(before(every)),
            withInterval(after(every)),
          ]),
          ['convolution', '', withInterval(conv)],
        ],
      },
    ],
    claims: judge([
      near('sharing every 10 steps: within 2 points of the convolution', after('10'), conv, { by: 2 }),
      above('the convolution above never sharing, by 3 points', conv, never, { by: 3 }),
      above('sharing every 10 steps above never sharing, by 3 points', after('10'), never, { by: 3 }),
      above('every 10 steps: just after a sharing above just before', after('10'), before('10')),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'MNIST-1D: accuracy by the number of steps from one sharing of the kernels to the next',
        x: { name: 'steps from one sharing to the next', type: 'category' as const },
        y: { name: 'per cent correct' },
        series: [
          { name: 'just before a sharing', points: points(before) },
          { name: 'just after', points: points(after).filter(({ x }) => x !== 'never') },
          { name: 'convolution', points: intervals.map(convPoint) },
        ],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'sleep',
  title: 'Sharing the weights in sleep',
  question:
    'A brain can’t share weights between places. Pogodin et al. let a locally connected net train freely, and every few ' +
    'steps give all positions the mean of their kernels: what the brain might do in sleep. They report nearly convolutional ' +
    'performance. How much of the gap between local and shared kernels does this close, and how often must it happen?',
  differences: [
    'The data are MNIST-1D, with the nets of the experiment “MNIST-1D: the missing row”, 800 steps of 100 signals, Adam with a learning rate of 0.01; the paper trains ResNets on CIFAR and ImageNet. Its tables are in no text that we could read, so none of its numbers stand here.',
    'Kernels are averaged at once, as in a variant of the paper’s code. Its Hebbian rule for it is not tried.',
    'All positions start with the same kernel and bias. The mean of P independent kernels is √P times too small; in the paper, batch normalization makes up for this.',
  ],
  references: ['pogodin2021'],
  isDefault: true,
  seconds: 3,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 10) : seedsFrom(0, 2),
    settings: { steps: { full: 800, quick: 200, mini: 40 }[size], batchSize: 100, learningRate: 0.01 },
  }),
  findings,
}
