// The GAN trains, and its report shows pictures of every stage and needs nothing but itself.

import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const folder = mkdtempSync(join(tmpdir(), 'unshared-gan-'))
afterAll(() => rmSync(folder, { recursive: true }))

let printed: string[] = []
let report = ''
beforeAll(async () => {
  const args = ['scripts/run-ts.js', 'examples/gan/main.ts', '--epochs', '2', '--out', folder]
  printed = (await promisify(execFile)(process.execPath, args)).stdout.split('\n')
  report = readFileSync(join(folder, 'report.html'), 'utf8')
}, 60_000)

/** The strength of the ink in each picture of a row. */
function pictures(title: string): number[][] {
  const row = report.split('<figure>').find(figure => figure.startsWith(`<h3>${title}</h3>`)) ?? ''
  return [...row.matchAll(/<svg class="digit".*?<\/svg>/gs)].map(([svg]) => {
    const ink = new Array<number>(64).fill(0)
    for (const [, x, y, strength] of svg.matchAll(/class="ink" x="(\d)" y="(\d)" .*?fill-opacity="(.*?)"/g))
      ink[8 * Number(y) + Number(x)] = Number(strength)
    return ink
  })
}

/** The mean over the pictures of a row, pixel by pixel. */
const meanPicture = (row: number[][]) => row[0].map((_, i) => row.reduce((sum, ink) => sum + ink[i], 0) / row.length)

test('the seed gives the same losses everywhere', () => {
  expect(printed.filter(line => line.startsWith('epoch'))).toEqual([
    'epoch 1: critic 0.543, generator 1.009',
    'epoch 2: critic 0.486, generator 1.210',
  ])
})

test('the critic is frozen in the GAN: only the generator counts as trainable', () => {
  expect(printed).toContain('Trainable params: 54432 (212.63 KB)')
})

test('the pictures of a stage are different, and come nearer to real ones', () => {
  const stages = ['Before training', 'After epoch 1', 'After epoch 2', 'Real digits'].map(pictures)
  for (const row of stages) expect(row).toHaveLength(20)
  expect(new Set(stages[2].map(String)).size).toBe(20)
  const [before, , after, real] = stages.map(meanPicture)
  const distance = (picture: number[]) => Math.hypot(...picture.map((ink, i) => ink - real[i]))
  expect(distance(after)).toBeLessThan(distance(before) / 2)
})

test('the report needs no network and no script', () => {
  expect(report).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  expect(report).not.toMatch(/<script|<link|<img|\ssrc=|url\(/)
  expect(report).toMatch(
    /Line chart: the losses of critic and generator by epoch\. At the end critic 0\.486, generator 1\.210\./,
  )
})
