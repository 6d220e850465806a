// d'Ascoli et al. 2019: train a convolution, then give every position a copy of its kernel, and go on without sharing.

import { Adam, Conv1D, LocallyConnected1D, Sequential, toLocal } from 'unshared'
import { sharing } from 'unshared/research'
import { mnist1d } from './data.ts'
import { type Experiment, type Results, seedsFrom } from './experiment.ts'
import { createNet } from './mnist-1d.ts'
import { above, anyAbove, judge, meanOf, pointAt, rule, withInterval } from './statistics.ts'

interface Settings {
  readonly steps: number
  readonly batchSize: number
  readonly learningRate: number
}

/** The share of the steps before the kernels are given free. */
const times = [0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4]
const nameAt = (time: number) => `relaxed at ${time}`
const models = ['conv', 'local', ...times.map(nameAt)]

/** The same net, with every convolution converted to a locally connected layer. The other layers belong to both. */
const relaxed = (net: Sequential, seed: number): Sequential =>
  new Sequential(
    net.layers.map(layer => (layer instanceof Conv1D ? toLocal(layer) : layer)),
    { seed: `relax/${seed}` },
  )

/** How far the kernels of the positions are from their mean: the mean over the layers. */
const distance = (net: Sequential) =>
  meanOf(net.layers.flatMap(layer => (layer instanceof LocallyConnected1D ? [sharing(layer)] : [])))

export async function train(model: string, seed: number, settings: Settings) {
  const { test, ...data } = mnist1d()
  const { steps, batchSize, learningRate } = settings
  const compile = (net: Sequential) =>
    net.compile({
      optimizer: new Adam({ learningRate }),
      loss: 'sparse_categorical_crossentropy',
      metrics: ['accuracy'],
    })
  const percent = async (net: Sequential) => {
    const { accuracy } = await net.evaluate(test.x, test.y, { batchSize: 250, verbose: 0 })
    return 100 * (accuracy as number)
  }
  const trainFor = async (net: Sequential, epochs: number) => {
    if (epochs === 0) return
    await net.fit(data.train.x, data.train.y, { epochs, stepsPerEpoch: 1, batchSize, verbose: 0 })
  }
  if (model === 'conv' || model === 'local') {
    const net = createNet(model, seed)
    compile(net)
    await trainFor(net, steps)
    return { test: await percent(net), ...(model === 'local' ? { distance: distance(net) } : {}) }
  }
  const time = Number(model.split(' at ')[1])
  const conv = createNet('conv', seed)
  conv.build([null, 40, 1])
  compile(conv)
  await trainFor(conv, time * steps)
  const local = relaxed(conv, seed)
  const [before, after] = [await conv.predict(test.x), await local.predict(test.x)]
  compile(local)
  await trainFor(local, (1 - time) * steps)
  return { equal: Number(before.equals(after)), test: await percent(local), distance: distance(local) }
}

// ---- Findings.

function findings(results: Results) {
  const test = (model: string) => results.of(model, 'test')
  const distances = times.map(time => meanOf(results.of(nameAt(time), 'distance')))
  const equals = times.flatMap(time => results.of(nameAt(time), 'equal'))
  const [conv, local, half] = [test('conv'), test('local'), test(nameAt(1 / 2))]
  const shown = (time: number) =>
    time === 0 ? 'at the start' : `after ${['1/16', '1/8', '1/4', '1/2', '3/4'][times.indexOf(time) - 1]}`
  const level = (values: readonly number[]) => times.map(time => pointAt(shown(time), values))
  return {
    answer:
      `Relaxed after half of the steps, the net classifies ${withInterval(half)} % of the test signals; a locally connected ` +
      `net trained from scratch ${withInterval(local)} %, the convolution ${withInterval(conv)} %.`,
    tables: [
      {
        caption:
          'Test signals of MNIST-1D classified correctly, in per cent, and the distance of the kernels from their mean',
        header: ['kernels are free', 'correct', 'distance at the end'],
        rows: [
          ['from scratch', withInterval(local), meanOf(results.of('local', 'distance')).toFixed(2)],
          ...times.map((time, i) => [shown(time), withInterval(test(nameAt(time))), distances[i].toFixed(2)]),
          ['never: convolution', withInterval(conv), '0.00'],
        ],
      },
    ],
    claims: judge([
      rule(
        'outputs are equal before and after the conversion, bit for bit',
        equals.every(one => one === 1),
        `${equals.filter(one => one === 1).length} of ${equals.length} nets`,
      ),
      above('relaxed after half of the steps above local from scratch', half, local),
      rule(
        'the later the kernels are free, the nearer they stay to their mean',
        distances.every((value, i) => i === 0 || value < distances[i - 1]),
        distances.map(value => value.toFixed(2)).join(', '),
      ),
      anyAbove(
        'at some time, relaxed above the convolution',
        times.map(time => test(nameAt(time))),
        conv,
      ),
    ]),
    figures: [
      {
        kind: 'chart' as const,
        label: 'MNIST-1D: accuracy of nets whose kernels stop being shared after a part of the training',
        x: { name: 'part of the steps before the kernels are free', type: 'category' as const },
        y: { name: 'per cent correct' },
        series: [
          { name: 'relaxed', points: times.map(time => pointAt(shown(time), test(nameAt(time)))) },
          { name: 'local from scratch', points: level(local) },
          { name: 'convolution', points: level(conv) },
        ],
      },
    ],
  }
}

export const experiment: Experiment<Settings> = {
  name: 'relax',
  title: 'A convolution set free',
  question:
    'A locally connected net can compute whatever a convolution computes, but training doesn’t find it. d’Ascoli et al. train ' +
    'a convolution for a while, convert it to a net without sharing that computes the same, and train on. They report that such ' +
    'nets stay near the convolution and end above nets that never shared; for some times even above the convolution. ' +
    'What comes out on MNIST-1D?',
  differences: [
    'The data are MNIST-1D, with the nets of the experiment “MNIST-1D: the missing row”, 800 steps of 100 signals. The paper has other nets and CIFAR-10, and mostly converts to dense layers.',
    'Adam with a learning rate of 0.003, which starts anew after the conversion; the paper has plain gradient descent, which has no state.',
    'The paper’s percentages are in no text that we could read.',
  ],
  references: ['dascoli2019'],
  isDefault: true,
  seconds: 3,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 10) : seedsFrom(0, size === 'quick' ? 2 : 1),
    settings: { steps: { full: 800, quick: 320, mini: 16 }[size], batchSize: 100, learningRate: 0.003 },
  }),
  findings,
}
