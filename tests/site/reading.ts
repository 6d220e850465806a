// Every page at three widths in both themes: nothing missing, nothing wider than the screen, nothing that the policy
// forbids, no request that leaves the folder, no violation that axe finds.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import type { Check } from '../browser/checks.ts'
import { addressOf, isListing, pages, Watch } from './site.ts'

const widths = [390, 1280, 1920]
const themes = ['light', 'dark'] as const
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Runs in the page: pictures that don't show, and what is wider than the screen. */
const lookAround = `(async () => {
  const found = []
  for (const picture of document.images) {
    await picture.decode().catch(() => {})
    if (picture.naturalWidth === 0) found.push('missing picture: ' + picture.src)
  }
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) {
    const wide = [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > clientWidth + 1 && !element.closest('.scroll, pre, .editor, [hidden]'))
    found.push('wider than the screen by ' + (scrollWidth - clientWidth) + ': ' + wide.slice(0, 3).map(element => element.tagName + '.' + element.className).join(', '))
  }
  return [...found, ...(window.violations ?? [])]
})()`

const axeRun = `axe.run(document, { preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'], resultTypes: ['violations'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => 'axe ' + id + ': ' + nodes.slice(0, 2).map(node => node.html.slice(0, 140)).join(' | ')))`

async function problemsOf(page: Page, watch: Watch, url: string): Promise<string[]> {
  const found: string[] = []
  await page.goto(addressOf(url))
  await page.evaluate(axe)
  for (const width of widths)
    for (const colorScheme of themes) {
      await page.setViewportSize({ width, height: 900 })
      await page.emulateMedia({ colorScheme })
      const seen = await page.evaluate<string[]>(lookAround)
      // A listing of a file is one template around code: axe reads it once in each theme.
      const isRead = !isListing(url) || width === widths[1]
      const violations = isRead ? await page.evaluate<string[]>(axeRun) : []
      found.push(...[...seen, ...violations].map(text => `${width} ${colorScheme}: ${text}`))
    }
  found.push(...watch.complaints.splice(0))
  return found
}

/** Runs before a page's scripts. */
const listen = `addEventListener('securitypolicyviolation', event => (window.violations ??= []).push('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`

export function readingChecks(browser: Browser): Check[] {
  return pages.map(url => ({
    name: `read ${url}`,
    async run() {
      const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })
      try {
        await context.addInitScript(listen)
        const page = await context.newPage()
        const problems = await problemsOf(page, new Watch(page), url)
        if (problems.length > 0) throw new Error(problems.join('\n'))
      } finally {
        await context.close()
      }
    },
  }))
}
