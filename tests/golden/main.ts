// The command line of the replay: `npm run golden -- DIR [--engine reference|simd] [--threads N]`.

import { parseArgs } from 'node:util'
import type { EngineName } from '../../lib/simd/choose-engine.ts'
import { setEngineDefaults } from '../../lib/simd/choose-engine.ts'
import { bothEngines, replayAll } from './replay.ts'

const usage = 'usage: npm run golden -- DIR [--engine reference|simd] [--threads N]; DIR: such as tests/golden/fixtures'

try {
  const options = { engine: { type: 'string' }, threads: { type: 'string' } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [folder, ...rest] = positionals
  if (folder === undefined || rest.length > 0) throw new Error('one folder of fixtures is needed')
  const { engine, threads } = values
  setEngineDefaults({
    ...(engine === undefined ? {} : { engine: engine as EngineName }),
    ...(threads === undefined ? {} : { threads: Number(threads) }),
  })
  const engines = engine === undefined ? bothEngines : [engine as EngineName]
  process.exitCode = (await replayAll(folder, line => console.log(line), engines)) ? 0 : 1
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
  process.exitCode = 2
}
