// What the playground says and computes, without a page.

import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { Conv2D, Dense, Flatten, LocallyConnected2D, Sequential, Tensor } from 'unshared'
import { kerasCode, typescriptCode } from '../../examples/playground/code.ts'
import { contributions } from '../../examples/playground/contributions.ts'
import { countsOf, kerasSummary, type Look, outputSide } from '../../examples/playground/counts.ts'
import { copyShifted, readDigits, shiftAll } from '../../examples/playground/digits.ts'
import { readForms } from '../../examples/playground/digits-1989.ts'
import { Experiment, mostBytes } from '../../examples/playground/experiment.ts'
import { addMeasured, type Measured, mostKept } from '../../examples/playground/measured.ts'
import { compareNeighbours } from '../../examples/playground/neighbours.ts'
import { createNet, netNames } from '../../examples/playground/nets.ts'
import { createNet1989, recipe, train1989 } from '../../examples/playground/nets-1989.ts'
import { placeRules, placeTask } from '../../examples/playground/place-rules.ts'
import { printed } from '../../examples/playground/printed-1989.ts'
import { Race, type RaceSettings, readPicture } from '../../examples/playground/race.ts'
import { type RunNews, Runs, type Work } from '../../examples/playground/runs.ts'
import { summarize } from '../../examples/playground/runs-1989.ts'
import { share, tie, untie } from '../../examples/playground/sharing.ts'
import { readState, screenNames, start, writeState } from '../../examples/playground/state.ts'
import { type Stroke, toPixels } from '../../examples/playground/strokes.ts'
import { en, type Key } from '../../examples/playground/texts/en.ts'
import { zh } from '../../examples/playground/texts/zh.ts'
import { zhTW } from '../../examples/playground/texts/zh-tw.ts'
import { drawings } from '../browser/playground/drawings.ts'

const csv = gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString()
const data = readDigits(csv)
const settings: RaceSettings = { seed: 1, optimizer: 'adam', rate: 0.003, batch: 32, train: 200, shifts: false }

test('docs/playground.html is what examples/playground gives, and under 420 KB', () => {
  execFileSync(process.execPath, ['scripts/build-playground.js', '--check'])
  expect(readFileSync('docs/playground.html').length).toBeLessThan(420_000)
}, 30_000)

describe('texts', () => {
  const folder = 'examples/playground'
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.startsWith('texts'))
    .map(name => readFileSync(`${folder}/${name}`, 'utf8'))
    .join('\n')
  /** What stands for a part of a key; where it is not listed, any word. */
  const parts: Record<string, string> = {
    wiring: 'dense|valid|same|conv',
    kind: 'links|weights|macs|loss|accuracy|testLoss|testAccuracy',
    what: 'loss|accuracy',
    how: 'share|untie',
    screen: screenNames.join('|'),
    phase: 'running|paused|stopped|done|failed',
    option: '[123]',
    correct: '[123]',
    key: 'bar[.]undo|bar[.]redo',
  }
  const patterns = [...sources.matchAll(/(['`])((?:\w+|\$\{\w+\})\.(?:[\w.]|\$\{[^}]*\})+)\1/g)].map(([, , key]) => {
    const pattern = key
      .replaceAll('.', '\\.')
      .replace(/\$\{([^}]*)\}/g, (_, value: string) => `(${parts[value] ?? '\\w+'})`)
    return new RegExp(`^${pattern}$`)
  })
  const frame = new RegExp(`^(${screenNames.join('|')})\\.(name|title|lead)$`)

  test('all languages have the same keys, none empty', () => {
    for (const texts of [zh, zhTW]) expect(Object.keys(texts).sort()).toEqual(Object.keys(en).sort())
    for (const texts of [en, zh, zhTW]) for (const text of Object.values(texts)) expect(text.trim()).not.toBe('')
  })

  test('the traditional text is in traditional characters and in the terms of Taiwan', () => {
    const all = Object.values(zhTW).join('')
    expect(all).not.toMatch(/[连网络训练权测验图误层层开关时数学习个们这为过]/)
    for (const term of ['局部連接', '全連接', '權重', '卷積', '像素', '影像', '參數', '網路', '學習單'])
      expect(all).toContain(term)
    for (const term of ['網絡', '圖像', '參數量化', '缺省', '像元', '區域性', '畫素']) expect(all).not.toContain(term)
  })

  test('every key is used', () => {
    const unused = Object.keys(en).filter(key => ![frame, ...patterns].some(pattern => pattern.test(key)))
    expect(unused).toEqual([])
  })

  test('all languages have the same values and the same emphasis', () => {
    for (const key of Object.keys(en) as Key[]) {
      const marks = (text: string) => [...text.matchAll(/\{\w+\}|\*\*/g)].map(String).sort()
      for (const texts of [zh, zhTW]) expect({ key, marks: marks(texts[key]) }).toEqual({ key, marks: marks(en[key]) })
    }
  })
})

