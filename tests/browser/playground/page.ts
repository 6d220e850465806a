// The playground in a browser, opened from its file; whatever a reader should never meet is written down.

import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { assertEqual } from '../checks.ts'

const file = resolve('docs/playground.html')

export interface Opening {
  /** Whether the policy lets WebAssembly run. */
  readonly allowWasm?: boolean
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  readonly touch?: boolean
  /** Of the browser. */
  readonly locale?: string
}

/** Runs before the page's own script. */
const watch = `
  globalThis.seen = { violations: [], longTasks: [], frames: 0 }
  addEventListener('securitypolicyviolation', event => seen.violations.push(event.violatedDirective))
  new PerformanceObserver(list => seen.longTasks.push(...list.getEntries().map(entry => entry.duration)))
    .observe({ type: 'longtask', buffered: true })
  const count = () => { seen.frames++; requestAnimationFrame(count) }
  requestAnimationFrame(count)`

export interface Seen {
  violations: string[]
  longTasks: number[]
  frames: number
}
export const seenBy = (page: Page): Promise<Seen> => page.evaluate('seen')

/** Opens the playground, uses it, and asserts that there were no errors, violations or requests. */
export async function withPage(
  browser: Browser,
  hash: string,
  use: (page: Page) => Promise<void>,
  { allowWasm = true, width = 1280, height = 900, dark = false, touch = false, locale = 'en-US' }: Opening = {},
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    locale,
    hasTouch: touch,
  })
  try {
    context.setDefaultTimeout(60_000) // of a machine that has other things to do
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('console', message => complaints.push(message.text()))
    const requests: string[] = []
    page.on('request', request => {
      if (!/^(file|blob):/.test(request.url())) requests.push(request.url())
    })
    await page.addInitScript(watch)
    await page.goto(`${pathToFileURL(allowWasm ? file : withoutWasm())}#${hash}`)
    await page.locator('main h2').waitFor()
    await use(page)
    const { violations } = await seenBy(page)
    const isRefusal = (text: string) => !allowWasm && /wasm|WebAssembly/i.test(text)
    assertEqual(violations, [], 'violations of the policy')
    assertEqual(
      complaints.filter(text => !isRefusal(text)),
      [],
      'errors and messages',
    )
    assertEqual(requests, [], 'network requests')
  } finally {
    await context.close()
  }
}

function withoutWasm(): string {
  const html = readFileSync(file, 'utf8')
  const stricter = html.replace(" 'wasm-unsafe-eval'", '')
  if (stricter === html) throw new Error("the page's policy has no 'wasm-unsafe-eval'")
  const path = resolve('out/playground-without-wasm.html')
  writeFileSync(path, stricter)
  return path
}

export const play = (page: Page) => page.locator('.bar .primary')

/** Plays until so many epochs are done. */
export async function train(page: Page, epochs: number): Promise<void> {
  await play(page).click()
  await page.locator('.where', { hasText: new RegExp(`^epoch ${epochs},`) }).waitFor({ timeout: 120_000 })
  await page.locator('.bar .primary', { hasText: '▶' }).waitFor()
}

/** What the bar says: where the training is, and the accuracies to all digits. */
export interface Shown {
  readonly epoch: number
  readonly step: number
  readonly scores: readonly number[]
}
export const shownBy = (page: Page): Promise<Shown> =>
  page.evaluate(`(() => {
    const [, epoch, step] = /epoch (\\d+), batch (\\d+)/.exec(document.querySelector('.where').textContent)
    const scores = [...document.querySelectorAll('.scores b')].map(b => Number(b.dataset.value))
    return { epoch: Number(epoch), step: Number(step), scores }
  })()`)

/** By the link that the page would have. */
export async function goTo(page: Page, screen: string): Promise<void> {
  await page.locator(`nav a[data-screen="${screen}"]`).click()
  await page.locator(`main.${screen}`).waitFor()
}

export function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

/** What was drawn is handed on in the next frame, and read by the worker. */
export async function allIsRead(page: Page): Promise<void> {
  await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
  await page.locator('.drawing[data-reading="0"]').waitFor()
}
