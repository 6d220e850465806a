// The built site, as files and as a browser sees it.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

export const folder = 'docs/site'
export const addressOf = (url: string): string => pathToFileURL(join(folder, url)).href

/** All pages but the frames in which code runs and the playground, which has tests of its own. */
export const pages: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => path.endsWith('.html') && !/^(run-|app\/)/.test(path))
  .sort()

export const isListing = (page: string): boolean => page.startsWith('source/')
export const read = (page: string): string => readFileSync(join(folder, page), 'utf8')

/** What a page does that it should not. */
export class Watch {
  readonly complaints: string[] = []

  constructor(page: Page) {
    page.on('pageerror', error => this.complaints.push(`error: ${error.message}`))
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(`console: ${message.text()}`)
    })
    page.on('requestfailed', request => this.complaints.push(`request failed: ${request.url()}`))
    page.on('request', request => {
      const isOwn = request.url().startsWith(addressOf('')) || /^(blob|data):/.test(request.url())
      if (!isOwn) this.complaints.push(`request: ${request.url()}`)
    })
  }
}

/** A busy machine is no fault of the site. */
export const patience = 120_000

/** A page in a context of its own, in a folder on the disk. */
export async function withPage<T>(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  use: (page: Page, watch: Watch) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  try {
    context.setDefaultTimeout(patience)
    const page = await context.newPage()
    const watch = new Watch(page)
    await page.goto(url.includes(':') ? url : addressOf(url))
    return await use(page, watch)
  } finally {
    await context.close()
  }
}
