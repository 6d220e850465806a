// The walk of one weight, as CONTRIBUTING lists it, is the one that a step takes: no file is missing, and none too many.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { runProgram } from '../support/program.ts'

interface Walked {
  readonly file: string
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The files that CONTRIBUTING lists under "The walk of one weight". */
function listed(): string[] {
  const [, section] = readFileSync('CONTRIBUTING.md', 'utf8').split('## The walk of one weight')
  const [text] = section.split('\n## ')
  return [...text.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => `lib/${path}`)
}

test('from the call of a layer to the updated weight: at most 14 files and 600 lines, all of them listed', () => {
  const { status, stdout, stderr } = runProgram('tests/project/programs/walk.ts', { timeout: 60_000 })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const walked: Walked[] = JSON.parse(stdout)
  const lines = new Set(
    walked.flatMap(({ file, from, to }) => Array.from({ length: to - from + 1 }, (_, i) => `${file}:${from + i}`)),
  )
  const files = [...new Set(walked.map(({ file }) => file))]
  expect(files.sort()).toEqual(listed().sort())
  expect(files.length).toBeLessThanOrEqual(14)
  expect(lines.size).toBeLessThanOrEqual(600)
  expect(lines.size).toBeGreaterThan(200) // the trace saw the kernels, the calls and the optimizer
})
