// `npm run test:browser`: what only a real browser shows.

import { launch } from './browser.ts'
import { runChecks } from './checks.ts'
import { engineChecks } from './engines/checks.ts'

const browser = await launch()
try {
  process.exitCode = (await runChecks(await engineChecks(browser))) ? 0 : 1
} finally {
  await browser.close()
}
