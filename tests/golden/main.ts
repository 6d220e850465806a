// The command line of the replay: `npm run golden -- DIR`.

import { replayAll } from './replay.ts'

const [folder, ...rest] = process.argv.slice(2)
if (folder === undefined || rest.length > 0) {
  console.error('usage: npm run golden -- DIR, a folder of fixtures such as tests/golden/fixtures')
  process.exitCode = 2
} else {
  process.exitCode = (await replayAll(folder, line => console.log(line))) ? 0 : 1
}
