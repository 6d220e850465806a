// The case files: the same numbers in both formats, and a Python program that uses them.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Tensor } from 'unshared'
import { fromNpz } from 'unshared/data'
import { writeCases } from 'unshared/node'
import { checkLocallyConnected, type LayerSizes } from 'unshared/teaching'

const folder = mkdtempSync(join(tmpdir(), 'unshared-cases-'))
afterAll(() => rmSync(folder, { recursive: true }))
let names: string[] = []
beforeAll(async () => {
  names = await writeCases(folder)
})
const json = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))

test('every case is there twice', () => {
  expect(readdirSync(folder).sort()).toEqual([...names].sort())
  expect(names).toContain('channels_first-same-01.npz')
  expect(names.length).toBe(2 * checkLocallyConnected(() => 0).cases)
})

test('both files of a case have the same numbers', async () => {
  for (const name of names.filter(name => name.endsWith('.npz'))) {
    const arrays = await fromNpz(readFileSync(join(folder, name)))
    const { sizes, ...nested } = json(name.replace('.npz', '.json'))
    expect(Object.keys(sizes)).toEqual(['B', 'H', 'W', 'C', 'KH', 'KW', 'SH', 'SW', 'F', 'padding', 'dataFormat'])
    expect(Object.keys(arrays)).toEqual(Object.keys(nested))
    for (const [key, array] of Object.entries(arrays)) expect(Tensor.from(nested[key]).equals(array)).toBe(true)
  }
})

test('the results are those of the definition: an output by hand', () => {
  const { sizes, x, kernel, bias, y } = json('channels_last-valid-01.json')
  const { KH, KW, C, SH, SW } = sizes as LayerSizes
  let sum = bias[1][2][0]
  for (let h = 0; h < KH; h++)
    for (let w = 0; w < KW; w++)
      for (let c = 0; c < C; c++)
        sum += x[1][SH + h][2 * SW + w][c] * kernel[y[0][0].length + 2][(h * KW + w) * C + c][0]
  expect(y[1][1][2][0]).toBeCloseTo(sum, 5)
})

test('a folder is a path', async () => {
  await expect(writeCases('')).rejects.toThrow(/^folder: expected the path of a folder/)
})

/** A Python with NumPy and PyTorch, such as the one of the benchmarks; without one, these tests don't run. */
const python = process.env.UNSHARED_PYTHON ?? 'tests/benchmarks/.venv/bin/python'
const hasPython = existsSync(python) && spawnSync(python, ['-c', 'import numpy, torch']).status === 0

;(hasPython ? describe : describe.skip)('check_layer.py', () => {
  const check = (layer: string, ...options: string[]) => {
    const program = ['examples/checking-layers/check_layer.py', folder, `tests/teaching/python/${layer}`, ...options]
    const { status, stdout, stderr } = spawnSync(python, program, { encoding: 'utf8' })
    return { status, lines: stdout.trimEnd().split('\n'), stderr }
  }
  const passed = '44 of 44 cases passed'

  test('passes a right layer in NumPy, both passes', () => {
    expect(check('numpy_layer.py')).toEqual({ status: 0, lines: [passed], stderr: '' })
  })

  test('passes a right layer in PyTorch, with the gradients of autograd', () => {
    expect(check('torch_layer.py', '--torch')).toEqual({ status: 0, lines: [passed], stderr: '' })
  })

  test('fails a wrong one, and shows the first number that differs', () => {
    const { status, lines } = check('wrong_layer.py')
    expect(status).toBe(1)
    expect(lines.slice(-1)[0]).toMatch(/^\d of 44 cases passed$/)
    expect(lines.join('\n')).toMatch(/y\[0, 0, 1, 0\] is \S+, expected \S+; \d+ of \d+ differ/)
  })
})
