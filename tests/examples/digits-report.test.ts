// The report of the main example: its numbers are those of the result, and the file needs nothing but itself.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Dense, Flatten, type History, LocallyConnected2D, Sequential, Tensor } from 'unshared'
import { type Result, writeReport } from '../../examples/digits/report.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-report-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Truth, reading, and the probabilities of the two; the rest is spread over the other digits. */
type Case = [truth: number, read: number, pRead: number, pTruth: number]

/** Right, but for 3 → 8 twice and 9 → 4 once; the worst is the second 3 → 8. */
const cases: Case[] = [
  ...[0, 1, 2, 3, 4, 5].map((digit): Case => [digit, digit, 0.9, 0.9]),
  [3, 8, 0.6, 0.3],
  [9, 4, 0.75, 0.02],
  [3, 8, 0.99, 0.0004],
]

function testOf(all: readonly Case[]) {
  const predictions = all.map(([truth, read, pRead, pTruth]) => {
    const rest = (1 - pRead - (truth === read ? 0 : pTruth)) / (truth === read ? 9 : 8)
    const row = new Array<number>(10).fill(rest)
    row[truth] = pTruth
    row[read] = pRead
    return row
  })
  const images = all.map((_, n) => Array.from({ length: 64 }, (_, i) => (i === n ? 0.25 : 0)))
  return {
    images: Tensor.from(images).reshape([-1, 8, 8, 1]),
    labels: all.map(([truth]) => truth),
    predictions: Tensor.from(predictions),
  }
}

const history: History = {
  history: { loss: [2.5, 0.75], accuracy: [0.25, 0.625], val_loss: [2.25, 1.125], val_accuracy: [0.375, 0.6667] },
  epoch: [0, 1],
  params: { epochs: 2, steps: 1, verbose: 0, metrics: [], seed: 7 },
}

/** Two places beside each other, and two below them: [2, 2] places, [7, 7] windows, 2 filters. */
function modelWith(kernel: (place: number, pixel: number, filter: number) => number, name = 'tiny'): Sequential {
  const local = new LocallyConnected2D({ filters: 2, kernelSize: 7, inputShape: [8, 8, 1] })
  const model = new Sequential([local, new Flatten(), new Dense({ units: 10 })], { name, seed: 7 })
  const weights = model.getWeights()
  weights[0].data.forEach((_, i, data) => {
    data[i] = kernel(Math.floor(i / 98), Math.floor((i % 98) / 2), i % 2)
  })
  model.setWeights(weights)
  return model
}

const result: Result = {
  model: modelWith((place, pixel, filter) => (pixel === 0 ? [3, -4][filter] * place : 0)),
  history,
  test: testOf(cases),
  accuracy: 6 / 9,
  seed: 7,
  seconds: 1.4,
}

function report(changes: Partial<Result> = {}): string {
  const path = join(folder, 'report.html')
  writeReport(path, { ...result, ...changes })
  return readFileSync(path, 'utf8')
}

const textOf = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(code))
    .replaceAll(/\s+/g, ' ')
    .trim()

const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map(match => match[1])

/** The cells of a table's body, row by row, without the row's heading. */
const bodyOf = (table: string): number[][] =>
  all(table, /<tr>(<th scope="row">.*?)<\/tr>/gs).map(row => all(row, /<td[^>]*>(.*?)<\/td>/gs).map(Number))

const tableWith = (html: string, caption: string): string =>
  all(html, /(<table.*?<\/table>)/gs).find(table => table.includes(caption)) ?? ''

