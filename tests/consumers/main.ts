// Packs the library as npm would publish it, installs it outside the project, and runs it in all consumers:
//   npm run test:consumers                    all; needs `npm ci` in tests/consumers, and Chromium
//   npm run test:consumers -- --light         those that need only the project's own packages, and Chromium
//   npm run test:consumers -- --only deno     those whose name has this word

import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import * as unshared from 'unshared'
import { bundlers } from './bundlers.ts'
import { install, output } from './consumer.ts'
import { train } from './programs/train.mjs'
import { runtimes } from './runtimes.ts'
import { compilers } from './types.ts'

const { values } = parseArgs({ options: { light: { type: 'boolean' }, only: { type: 'string', default: '' } } })
const all = [...runtimes, ...bundlers, ...compilers]
const chosen = all.filter(
  ({ name, isLight }) => (isLight || !values.light) && name.toLowerCase().includes(values.only.toLowerCase()),
)

const packed = resolve('out/consumers-package')
rmSync(packed, { recursive: true, force: true })
mkdirSync(packed, { recursive: true })
await output('npm', ['pack', '--pack-destination', packed, '--silent'])
const tarball = readdirSync(packed).find(name => name.endsWith('.tgz'))
await output('tar', ['-xzf', `${packed}/${tarball}`, '-C', packed])

const { losses } = await train(unshared, 1)
let [passed, failed] = [0, 0]
for (const { name, obstacle, run } of chosen) {
  const why = obstacle?.() ?? null
  if (why !== null) {
    console.log(`FAILED ${name}: ${why}`)
    failed++
    continue
  }
  const started = Date.now()
  try {
    const tools = ['next', 'react', 'react-dom', 'webpack', 'vite', 'parcel']
    const found = await run(install(name, `${packed}/package`, losses, tools))
    console.log(`${name}: ${found} (${((Date.now() - started) / 1000).toFixed(1)} s)`)
    passed++
  } catch (error) {
    console.log(`FAILED ${name}: ${(error as Error).message}`)
    failed++
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
