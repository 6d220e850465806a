// No picture of the documents is older than what it shows.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { drawn, folder, hashOfPicture, hashOfReport, recorded, subjects } from '../support/pictured.ts'
import { runProgram } from '../support/program.ts'

const pictures = readdirSync(folder)
const out = mkdtempSync(join(tmpdir(), 'unshared-pictures-'))
afterAll(() => rmSync(out, { recursive: true }))

let report = ''
beforeAll(() => {
  const { status, stderr } = runProgram('examples/digits/main.ts', { args: ['--out', out], timeout: 120_000 })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  report = readFileSync(join(out, 'report.html'), 'utf8')
}, 150_000)

test('every picture is taken by `npm run pictures`, or drawn anew by a test', () => {
  const known = (name: string) => name in subjects || drawn.some(([pattern]) => pattern.test(name))
  expect(pictures.filter(name => !known(name))).toEqual([])
  expect(drawn.filter(([, test]) => !existsSync(test))).toEqual([])
  expect(Object.keys(recorded()).sort()).toEqual(Object.keys(subjects).sort())
})

describe.each(Object.keys(subjects))('%s', name => {
  test('shows what is there now; if not, run `npm run pictures`', () => {
    expect(recorded()[name].subject).toBe(subjects[name](report))
  })

  test('is the picture that was taken', () => {
    expect(recorded()[name].picture).toBe(hashOfPicture(name))
  })
})

test('a change of what is shown is noticed, another time of the run is not: a negative control', () => {
  expect(hashOfReport(report.replace('98', '97'))).not.toBe(hashOfReport(report))
  const slower = report.replace(/<dt>Time<\/dt><dd>[^<]*/, '<dt>Time</dt><dd>999 s')
  expect(slower).not.toBe(report)
  expect(hashOfReport(slower)).toBe(hashOfReport(report))
})

test('every picture stands in a document', () => {
  const documents = [
    'README.md',
    ...readdirSync('docs')
      .filter(name => name.endsWith('.md'))
      .map(name => `docs/${name}`),
  ]
  const text = documents.map(path => readFileSync(path, 'utf8')).join('\n')
  expect(pictures.filter(name => !text.includes(`images/${name}`))).toEqual([])
})
