import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { bundle, ended, start } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'unshared-big-'))
afterAll(() => rmSync(folder, { recursive: true }))
const megabyte = 2 ** 20

interface Measured {
  /** Bytes of the weights, of the process before, and at most while it loads, beyond both of these. */
  readonly weights: number
  readonly base: number
  readonly beyond: number
  readonly seconds: number
}

async function run(program: string, action: string, path: string): Promise<Measured | null> {
  const child = start(program, action, path)
  let measured: Measured | null = null
  child.on('message', message => {
    measured = message as Measured
  })
  const { code, errors } = await ended(child)
  if (code !== 0) throw new Error(`${action} ${path}: ${errors}`)
  return measured
}

test.each([
  ['model.h5', 'load'],
  ['model.keras', 'load'],
  ['legacy.h5', 'weights'],
  ['model.weights.h5', 'weights'],
  ['model.safetensors', 'weights'],
])(
  'half a gigabyte from %s (%s) takes its weights and at most 128 MB',
  async (name, action) => {
    const program = await bundle('tests/node/programs/big-file.ts')
    const path = join(folder, name)
    await run(program, 'write', path)
    expect(statSync(path).size).toBeGreaterThan(500 * megabyte)
    const measured = await run(program, action, path)
    rmSync(path)
    if (!measured) throw new Error('nothing was measured')
    const { weights, base, beyond, seconds } = measured
    const [w, b, m] = [weights, base, beyond].map(bytes => Math.round(bytes / megabyte))
    process.stdout.write(
      `${name}: ${w} MB of weights in ${seconds.toFixed(1)} s, ${m} MB beyond them and the ${b} MB before\n`,
    )
    expect(beyond).toBeLessThan(128 * megabyte)
    expect(beyond).toBeGreaterThan(-64 * megabyte) // the weights were really read
  },
  600_000,
)
