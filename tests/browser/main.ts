// `npm run test:browser`: what only a real browser shows. With `-- --long` memory is watched for five minutes; with
// `-- --only WORD` only checks with that word in their name run.

import { parseArgs } from 'node:util'
import { launch } from './browser.ts'
import { runChecks } from './checks.ts'
import { engineChecks } from './engines/checks.ts'
import { fileChecks } from './files/checks.ts'
import { playgroundChecks } from './playground/checks.ts'
import { reportChecks } from './reports/checks.ts'

const { values } = parseArgs({
  options: { long: { type: 'boolean', default: false }, only: { type: 'string', default: '' } },
})
const browser = await launch()
try {
  const checks = [
    ...(await engineChecks(browser)),
    ...(await fileChecks(browser)),
    ...playgroundChecks(browser, values.long),
    ...reportChecks(browser),
  ]
  const passed = await runChecks(checks.filter(({ name }) => name.includes(values.only)))
  process.exitCode = passed ? 0 : 1
} finally {
  await browser.close()
}
