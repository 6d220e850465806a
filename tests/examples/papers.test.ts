// `npm run papers`: its statistics, its data, its runs at the size of seconds, and that its page is of this program.

import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from '@jest/globals'
import { bibliography } from '../../examples/papers/bibliography.ts'
import { draw } from '../../examples/papers/charts.ts'
import { digitsCsv, hasMnist, mnist1d } from '../../examples/papers/data.ts'
import type { Experiment, Numbers } from '../../examples/papers/experiment.ts'
import { experiments } from '../../examples/papers/experiments.ts'
import { markerEffects, plants } from '../../examples/papers/genomes.ts'
import { createNet as createNet1d } from '../../examples/papers/mnist-1d.ts'
import { linksOf } from '../../examples/papers/nets-1989.ts'
import { readOptions } from '../../examples/papers/options.ts'
import { type PageResults, page } from '../../examples/papers/page.ts'
import { runAll } from '../../examples/papers/runner.ts'
import { samples } from '../../examples/papers/samples.ts'
import { above, anyAbove, equal, estimate, holm, judge, near, pAboveZero } from '../../examples/papers/statistics.ts'
import { createNet as createZipNet } from '../../examples/papers/zip-codes.ts'
import { pictures1989, readForms } from '../../examples/playground/digits-1989.ts'
import { createNet1989 } from '../../examples/playground/nets-1989.ts'
import { printed } from '../../examples/playground/printed-1989.ts'
import { runProgram } from '../support/program.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-papers-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Train = (model: string, seed: number, settings: unknown) => Promise<Numbers>
const trainOf = async (name: string) => (await import(`../../examples/papers/${name}.ts`)).train as Train

describe('statistics', () => {
  const a = [3.1, 4.5, 2.2, 5.0, 3.9]
  const b = [2.0, 4.1, 2.5, 3.3, 3.0]
  const differences = a.map((value, i) => value - b[i])

  test('mean, deviation and interval are those of SciPy', () => {
    const { mean, sd, low, high } = estimate(differences)
    expect([mean, sd, low, high].map(value => value.toFixed(6))).toEqual([
      '0.760000',
      '0.753658',
      '-0.175790',
      '1.695790',
    ])
  })

  test('the p value of a paired one-sided test is that of SciPy', () => {
    expect(pAboveZero(differences)).toBeCloseTo(0.0435862015303, 10)
    expect(pAboveZero(differences.map(value => -value))).toBeCloseTo(1 - 0.0435862015303, 10)
  })

  test('equal differences have no variance: the p value is 0, or 1', () => {
    expect([pAboveZero([1, 1, 1]), pAboveZero([0, 0, 0]), pAboveZero([-1, -1]), pAboveZero([5])]).toEqual([0, 1, 1, 1])
  })

  test("Holm's correction, by hand", () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06])
    expect(holm([0.5, 0.9])).toEqual([1, 1])
    expect(holm([])).toEqual([])
  })

  test('a claim needs its p value, its size and, where it has one, its margin', () => {
    const high = [10, 11, 12, 10, 11]
    const low = [1, 2, 2, 1, 1]
    const claims = judge([
      above('above', high, low),
      above('below', low, high),
      above('above, by less than 20', high, low, { by: 20 }),
      near('far', high, low, { by: 2 }),
      near('near', high, high, { by: 0 }),
      anyAbove('one of two', [low, high], low),
      anyAbove('none of two', [low, low], high),
      equal('counts', [1, 2], [1, 2]),
      equal('other counts', [1, 2], [1, 3]),
    ])
    expect(claims.map(({ holds }) => holds)).toEqual([true, false, false, false, true, true, false, true, false])
    expect(claims[0].found).toBe('+9.4 points [8.7, 10.1]')
    expect(claims[8].found).toBe('1, 2 instead of 1, 3')
    // five tests: the least p value counts five times
    expect(claims[0].p).toBeCloseTo(5 * pAboveZero(high.map((value, i) => value - low[i])), 12)
  })

  test('what one seed shows is no significant difference', () => {
    expect(judge([above('above', [5], [1])])[0]).toMatchObject({ holds: false, p: 1, found: '+4.0 points' })
  })
})

