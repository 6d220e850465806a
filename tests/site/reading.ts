// Every page at three widths in both themes: nothing missing, nothing wider than the screen, nothing that the policy
// forbids, no request that leaves the folder, no violation that axe finds.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import type { Check } from '../browser/checks.ts'
import { addressOf, isListing, pages, patience, read, Watch } from './site.ts'

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

const tags = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']"
/** The rules of these tags that look at colours: the others see the same page in both themes. */
const colourRules = "{ type: 'rule', values: ['color-contrast', 'link-in-text-block'] }"
const axeRun = (rules: string) =>
  `axe.run(document, { preload: false, iframes: false, runOnly: ${rules}, resultTypes: ['violations'] })
  .then(({ violations }) => violations.map(({ id, nodes }) => 'axe ' + id + ': ' + nodes.slice(0, 2).map(node => node.html.slice(0, 140)).join(' | ')))`

const classesOf = (html: string): string[] => [...html.matchAll(/ class="([^"]*)"/g)].map(([, name]) => name)

/** Listings that together show every kind of thing that listings show. */
function samplesOf(listings: readonly string[]): Set<string> {
  const samples = new Set<string>()
  const seen = new Set<string>()
  for (const listing of listings) {
    const fresh = classesOf(read(listing)).filter(name => !seen.has(name))
    if (fresh.length > 0) samples.add(listing)
    for (const name of fresh) seen.add(name)
  }
  return samples
}
const samples = samplesOf(pages.filter(isListing))

/**
 * The rules that axe applies to a page. Listings of files share one template: those that show a new kind of element are
 * checked at all widths and in both themes, the others once.
 */
function rulesFor(url: string, width: number, theme: string): string | undefined {
  if (isListing(url) && !samples.has(url)) return width === 1280 && theme === 'light' ? tags : undefined
  return theme === 'light' ? tags : colourRules
}

/** A page of the browser that reads one page of the site after another. */
class Reader {
  readonly #page: Page
  readonly #watch: Watch

  private constructor(page: Page) {
    this.#page = page
    this.#watch = new Watch(page)
  }

  static async open(browser: Browser): Promise<Reader> {
    const context = await browser.newContext({ locale: 'en-US', reducedMotion: 'reduce' })
    context.setDefaultTimeout(patience)
    await context.addInitScript(listen)
    return new Reader(await context.newPage())
  }

  close = (): Promise<void> => this.#page.context().close()

  async problemsOf(url: string): Promise<string[]> {
    const page = this.#page
    const found: string[] = []
    await page.goto(addressOf(url))
    await page.evaluate(axe)
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme })
        const seen = await page.evaluate<string[]>(lookAround)
        const rules = rulesFor(url, width, colorScheme)
        const violations = rules ? await page.evaluate<string[]>(axeRun(rules)) : []
        found.push(...[...seen, ...violations].map(text => `${width} ${colorScheme}: ${text}`))
      }
    }
    found.push(...this.#watch.complaints.splice(0))
    return found
  }
}

/** Runs before a page's scripts. */
const listen = `addEventListener('securitypolicyviolation', event => (window.violations ??= []).push('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`

export function readingChecks(browser: Browser): Check[] {
  const free: Reader[] = []
  return pages.map(url => ({
    name: `read ${url}`,
    async run() {
      const reader = free.pop() ?? (await Reader.open(browser))
      const problems = await reader.problemsOf(url).catch(async error => {
        await reader.close()
        throw error
      })
      free.push(reader)
      if (problems.length > 0) throw new Error(problems.join('\n'))
    },
  }))
}
