// LeCun's report of 1989: five nets for 480 pictures of digits. The fewer free weights, the better they generalize.

import { Layer, type Sequential, sizeOf } from 'unshared'
import { readForms } from '../playground/digits-1989.ts'
import { type Recipe, recipe, train1989 } from '../playground/nets-1989.ts'
import { printed } from '../playground/printed-1989.ts'
import { digitsCsv } from './data.ts'
import { type Experiment, type Figure, type Results, seedsFrom } from './experiment.ts'
import { above, equal, estimate, judge, meanOf, near, pointAt, rule, withInterval } from './statistics.ts'

const models = printed.map(({ name }) => name)

/** The connections of a net: one for each use of a weight, biases included. */
export const linksOf = ({ layers }: Sequential): number =>
  layers.reduce((links, layer) => {
    if (!(layer instanceof Layer)) return links
    const biases = layer.parameters.some(({ name }) => name === 'bias') ? sizeOf(layer.outputShape) : 0
    return links + layer.macs + biases
  }, 0)

// ---- Training: the nets, their pictures and the recipe are those of the playground.

export async function train(model: string, seed: number, settings: Recipe) {
  const { net, train, test } = await train1989(model, seed, readForms(digitsCsv()), settings)
  return { weights: net.countParams(), links: linksOf(net), train: 100 * train, test: 100 * test }
}

// ---- Findings.

function findings(results: Results) {
  const test = (model: string) => results.of(model, 'test')
  const means = models.map(model => meanOf(test(model)))
  const counts = (name: string) => models.map(model => results.of(model, name)[0])
  const all = results.seeds.map((_, i) => models.map(model => test(model)[i]))
  const inOrder = all.filter(run => run.every((value, i) => i === 0 || value > run[i - 1])).length
  const lastBest = all.filter(run => Math.max(...run.slice(0, -1)) < run[4]).length
  const distances = printed.map(({ percent }, i) => Math.abs(percent - means[i]))
  const figure: Figure = {
    kind: 'chart',
    label: 'Test digits read correctly by the five nets, in 1989 and here',
    x: { name: '', type: 'category' },
    y: { name: 'per cent correct' },
    series: [
      { name: '1989', isPaper: true, points: printed.map(({ name, percent }) => ({ x: name, y: percent })) },
      { name: 'ours, with 95 % interval', points: models.map(model => pointAt(model, test(model))) },
    ],
  }
  return {
    answer:
      `The nets read ${means.map(mean => mean.toFixed(1)).join(', ')} % of the test digits, in 1989 ` +
      `${printed.map(({ percent }) => percent.toFixed(1)).join(', ')} %. All five are in the order of 1989 in ` +
      `${inOrder} of ${all.length} single runs, and Net-5 alone is best in ${lastBest}: one run says little.`,
    tables: [
      {
        caption: 'Test digits read correctly, in per cent: mean and 95 % interval, and the standard deviation of a run',
        header: ['net', 'links', 'weights', '1989', 'ours', 'sd', 'training digits'],
        rows: printed.map(({ name, percent }, i) => [
          name,
          counts('links')[i].toLocaleString('en'),
          counts('weights')[i].toLocaleString('en'),
          percent.toFixed(1),
          withInterval(test(name)),
          estimate(test(name)).sd.toFixed(1),
          meanOf(results.of(name, 'train')).toFixed(1),
        ]),
      },
    ],
    claims: judge([
      equal(
        'the numbers of weights',
        counts('weights'),
        printed.map(({ weights }) => weights),
      ),
      equal(
        'the numbers of links',
        counts('links'),
        printed.map(({ links }) => links),
      ),
      above('a hidden layer helps: Net-2 above Net-1', test('Net-2'), test('Net-1')),
      above('shared kernels help: Net-4 above Net-3', test('Net-4'), test('Net-3')),
      above('in both layers: Net-5 above Net-4', test('Net-5'), test('Net-4')),
      near('Net-2 and Net-3 within 2 points', test('Net-3'), test('Net-2'), { by: 2 }),
      rule(
        'each mean within 6 points of 1989',
        Math.max(...distances) <= 6,
        `the farthest by ${Math.max(...distances).toFixed(1)} points`,
      ),
    ]),
    figures: [figure],
  }
}

export const experiment: Experiment<Recipe> = {
  name: 'nets-1989',
  title: '1989: five nets, and what weight sharing is worth',
  question:
    'LeCun trained five nets on 320 pictures of digits and tested them on 160 others. Net-1 has no hidden layer, Net-2 ' +
    'a dense one, Net-3 two locally connected ones; Net-4 shares the kernels of its first hidden layer, Net-5 those of ' +
    'both. All learn the training digits. Do fewer free weights generalize better?',
  differences: [
    'The 480 pictures of 1989 are lost. These are of the optdigits forms: a writer for each run (11 of them wrote twelve of every digit), bitmaps of 16 × 13 pixels, four horizontal positions.',
    'The training pictures are drawn at random from all 48 of a digit, as we understand the report, so that many a test picture differs from a training picture by its position only.',
    'Training: Adam (learning rate 0.002, batches of 4, 30 epochs) in place of the methods of the time. The activation 1.7159 tanh(2x/3), targets of ±1 and the range of the initial weights are those of the time.',
  ],
  references: ['lecun1989strategies', 'hastie2009'],
  isDefault: true,
  seconds: 0.4,
  plan: size => ({
    models,
    seeds: size === 'full' ? seedsFrom(2000, 55) : seedsFrom(0, size === 'quick' ? 11 : 2),
    settings: { ...recipe, ...(size === 'mini' && { epochs: 4 }) },
  }),
  findings,
}