describe('data', () => {
  test('mnist1d.bin.gz is the file that its script made, of the class counts that the package gives', () => {
    const bytes = gunzipSync(readFileSync('examples/data/mnist1d.bin.gz'))
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'f3cde17e836d5b4ad7acab959e4839a434db2a8c1cde39f25b1b54520aa62d87',
    )
    const { train, test } = mnist1d()
    expect([train.x.shape, test.x.shape]).toEqual([
      [4000, 40, 1],
      [1000, 40, 1],
    ])
    const counts = Array.from({ length: 10 }, (_, digit) => test.y.data.filter(label => label === digit).length)
    expect(counts).toEqual([102, 104, 89, 106, 106, 98, 99, 96, 98, 102])
    const squares = train.x.data.reduce((sum, value) => sum + value * value, 0)
    expect(Math.sqrt(squares / train.x.size)).toBeCloseTo(1, 1) // the package standardizes them
    expect(readFileSync('NOTICE', 'utf8')).toContain('examples/data/mnist1d.bin.gz')
  })

  test('the pictures of 1989: 320 and 160 of one writer, four positions of each drawing, no picture in both', () => {
    expect(digitsCsv().trim().split('\n')).toHaveLength(1797)
    const { train, test } = pictures1989(readForms(digitsCsv()), 3)
    expect([train[0].shape, test[0].shape]).toEqual([
      [320, 16, 16, 1],
      [160, 16, 16, 1],
    ])
    const split = ([x, y]: typeof train) =>
      Array.from({ length: x.shape[0] }, (_, i) => ({
        rows: Array.from({ length: 16 }, (_, r) => [...x.data.subarray(256 * i + 16 * r, 256 * i + 16 * r + 16)]),
        digit: y.data.subarray(10 * i, 10 * i + 10).indexOf(1),
      }))
    const all = [...split(train), ...split(test)]
    for (let digit = 0; digit < 10; digit++) {
      const own = all.filter(picture => picture.digit === digit)
      expect(own).toHaveLength(48)
      expect(split(train).filter(picture => picture.digit === digit)).toHaveLength(32)
      // Without regard to its position, each drawing occurs four times.
      const drawings = own.map(({ rows }) => {
        const first = Math.min(...rows.map(row => row.indexOf(1)).filter(col => col >= 0))
        return rows.map(row => [...row.slice(first), ...row.slice(0, first)].join()).join()
      })
      const times = [...new Set(drawings)].map(one => drawings.filter(other => other === one).length)
      expect(times.every(count => count % 4 === 0)).toBe(true)
    }
    expect(new Set(all.flatMap(({ rows }) => rows.flat()))).toEqual(new Set([1, -1]))
  })

  test('samples: one patch has the signal, of length 1, with the sign of the label', () => {
    const [k, n] = [4, 4000]
    const [x, y] = samples(k, n, 5, 'train')
    const mean = Array.from({ length: 20 }, (_, j) => {
      let sum = 0
      for (let i = 0; i < n; i++) for (let p = 0; p < k; p++) sum += y.data[i] * x.data[i * 20 * k + 20 * p + j]
      return sum / n
    })
    expect(Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0))).toBeCloseTo(1, 1)
    expect(samples(k, 10, 5, 'train')[0].data).toEqual(x.data.slice(0, 10 * 20 * k))
    expect(samples(k, 10, 5, 'test')[0].data).not.toEqual(x.data.slice(0, 10 * 20 * k))
  })
})

