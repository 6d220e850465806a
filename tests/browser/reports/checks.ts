// The reports of the examples in a browser: in both themes, at a desk and on a phone.

import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { runProgram } from '../../support/program.ts'
import { assertEqual, type Check } from '../checks.ts'

const examples = ['digits', 'gan'] as const
const axe = () => readFileSync('node_modules/axe-core/axe.min.js', 'utf8')
const complaintsOfAxe = `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`

export const reportChecks = (browser: Browser): Check[] =>
  examples.map(example => ({
    name: `the report of examples/${example} is accessible, and no wider than the window`,
    run: async () => {
      const path = reportOf(example)
      for (const colorScheme of ['light', 'dark'] as const)
        for (const width of [1280, 390]) {
          const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme, bypassCSP: true })
          try {
            const page = await context.newPage()
            await page.goto(pathToFileURL(resolve(path)).href)
            assertEqual(await page.evaluate('document.documentElement.scrollWidth'), width, 'the width of the page')
            await page.evaluate(axe())
            assertEqual(await page.evaluate(complaintsOfAxe), [], `axe-core, ${colorScheme}, ${width} pixels`)
          } finally {
            await context.close()
          }
        }
    },
  }))

/** Runs a program of the examples for a few epochs. @returns the path of its report */
function reportOf(example: (typeof examples)[number]): string {
  const out = `out/browser/${example}`
  mkdirSync(out, { recursive: true })
  const { status, stderr } = runProgram(`examples/${example}/main.ts`, {
    args: ['--epochs', '3', '--out', out],
    timeout: 120_000,
  })
  assertEqual({ status, stderr }, { status: 0, stderr: '' }, `examples/${example}`)
  return join(out, 'report.html')
}