describe('the numbers', () => {
  let html = ''
  beforeAll(() => {
    html = report()
  })

  test('the headline has the accuracy and the counts', () => {
    expect(textOf(all(html, /<h1>(.*?)<\/h1>/gs)[0])).toBe('66.67% of the test digits read correctly')
    expect(all(html, /<title>(.*?)<\/title>/g)).toEqual(['66.67% of the test digits read correctly'])
    expect(textOf(all(html, /<p class="lead">(.*?)<\/p>/gs)[0])).toContain('named 6 of 9 new digits correctly')
    const facts = Object.fromEntries(
      all(html, /<div>(<dt>.*?<\/dd>)<\/div>/g).map(fact => fact.replaceAll(/^<dt>|<\/dd>$/g, '').split('</dt><dd>')),
    )
    const weights = '490' // 4 places × 49 pixels × 2 filters + 8, then 8 × 10 + 10
    expect(facts).toEqual({ 'Test digits': '9', Mistakes: '3', Weights: weights, Epochs: '2', Time: '1 s', Seed: '7' })
  })

  test('the confusion matrix counts every test digit in the row of its truth', () => {
    const expected = Array.from({ length: 10 }, () => new Array(10).fill(0))
    for (const digit of [0, 1, 2, 3, 4, 5]) expected[digit][digit] = 1
    expected[3][8] = 2
    expected[9][4] = 1
    expect(bodyOf(tableWith(html, 'Test digits'))).toEqual(expected)
    expect(textOf(html)).toContain('The most frequent mistake: 3 read as 8, twice.')
  })

  test('of mistakes that are equally frequent all are named, unless each was made once', () => {
    const twice = [...cases, [9, 4, 0.6, 0.3] as Case]
    const text = textOf(report({ test: testOf(twice), accuracy: 0.6 }))
    expect(text).toContain('The most frequent mistakes: 3 read as 8 and 9 read as 4, twice each.')
    const once = textOf(report({ test: testOf(cases.slice(0, 8)), accuracy: 0.75 }))
    expect(once).toContain('No mistake was made twice.')
    expect(once).not.toContain('most frequent')
  })

  test('the order of the mistakes is told as it is, not that the network was surest of the first', () => {
    expect(textOf(html)).toContain('first those where the network gave the true digit the lowest probability')
    expect(textOf(html)).not.toMatch(/surest|sure of/)
  })

  test('of the cells off the diagonal those with mistakes stand out', () => {
    const table = tableWith(html, 'Test digits')
    expect(all(table, /<td class="wrong"[^>]*>(\d+)/g)).toEqual(['2', '1'])
    expect(all(table, /<td class="right">(\d+)/g)).toHaveLength(10)
    expect(new Set(all(table, /<td class="none">(\d+)/g))).toEqual(new Set(['0']))
  })

  test('mistakes stand in the order of their loss, the highest first', () => {
    const items = all(html, /<ol class="mistakes">(.*?)<\/ol>/gs).flatMap(list => all(list, /<li>(.*?)<\/li>/gs))
    expect(items.map(textOf)).toEqual([
      '3, read as 8 99.0% for 8 < 0.1% for 3',
      '9, read as 4 75.0% for 4 2.0% for 9',
      '3, read as 8 60.0% for 8 30.0% for 3',
    ])
  })

  test('the picture of a mistake has ink where the digit has it', () => {
    const [first] = all(html, /<ol class="mistakes">.*?<li>(.*?)<\/li>/gs)
    expect(all(first, /<rect class="ink" (.*?)\/>/g)).toEqual([
      'x="0" y="1" width="1" height="1" fill-opacity="0.25"', // test digit 8: its pixel 8
    ])
  })

  test('of many mistakes the twelve worst are shown', () => {
    const many = Array.from({ length: 15 }, (_, n): Case => [1, 7, 0.5, 0.3 - n / 100])
    const page = report({ test: testOf(many), accuracy: 0 })
    const losers = all(page, /([\d.]+)% for 1/g).map(Number)
    expect(losers).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27])
    expect(textOf(page)).toContain('The 12 of 15 mistakes')
  })

  test('without a mistake the report says so', () => {
    const text = textOf(report({ test: testOf(cases.slice(0, 6)), accuracy: 1 }))
    expect(text).toContain('100.00% of the test digits read correctly')
    expect(text).toContain('There are no mistakes.')
    expect(text).toContain('There are none: every test digit was read correctly.')
  })

  test('the curves have their numbers in a table and their ends in words', () => {
    expect(bodyOf(tableWith(html, 'Loss and accuracy by epoch'))).toEqual([
      [2.5, 0.25, 2.25, 0.375],
      [0.75, 0.625, 1.125, 0.6667],
    ])
    expect(textOf(html)).toContain('At the end: 0.750 in training, 1.125 on test digits.')
    expect(textOf(html)).toContain('At the end: 62.50% in training, 66.67% on test digits.')
  })

  test('a curve is as high as its values', () => {
    const [loss] = all(html, /(<svg class="chart".*?<\/svg>)/gs)
    const [low, high] = [heightOfLabel(loss, '0'), heightOfLabel(loss, '2.5')]
    const path = (width: string) =>
      all(loss, new RegExp(`<path d="([^"]*)"[^>]*stroke-width="${width}"`, 'g'))[0]
        .split(/[ML]/)
        .slice(1)
        .map(point => ((Number(point.split(' ')[1]) - low) / (high - low)) * 2.5)
    const [training, validation] = [path('1.5'), path('2.5')]
    history.history.loss.forEach((value, epoch) => {
      expect(training[epoch]).toBeCloseTo(value, 2)
    })
    history.history.val_loss.forEach((value, epoch) => {
      expect(validation[epoch]).toBeCloseTo(value, 2)
    })
  })

  test('one epoch, and no validation, are enough for a report', () => {
    const page = report({ history: { ...history, history: { loss: [2.5] }, epoch: [0] } })
    expect(bodyOf(tableWith(page, 'by epoch'))).toEqual([[2.5]])
    expect(all(page, /(<svg class="chart")/g)).toHaveLength(1)
    expect(page.match(/NaN|undefined|Infinity/)).toBeNull()
  })

  test('the legend of the filters has the largest weight, the mosaics the share of it', () => {
    const [scale] = all(html, /<div class="scale">(.*?)<\/div>/gs)
    expect(textOf(scale)).toBe('−12.00 ink here lowers the output 0 +12.00 ink here raises the output')
    const mosaics = all(html, /<svg class="mosaic"[^>]*>(.*?)<\/svg>/gs)
    const firstPixels = mosaics.map(mosaic =>
      all(mosaic, /<rect class="tile"[^>]*\/>(<rect [^>]*\/>)/g).map(rect =>
        /class="(\w+)" x="(\d+)" y="(\d+)"/.exec(rect)?.slice(1),
      ),
    )
    const corners = [
      ['0', '0'],
      ['8', '0'],
      ['0', '8'],
      ['8', '8'],
    ]
    expect(firstPixels[0]).toEqual(corners.map(corner => ['plus', ...corner]))
    expect(firstPixels[1].slice(1)).toEqual(corners.slice(1).map(corner => ['minus', ...corner]))
    const strengths = mosaics.map(mosaic =>
      all(mosaic, /fill-opacity="([\d.]+)"/g).filter(opacity => opacity !== '0.00'),
    )
    expect(strengths).toEqual([
      ['0.25', '0.50', '0.75'],
      ['0.33', '0.67', '1.00'],
    ])
  })

  test('the distance of kernels is the Euclidean one, of neighbours and of any two', () => {
    // Kernels are 3·place and −4·place in one number: places 0 1 / 2 3, so neighbours are 1, 1, 2, 2 apart.
    const [measure] = all(html, /<p class="measure">(.*?)<\/p>/gs)
    expect(textOf(measure)).toMatch(
      /^5\.25 is the mean distance .* neighbouring places\. .* it is 5\.83; in a convolution, 0\./,
    )
    const convolution = report({ model: modelWith((_, pixel, filter) => pixel - filter) })
    expect(textOf(convolution)).toContain('0.00 is the mean distance')
  })

  test('the weights stand in tables, a row for each place', () => {
    const table = bodyOf(tableWith(html, 'Filter 2:'))
    expect(table.map(row => row[0])).toEqual([0, -4, -8, -12])
    expect(table.every(row => row.length === 49)).toBe(true)
  })

  test('a model without kernels by place has no section of filters', () => {
    const model = new Sequential([new Flatten({ inputShape: [8, 8, 1] }), new Dense({ units: 10 })], { seed: 1 })
    expect(report({ model })).not.toContain('class="mosaic"')
  })

  test('an accuracy that is not that of the predictions is an error', () => {
    expect(() => report({ accuracy: 0.7 })).toThrow('accuracy: expected 6 of 9, received 0.7')
    expect(() => report({ accuracy: Number.NaN })).toThrow('accuracy')
  })
})