describe('genomes', () => {
  const [n, markers] = [3000, 40]
  const [x, y] = plants(n, markers, '10 additive', 4)

  test('markers are −1 or 1, near ones linked; traits have mean 0 and variance 1', () => {
    expect(new Set(x.data)).toEqual(new Set([-1, 1]))
    // the mean square of the correlation of two markers over all lines
    const linked = (distance: number) => {
      let sum = 0
      for (let j = 0; j + distance < markers; j++) {
        const [a, b] = [j, j + distance].map(marker => x.data.filter((_, i) => i % markers === marker))
        const meanOf = (values: Float32Array) => values.reduce((all, value) => all + value, 0) / n
        const [meanA, meanB] = [meanOf(a), meanOf(b)]
        const covariance = meanOf(a.map((value, i) => (value - meanA) * (b[i] - meanB)))
        sum += covariance ** 2 / ((1 - meanA ** 2) * (1 - meanB ** 2))
      }
      return sum / (markers - distance)
    }
    const [near, far] = [linked(1), linked(30)]
    expect(near).toBeGreaterThan(2 * far)
    const mean = y.data.reduce((sum, value) => sum + value, 0) / n
    const variance = y.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n
    expect(Math.abs(mean)).toBeLessThan(0.05)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  test('the effects solve the equations of ridge regression; what they explain is the heritability', () => {
    const effects = markerEffects(x, y)
    const predicted = Float64Array.from({ length: n }, (_, i) =>
      effects.reduce((sum, effect, j) => sum + effect * x.data[i * markers + j], 0),
    )
    const penalty = (markers * 0.2) / 0.8
    for (let j = 0; j < markers; j++) {
      let left = penalty * effects[j]
      for (let i = 0; i < n; i++) left -= x.data[i * markers + j] * (y.data[i] - predicted[i])
      expect(Math.abs(left)).toBeLessThan(1e-5 * n)
    }
    const rest = y.data.reduce((sum, value, i) => sum + (value - predicted[i]) ** 2, 0) / n
    expect(Math.abs(rest - 0.2)).toBeLessThan(0.03)
  })

  test('a pair of markers acts only where both are 1: no sum of single effects explains it', () => {
    const [lines, trait] = plants(n, markers, '10 local pairs', 4)
    const effects = markerEffects(lines, trait)
    const rest = trait.data.reduce(
      (sum, value, i) =>
        sum + (value - effects.reduce((all, effect, j) => all + effect * lines.data[i * markers + j], 0)) ** 2,
      0,
    )
    expect(rest / n).toBeGreaterThan(0.23)
  })
})

describe('counts as printed', () => {
  test.each(printed)('$name of 1989: $weights weights, $links links', ({ name, weights, links }) => {
    const net = createNet1989(name, 1)
    expect({ weights: net.countParams(), links: linksOf(net) }).toEqual({ weights, links })
  })

  test('the zip code net: 1,068 + 2,592 + 5,790 + 310 = 9,760 parameters, 64,660 connections', () => {
    const net = createZipNet(1)
    const counts = net.layers.map(layer => layer.countParams()).filter(count => count > 0)
    expect(counts).toEqual([300, 768, 2400, 192, 5790, 310])
    expect({ parameters: net.countParams(), connections: linksOf(net) }).toEqual({
      parameters: 9760,
      connections: 64660,
    })
  })

  test('the nets of MNIST-1D', () => {
    const counts = (['logistic', 'MLP', 'local', 'conv'] as const).map(kind => {
      const net = createNet1d(kind, 1)
      net.build([null, 40, 1])
      return net.countParams()
    })
    expect(counts).toEqual([410, 15210, 32610, 5210])
  })
})

describe('the command', () => {
  const run = (...args: string[]) => {
    const options = { args: [...args, '--out', folder], timeout: 280_000 }
    const { status, stdout, stderr } = runProgram('examples/papers/main.ts', options)
    return { status, stderr, lines: stdout.split('\n').filter(line => !line.startsWith('page: ')) }
  }

  test('runs every experiment, and prints these numbers on every machine', () => {
    const { status, lines } = run('--mini', '--all')
    expect(status).toBe(0)
    expect(lines).toEqual(readFileSync('tests/examples/papers-mini.txt', 'utf8').split('\n'))
    const markdown = readFileSync(join(folder, 'papers.md'), 'utf8')
    expect(markdown).toContain('This is a trial run')
    for (const { title } of experiments) expect(markdown).toContain(`\n## ${title}\n`)
    for (const [, file] of markdown.matchAll(/(?:src|srcset)="([^"]*)"/g))
      expect(existsSync(join(folder, file))).toBe(true)
  }, 300_000)

  test('goes on where it was: it repeats what is missing, and nothing else', async () => {
    const [experiment] = experiments
    const done: string[] = []
    const again = async () => {
      done.length = 0
      const onProgress = (share: number, name: string) => done.push(`${name} ${share}`)
      const [{ runs }] = await runAll([experiment], {
        size: 'mini',
        threads: 2,
        folder: join(folder, 'again'),
        onProgress,
      })
      return runs.map(({ model, seed, numbers }) => ({ model, seed, numbers }))
    }
    const first = await again()
    expect(done).toHaveLength(first.length + 1)
    expect(await again()).toEqual(first)
    expect(done).toEqual([])
    const results = join(folder, 'again/results', experiment.name)
    const [hash] = readdirSync(results)
    rmSync(join(results, hash, '3-1.json')) // as if interrupted
    expect(await again()).toEqual(first)
    expect(done).toEqual([`${experiment.name} 0`, `${experiment.name} 1`])
  }, 60_000)

  test('tells which run failed, and why', async () => {
    const [experiment] = experiments
    const broken: Experiment = { ...experiment, plan: size => ({ ...experiment.plan(size), models: ['Net-6'] }) }
    const running = runAll([broken], { size: 'mini', threads: 1, folder: join(folder, 'broken'), onProgress() {} })
    await expect(running).rejects.toThrow(`${experiment.name}, Net-6, seed 0 failed`)
  }, 60_000)

  test('its options', () => {
    expect(readOptions([]).chosen.every(({ isDefault }) => isDefault)).toBe(true)
    expect(readOptions(['--all']).chosen).toEqual(experiments)
    expect(readOptions(['--only', 'samples,nets-1989']).chosen.map(({ name }) => name)).toEqual([
      'nets-1989',
      'samples',
    ])
    expect(readOptions(['--all']).writesPage).toBe(true)
    for (const args of [['--all', '--quick'], ['--all', '--only', 'samples'], []])
      expect(readOptions(args).writesPage).toBe(false)
    expect(() => readOptions(['--only', 'sample'])).toThrow(/--only: expected some of .*samples.*, received sample/)
    expect(() => readOptions(['--threads', 'two'])).toThrow('--threads: expected a positive integer, received two')
    expect(() => readOptions(['--fast'])).toThrow(/--fast/)
  })
})

describe('the experiments', () => {
  test.each(experiments)('$name: texts, references and settings', experiment => {
    const { name, question, differences, references, plan } = experiment
    expect(existsSync(`examples/papers/${name}.ts`)).toBe(true)
    expect(readFileSync(`examples/papers/${name}.ts`, 'utf8').split('\n').length).toBeLessThan(280)
    expect(question.length).toBeGreaterThan(100)
    expect(differences.length).toBeGreaterThan(0)
    for (const key of references) expect(bibliography).toHaveProperty(key)
    // Settings were fixed with small seeds, which the full size never uses.
    expect(Math.min(...plan('full').seeds)).toBeGreaterThanOrEqual(2000)
    expect(Math.max(...plan('quick').seeds, ...plan('mini').seeds)).toBeLessThan(1000)
  })

  test('a figure is the same text each time, in the colours of its theme', () => {
    const figure = {
      kind: 'chart' as const,
      label: 'a "label" & more',
      x: { name: '', type: 'category' as const },
      y: { name: 'per cent' },
      series: [{ name: 'ours', points: [{ x: 'a', y: 1, low: 0, high: 2 }] }],
    }
    const light = draw(figure, 'light')
    expect(draw(figure, 'light')).toBe(light)
    expect(light).toContain('aria-label="a &quot;label&quot; &amp; more"')
    expect(light).toContain('#1d6fb8')
    expect(draw(figure, 'dark')).not.toContain('#1d6fb8')
    const mosaic = draw(
      { kind: 'pictures', label: 'two', pictures: [{ title: 't', pixels: [0, 1, 1, 1], width: 2, cell: 1 }] },
      'light',
    )
    expect(mosaic.match(/h\d+v6h-\d+z/g)).toEqual(['h6v6h-6z', 'h6v6h-6z', 'h12v6h-12z'])
  })
})

describe('the page', () => {
  const results = JSON.parse(readFileSync('examples/papers/results.json', 'utf8')) as PageResults

  test('is made of its results, and so are the figures', () => {
    const { markdown, figures } = page(results, 'images')
    expect(readFileSync('docs/papers.md', 'utf8')).toBe(markdown)
    expect(readdirSync('docs/images').filter(name => name.startsWith('papers-'))).toEqual(Object.keys(figures).sort())
    for (const [file, svg] of Object.entries(figures)) expect(readFileSync(join('docs/images', file), 'utf8')).toBe(svg)
  })

  test('has every run of the full size', () => {
    expect(results.size).toBe('full')
    for (const { name, runs } of results.experiments) {
      const { models, seeds } = (experiments.find(one => one.name === name) as Experiment).plan('full')
      const expected = seeds.flatMap(seed => models.map(model => `${model}/${seed}`))
      expect(runs.map(({ model, seed }) => `${model}/${seed}`)).toEqual(expected)
    }
  })

  /** The cheapest run of those experiments that need no MNIST, or whose MNIST is there. */
  const cheapest = results.experiments
    .filter(({ name }) => hasMnist() || !experiments.find(one => one.name === name)?.needsMnist)
    .map(({ name, runs }) => ({ name, run: runs.reduce((a, b) => (b.seconds < a.seconds ? b : a)) }))
    .filter(({ run }) => run.seconds < 10)

  test.each(cheapest)(
    'has the numbers that this program computes: $name, one run',
    async ({ name, run }) => {
      const { settings } = (experiments.find(one => one.name === name) as Experiment).plan('full')
      const numbers = await (await trainOf(name))(run.model, run.seed, settings)
      expect(numbers).toEqual(run.numbers)
    },
    120_000,
  )
})