describe('the address', () => {
  test('keeps what differs from the start, and gives it back', () => {
    const state = { ...start, screen: 'race', lang: 'zh', seed: 7, rate: 0.01, dx: -2 } as const
    expect(writeState(state)).toBe('#screen=race&lang=zh&seed=7&rate=0.01&dx=-2')
    expect(readState(writeState(state))).toEqual(state)
  })

  test('wrong values count as not there', () => {
    expect(readState('#screen=nowhere&seed=-1&rate=0.004&row=6&dx=x&unknown=1')).toEqual(start)
    expect(readState('', { lang: 'zh' }).lang).toBe('zh')
  })
})

describe('counts', () => {
  const looks: Look[] = [
    { size: 8, kernel: 3, stride: 1, filters: 8, padding: 'valid' },
    { size: 9, kernel: 4, stride: 2, filters: 3, padding: 'same' },
    { size: 12, kernel: 5, stride: 3, filters: 2, padding: 'valid' },
  ]
  test.each(looks)('are those of the library: %j', look => {
    const { size, kernel: kernelSize, stride: strides, filters, padding } = look
    const inputShape = [size, size, 1]
    const layers = {
      dense: [new Flatten({ inputShape }), new Dense({ units: outputSide(look) ** 2 * filters })],
      local: [new LocallyConnected2D({ filters, kernelSize, strides, padding, implementation: 2, inputShape })],
      conv: [new Conv2D({ filters, kernelSize, strides, padding, inputShape })],
    }
    const counts = countsOf(look)
    const side = outputSide(look)
    expect(new Sequential(layers.conv).outputShape).toEqual([null, side, side, filters])
    expect(new Sequential(layers.dense).countParams()).toBe(counts.dense.weights)
    expect(new Sequential(layers.conv).countParams()).toBe(counts.conv.weights)
    // Of padded windows, implementation 3 stores what is inside of the picture.
    const implementation = padding === 'valid' ? 1 : 3
    const local = new LocallyConnected2D({ filters, kernelSize, strides, padding, implementation, inputShape })
    expect(new Sequential([local]).countParams()).toBe(counts.local.weights)
    expect([counts.conv.links, counts.conv.macs]).toEqual([counts.local.links, counts.local.macs])
    expect(kerasSummary(look)).toContain(` ${counts.local.weights}\n`)
  })

  test('the formulas give their numbers', () => {
    for (const look of looks)
      for (const { formula, weights } of Object.values(countsOf(look))) {
        const value = formula
          .split('+')
          .reduce((sum, term) => sum + term.split('·').reduce((product, n) => product * Number(n), 1), 0)
        expect(value).toBe(weights)
      }
  })

  test('where no window fits there is no place', () => {
    expect(outputSide({ ...looks[0], size: 4, kernel: 5 })).toBe(0)
  })
})

describe('the race', () => {
  test('is the same for the same seed, and another for another', () => {
    const run = (seed: number) => {
      const race = new Race({ ...settings, seed, shifts: true }, data)
      race.trainEpoch()
      race.trainBatch()
      return [race.history, race.latest]
    }
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
  })

  test('begins near ln 10, and learns', () => {
    const race = new Race({ ...settings, train: 1437 }, data)
    for (let epoch = 0; epoch < 10; epoch++) race.trainEpoch()
    expect(race.epoch).toBe(10)
    for (const measure of Object.values(race.history[0].nets))
      expect(Math.abs(measure.testLoss - Math.log(10))).toBeLessThan(0.25)
    for (const measure of Object.values(race.history[10].nets)) expect(measure.testAccuracy).toBeGreaterThan(0.9)
  })

  test('batches make an epoch', () => {
    const race = new Race(settings, data)
    expect(race.steps).toBe(7)
    for (let step = 0; step < 7; step++) race.trainBatch()
    expect([race.epoch, race.step]).toEqual([1, 0])
  })
})

