// The code of every page that can run there prints what its comments promise, which is what `npm test` saw in Node.

import type { Browser, Page } from 'playwright-core'
import { serve } from '../../scripts/site/serve.js'
import { assertEqual, type Check } from '../browser/checks.ts'
import { folder, pages, patience, read, withPage } from './site.ts'

const runnable = pages.filter(page => read(page).includes('class="code runs"'))

const printed = (page: Page) =>
  page.evaluate<string[]>(
    "[...document.querySelectorAll('.bar output')].flatMap(output => output.textContent.split('\\n').filter(Boolean))",
  )

/** Runs the code to the end of the page; the lines that it prints. */
async function runAll(page: Page): Promise<string[]> {
  await page.locator('.bar .run').last().click()
  await page.locator('html[data-ran]').waitFor({ state: 'attached', timeout: patience })
  return printed(page)
}

async function promisesOf(page: Page): Promise<string[]> {
  const code = await page.evaluate<string>(
    "[...document.querySelectorAll('.runs textarea')].map(area => area.value).join('\\n')",
  )
  return [...code.matchAll(/^ *\/\/ prints (.*)$/gm)].map(([, line]) => line)
}

export function runChecksOf(browser: Browser): Check[] {
  return [
    ...runnable.map(url => ({
      name: `run ${url}`,
      run: () =>
        withPage(browser, url, {}, async (page, watch) => {
          const promised = await promisesOf(page)
          assertEqual(promised.length > 0, true, 'something is promised')
          assertEqual(await runAll(page), promised, 'printed')
          assertEqual(watch.complaints, [], 'complaints')
        }),
    })),
    {
      name: 'run: there are pages with code that runs',
      run: async () => {
        const guides = ['index', 'start', 'layer', 'gradients', 'data', 'graphs', 'research', 'engines', 'security']
        assertEqual(
          guides.filter(name => !runnable.includes(`${name}.html`)),
          [],
          'pages without',
        )
      },
    },
    {
      name: 'run: code that was changed prints something else, and can be undone',
      run: () =>
        withPage(browser, 'start.html', {}, async page => {
          const area = page.locator('.runs textarea').first()
          const before = await area.inputValue()
          await area.fill("console.log([1.5, 'two'], { three: 3 })")
          await page.locator('.bar .run').first().click()
          await page.locator('html[data-ran]').waitFor({ state: 'attached' })
          assertEqual(await printed(page), ["[ 1.5, 'two' ] { three: 3 }"], 'printed')
          await page.locator('.bar .reset').first().click()
          assertEqual(await area.inputValue(), before, 'code')
        }),
    },
    {
      name: 'run: an error shows where the code stands, and endless code can be stopped',
      run: () =>
        withPage(browser, 'start.html', {}, async page => {
          const area = page.locator('.runs textarea').first()
          await area.fill("import { Dense } from 'unshared'\nnew Dense({ units: 0 })")
          await page.locator('.bar .run').first().click()
          const message = await page.locator('.bar output .wrong').first().textContent()
          assertEqual(/units: expected a positive integer/.test(message ?? ''), true, message ?? '')
          await area.fill('for (;;);')
          await page.locator('.bar .run').first().click()
          await page.locator('.bar .stop').first().click()
          await page.locator('.bar .run').first().waitFor()
        }),
    },
    {
      name: 'run: the code reaches neither the page nor a network',
      run: () =>
        withPage(browser, 'start.html', {}, async page => {
          const code = `const tries = [() => parent.document, () => document, () => localStorage, () => fetch('https://example.com')]
            for (const attempt of tries) console.log(await Promise.resolve().then(attempt).then(() => 'reached', () => 'refused'))`
          await page.locator('.runs textarea').first().fill(code)
          await page.locator('.bar .run').first().click()
          await page.locator('html[data-ran]').waitFor({ state: 'attached' })
          assertEqual(await printed(page), ['refused', 'refused', 'refused', 'refused'], 'printed')
        }),
    },
    {
      name: 'run: from a server too',
      async run() {
        const server = await serve(folder, 0)
        try {
          await withPage(browser, `${server.address}/start.html`, {}, async page => {
            assertEqual(await runAll(page), await promisesOf(page), 'printed')
          })
        } finally {
          server.close()
        }
      },
    },
  ]
}