describe('the file', () => {
  const page = report()

  test('is the same for the same result', () => {
    expect(report()).toBe(page)
  })

  test('needs no script and nothing from elsewhere', () => {
    expect(page.match(/<(script|link|iframe|object|embed|base|img)\b|@import|url\(|\ssrc=|\son\w+=/i)).toBeNull()
    const tags = [...page.matchAll(/<(\w+)[^>]*\s(?:xlink:)?href="([^"]*)"/g)]
    expect(tags.length).toBeGreaterThan(0)
    for (const [, tag, address] of tags) {
      expect(tag).toBe('a')
      expect(address).toMatch(/^https:\/\//)
    }
  })

  test('shows text as text', () => {
    const nasty = `"><script>alert('&')</script>`
    const html = report({ seed: nasty, remark: nasty, model: modelWith(() => 1, nasty) })
    expect(html).not.toContain('<script')
    expect(html.match(/&#34;&#62;&#60;script&#62;/g)?.length).toBe(4) // fact, remark, summary, command
    expect(textOf(html)).toContain(`--seed '"><script>alert('\\''&'\\'')</script>' --epochs 2`)
  })

  test('tells its language, and what each picture and table shows', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/)
    for (const svg of page.match(/<svg [^>]*>/g) ?? []) expect(svg).toMatch(/role="img" aria-label="[^"]+"/)
    for (const table of page.match(/<table.*?<\/table>/gs) ?? []) expect(table).toMatch(/<caption>[^<]+<\/caption>/)
    expect(all(page, /<(h[1-6])\b/g).filter(level => level === 'h1')).toHaveLength(1)
    expect(all(page, /\sid="([^"]*)"/g)).toEqual([])
    expect(page.match(/<main>.*<h1>.*<\/main>\s*<footer>/gs)).toHaveLength(1)
  })

  test('has no colour in its charts but those of the page', () => {
    const charts = all(page, /(<svg class="chart".*?<\/svg>)/gs)
    expect(charts).toHaveLength(2)
    const colours = charts.flatMap(chart => all(chart, /(?:fill|stroke)="([^"]*)"/g))
    expect([...new Set(colours)].sort()).toEqual(['none', 'var(--accent)', 'var(--line)', 'var(--soft)'])
    for (const chart of charts) expect(chart).not.toMatch(/<style|class="zr/)
  })

  test('names the data, its makers and its licence', () => {
    expect(textOf(page)).toMatch(
      /Optical Recognition of Handwritten Digits , E\. Alpaydin and C\. Kaynak.* CC BY 4\.0 .*scikit-learn \(BSD-3-Clause\)/,
    )
  })

  test('closes every element it opens', () => {
    const open: string[] = []
    const body = page.replace(/<style>.*?<\/style>/s, '').replace('<!doctype html>', '')
    for (const [tag, close, name, self] of body.matchAll(/<(\/?)([a-z]\w*)[^>]*?(\/?)>/g)) {
      if (close) expect([tag, open.pop()]).toEqual([tag, name])
      else if (!self && !['meta', 'br'].includes(name)) open.push(name)
    }
    expect(open).toEqual([])
  })
})

/** Where the label of an axis stands, in the chart's units. */
function heightOfLabel(chart: string, label: string): number {
  const y = new RegExp(`text-anchor="end"[^>]*translate\\(\\S+ (\\S+)\\)[^>]*>${label}</text>`).exec(chart)?.[1]
  return Number(y)
}
