// `node scripts/run-ts.js tests/examples/builder-runs.ts`: how the races end that the playground's builder offers to try.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { setEngineDefaults } from 'unshared'
import { benchSettings, designOf } from '../../examples/playground/builder/bench-state.ts'
import { taskOf } from '../../examples/playground/builder/design.ts'
import { presets } from '../../examples/playground/builder/presets.ts'
import { readDigits } from '../../examples/playground/digits.ts'
import { digitsTask, netNames } from '../../examples/playground/nets.ts'
import { Race } from '../../examples/playground/race.ts'
import { type State, start } from '../../examples/playground/state.ts'

setEngineDefaults({ threads: 1 })
const data = readDigits(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const seeds = [1, 2, 3]

for (const [name, preset] of Object.entries(presets)) {
  const state: State = { ...start, ...preset }
  const runs = seeds.map(seed => {
    const race = new Race({ ...benchSettings(state), seed }, data, taskOf(designOf(state), digitsTask))
    while (race.epoch < state['b.epochs']) race.trainEpoch()
    return netNames.map(net => race.scores[net].accuracy)
  })
  const mean = (net: number) => runs.reduce((sum, run) => sum + run[net], 0) / runs.length
  console.log(`${name}: ${netNames.map((net, i) => `${net} ${(100 * mean(i)).toFixed(1)} %`).join(', ')}`)
}
