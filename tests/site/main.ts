// `npm run test:site`: reads the whole site in a real browser, from its folder on the disk. With `-- --only WORD` only
// checks with that word in their name run.

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { launch } from '../browser/browser.ts'
import { runChecks } from '../browser/checks.ts'
import { linkChecks } from './links.ts'
import { readingChecks } from './reading.ts'
import { referenceChecks } from './reference.ts'
import { runChecksOf } from './running.ts'
import { searchChecks } from './searching.ts'
import { usingChecks } from './using.ts'

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } })
const browser = await launch()
try {
  const checks = [
    ...linkChecks,
    ...referenceChecks,
    ...searchChecks(browser),
    ...usingChecks(browser),
    ...runChecksOf(browser),
    ...readingChecks(browser),
  ]
  const chosen = checks.filter(({ name }) => name.includes(values.only))
  const passed = await runChecks(chosen, availableParallelism())
  process.exitCode = passed ? 0 : 1
} finally {
  await browser.close()
}