describe('the experiment', () => {
  const begun = () => new Experiment(settings, data)
  /** All that a race goes on from, as a text: equal texts are equal bits. */
  const bits = ({ race }: Experiment) =>
    JSON.stringify(race.state(), (_, value) => (ArrayBuffer.isView(value) ? [...new Uint32Array(value.buffer)] : value))
  const train = (experiment: Experiment, batches: number) => {
    experiment.keep('train')
    for (let i = 0; i < batches; i++) experiment.trainBatch()
  }

  test.each(['adam', 'sgd', 'rmsprop'] as const)(
    'undo and redo restore every bit, and training goes on alike: %s',
    optimizer => {
      const experiment = new Experiment({ ...settings, optimizer }, data)
      const untrained = bits(experiment)
      train(experiment, 10) // into the second epoch
      const middle = bits(experiment)
      train(experiment, 9)
      const later = bits(experiment)
      experiment.undo()
      expect(bits(experiment)).toBe(middle)
      experiment.undo()
      expect(bits(experiment)).toBe(untrained)
      expect([experiment.undoes, experiment.redoes]).toEqual([null, 'train'])
      experiment.redo()
      expect(bits(experiment)).toBe(middle)
      train(experiment, 9)
      expect(bits(experiment)).toBe(later)
      expect(experiment.redoes).toBeNull()
    },
  )

  test('other settings can be undone, with the epochs and curves of before', () => {
    const experiment = begun()
    train(experiment, 8)
    const before = bits(experiment)
    const { version } = experiment
    experiment.begin('settings', { ...settings, seed: 2, optimizer: 'sgd' })
    train(experiment, 1)
    expect(experiment.version).not.toBe(version)
    experiment.undo()
    experiment.undo()
    expect(bits(experiment)).toBe(before)
    expect(experiment.version).toBe(version)
    expect(experiment.race.settings).toEqual(settings)
    expect(experiment.race.history).toHaveLength(2)
  })

  test('scores are those of the nets as they are, after every batch and every change', async () => {
    const experiment = begun()
    const { race } = experiment
    const expectNow = async () => {
      for (const name of netNames) {
        const fresh = createNet(name, 1)
        fresh.compile({ loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
        fresh.setWeights(race.nets[name].getWeights())
        const { images, labels } = data.test
        const x = new Tensor([labels.length, 8, 8, 1], images)
        const found = await fresh.evaluate(x, Tensor.from(labels), { batchSize: labels.length, verbose: 0 })
        expect(race.scores[name]).toEqual(found)
      }
    }
    await expectNow()
    for (const batches of [1, 1, 5, 3]) {
      train(experiment, batches)
      await expectNow()
    }
    experiment.change('share', ({ local }) => share(local))
    await expectNow()
    experiment.undo()
    await expectNow()
  })

  test('the history is bounded in bytes, and what is oldest goes first', () => {
    const experiment = begun()
    for (let i = 0; i < 100; i++) train(experiment, 1)
    expect(experiment.bytes).toBeLessThanOrEqual(mostBytes)
    let undone = 0
    for (; experiment.undoes; undone++) experiment.undo()
    expect(undone).toBeGreaterThan(40)
    expect(undone).toBeLessThan(100)
    expect(experiment.race.epoch * experiment.race.steps + experiment.race.step).toBe(100 - undone)
  })
})

describe('long runs', () => {
  const ticks = async (count: number, { tell, turn }: Work<number>) => {
    for (let i = 1; i <= count; i++) {
      const until = performance.now() + 3
      while (performance.now() < until);
      tell(i)
      await turn()
    }
  }
  const started = () => {
    const news: RunNews[] = []
    const runs = new Runs(each => news.push(each))
    return { news, runs, last: (run: string) => news.filter(each => each.run === run).at(-1) }
  }
  const moment = () => new Promise(resolve => setTimeout(resolve, 60))

  test('tell what they have found, and the last of it always', async () => {
    const { runs, last, news } = started()
    await runs.start('a', 1, ticks, 80)
    expect(last('a')).toMatchObject({ id: 1, phase: 'done', result: 80 })
    expect(news.length).toBeGreaterThan(2)
    expect(news.length).toBeLessThan(40)
  })

  test('run side by side', async () => {
    const { runs, last } = started()
    const long = runs.start('long', 1, ticks, 120)
    await runs.start('short', 2, ticks, 20)
    expect(last('short')?.phase).toBe('done')
    expect(last('long')?.phase).not.toBe('done')
    await long
    expect(last('long')?.phase).toBe('done')
  })

  test('pause, go on and stop', async () => {
    const { runs, last } = started()
    const run = runs.start('a', 1, ticks, 100)
    await moment()
    runs.pause('a')
    await moment()
    const paused = last('a')
    await moment()
    expect(last('a')).toBe(paused)
    expect(paused?.phase).toBe('paused')
    runs.resume('a')
    await moment()
    runs.stop('a')
    await run
    expect(last('a')?.phase).toBe('stopped')
    expect(last('a')?.result).toBeGreaterThan(paused?.result as number)
    expect(last('a')?.result).toBeLessThan(100)
  })

  test('fail with a message', async () => {
    const { runs, last } = started()
    await runs.start('a', 1, () => Promise.reject(new Error('no')), null)
    expect(last('a')).toMatchObject({ phase: 'failed', error: 'Error: no' })
  })
})

describe('what the page keeps of the epochs', () => {
  const measure = { loss: 0, accuracy: 0, testLoss: 0, testAccuracy: 0 }
  const nets = { dense: measure, local: measure, conv: measure }
  const epochs = (list: readonly Measured[]) => list.map(({ epoch }) => epoch)

  const measured = (epoch: number): Measured => ({ epoch, nets })

  test('is all at first', () => {
    const two = addMeasured(addMeasured([], [measured(0)]), [measured(1), measured(2)])
    expect(epochs(two)).toEqual([0, 1, 2])
    expect(addMeasured(two, [])).toBe(two)
  })

  test('is bounded; the first and the newest are there, in order', () => {
    let list: readonly Measured[] = []
    for (let epoch = 0; epoch < 20 * mostKept; epoch += 10)
      list = addMeasured(
        list,
        Array.from({ length: 10 }, (_, i) => measured(epoch + i)),
      )
    const kept = epochs(list)
    expect(kept.length).toBeLessThanOrEqual(mostKept)
    expect(kept).toEqual([...new Set(kept)].sort((a, b) => a - b))
    expect(kept[0]).toBe(0)
    const newest = Array.from({ length: 200 }, (_, i) => 20 * mostKept - 200 + i)
    expect(kept.slice(-200)).toEqual(newest)
  })
})

test('train and test digits are different pictures, 1,797 in all', () => {
  expect([data.train.labels.length, data.test.labels.length]).toEqual([1437, 360])
  const keys = ({ images }: { images: Float32Array }) =>
    Array.from({ length: images.length / 64 }, (_, i) => images.subarray(i * 64, i * 64 + 64).join())
  const known = new Set(keys(data.train))
  expect(keys(data.test).filter(key => known.has(key))).toEqual([])
})

test('a moved picture has its ink elsewhere, and paper where it came from', () => {
  const image = Float32Array.from({ length: 64 }, (_, i) => Number(i === 9)) // row 1, column 1
  const moved = new Float32Array(64)
  copyShifted(moved, 0, image, 0, 2, -1)
  expect(moved.indexOf(1)).toBe(3) // row 0, column 3
  expect(moved.reduce((sum, ink) => sum + ink)).toBe(1)
  const away = shiftAll({ images: image, labels: Float32Array.of(1), size: 64 }, -2, 0)
  expect(away.images.reduce((sum, ink) => sum + ink)).toBe(0)
})

describe('sharing', () => {
  const nets = () => new Race(settings, data).nets
  const picture = data.test.images.slice(0, 64)

  test('untied, the local net computes what the convolution does, to the last bit', () => {
    const race = nets()
    untie(race.local, race.conv)
    const { local, conv } = readPicture(race, picture)
    expect(local).toEqual(conv)
  })

  test('shared, all places have the mean kernel and bias', () => {
    const { local } = nets()
    const [before] = local.getWeights()
    share(local)
    const [after] = local.getWeights()
    for (const k of [0, 35, 71]) {
      const mean = Array.from({ length: 36 }, (_, p) => before.data[p * 72 + k]).reduce((a, b) => a + b) / 36
      for (const p of [0, 17, 35]) expect(after.data[p * 72 + k]).toBeCloseTo(mean, 6)
    }
  })

  test('a convolution tied to shared weights computes the same, to the last bit', () => {
    const race = nets()
    share(race.local)
    tie(race.conv, race.local)
    const { local, conv } = readPicture(race, picture)
    expect(conv).toEqual(local)
  })
})

describe('neighbouring kernels', () => {
  const kernelOf = (net: Sequential) => net.parameters[0].value

  test('of noise are no more alike than chance, and those that share are the same', () => {
    const { local } = new Race(settings, data).nets
    const noise = compareNeighbours(kernelOf(local))
    expect(noise.distance).toBeGreaterThan(0.1)
    expect(Math.abs(noise.likeness)).toBeLessThan(0.1)
    share(local)
    const shared = compareNeighbours(kernelOf(local))
    expect(shared.distance).toBe(0)
    expect(shared.likeness).toBeCloseTo(1, 12)
  })
})

test.each(netNames)('contributions of pixels and biases sum to the score of the answer: %s', name => {
  const race = new Race(settings, data)
  race.trainEpoch()
  for (const i of [0, 1, 2]) {
    const image = data.test.images.slice(i * 64, i * 64 + 64)
    const logs = readPicture(race.nets, image)[name].map(Math.log)
    const digit = logs.indexOf(Math.max(...logs))
    const { pixels, biases } = contributions(race.nets[name], name, image, digit)
    const score = logs[digit] - logs.reduce((sum, log) => sum + log) / 10
    expect(pixels.reduce((sum, part) => sum + part, biases)).toBeCloseTo(score, 4)
    expect(pixels.filter((_, pixel) => image[pixel] === 0).every(part => part === 0)).toBe(true)
  }
})

test('where place matters, the local net wins', () => {
  const rules = placeRules(1)
  const race = new Race({ ...settings, rate: 0.01, train: 4000 }, rules, placeTask)
  for (let epoch = 0; epoch < 15; epoch++) race.trainEpoch()
  const { dense, local, conv } = race.history[15].nets
  expect(local.testAccuracy).toBeGreaterThan(dense.testAccuracy + 0.05)
  expect(local.testAccuracy).toBeGreaterThan(conv.testAccuracy + 0.05)
  const yes = rules.train.labels.filter(label => label === 1).length
  expect(Math.abs(yes - 2000)).toBeLessThan(200)
}, 60_000)

describe('1989', () => {
  const forms = readForms(csv)

  test.each(printed)('$name has the printed number of weights', ({ name, weights }) => {
    expect(createNet1989(name, 1).countParams()).toBe(weights)
  })

  test('by the recipe of docs/papers.md, a net learns the training pictures and tells of its epochs', async () => {
    const epochs: number[] = []
    const { train, test } = await train1989('Net-5', 1, forms, recipe, epoch => {
      epochs.push(epoch)
    })
    expect(train).toBeGreaterThan(0.99)
    expect(test).toBeGreaterThan(0.9)
    expect(epochs).toEqual(Array.from({ length: recipe.epochs }, (_, epoch) => epoch))
    expect(readFileSync('docs/papers.md', 'utf8')).toContain(
      `Adam (learning rate ${recipe.learningRate}, batches of ${recipe.batchSize}, ${recipe.epochs} epochs)`,
    )
  }, 60_000)

  test('runs are summarized: means, their spread, and how often the order came', () => {
    const summary = summarize([
      [0.1, 0.2, 0.3],
      [0.3, 0.2, 0.5],
      [0.2, 0.5, 0.4],
    ])
    expect(summary).toMatchObject({ runs: 3, inOrder: 1, lastBest: 2, meansInOrder: true })
    expect(summary.mean[0]).toBeCloseTo(0.2)
    expect(summary.deviation[0]).toBeCloseTo(0.1)
  })
})

describe('drawing', () => {
  test('a drawing is centred and fills the picture, wherever and however large it is', () => {
    const { strokes } = drawings[4]
    const small = strokes.map((stroke: Stroke): Stroke => stroke.map(([x, y]) => [x / 2 + 90, y / 2 + 20]))
    const [a, b] = [toPixels(strokes), toPixels(small)]
    a.forEach((ink, i) => {
      expect(b[i]).toBeCloseTo(ink, 1)
    })
  })

  test('nothing drawn is paper; a dot is ink in the middle', () => {
    expect(toPixels([])).toEqual(new Float32Array(64))
    const dot = toPixels([[[3, 3]]])
    expect(dot[27] + dot[28] + dot[35] + dot[36]).toBeCloseTo(dot.reduce((sum, ink) => sum + ink))
    expect(dot[27]).toBeGreaterThan(0)
  })
})

test('the code that can be copied has what is set', () => {
  const set = { seed: 5, optimizer: 'sgd', rate: 0.1, batch: 16, epochs: 12 } as const
  expect(typescriptCode(set)).toMatch(
    /new SGD\(\{ learningRate: 0\.1, momentum: 0\.9 \}\)[\s\S]*epochs: 12, batchSize: 16/,
  )
  expect(kerasCode(set)).toMatch(/set_random_seed\(5\)[\s\S]*SGD\(0\.1, momentum=0\.9\)[\s\S]*epochs=12, batch_size=16/)
})

test('the net of the page is that of the code', () => {
  const net = createNet('local', 5)
  const same = new Sequential(
    [
      new LocallyConnected2D({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1] }),
      new Flatten(),
      new Dense({ units: 10, activation: 'softmax' }),
    ],
    { seed: '5/local' },
  )
  const x = Tensor.zeros([1, 8, 8, 1])
  x.data.fill(0.5)
  expect(net.forward(x).data).toEqual(same.forward(x).data)
})
