// `npm run test:browser`: what only a real browser shows. With `-- --long` memory is watched for five minutes.

import { launch } from './browser.ts'
import { runChecks } from './checks.ts'
import { engineChecks } from './engines/checks.ts'
import { playgroundChecks } from './playground/checks.ts'

const browser = await launch()
try {
  process.exitCode = (await runChecks([...(await engineChecks(browser)), ...playgroundChecks(browser)]))
    ? 0
    : 1
} finally {
  await browser.close()
}
