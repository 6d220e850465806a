// `npm run pictures`: takes the pictures of docs/images anew, in a real Chromium; `npm run pictures -- gan report`: some of
// them. Also records what they show, so that a test notices when it changes.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { folder, hashOfPicture, type Recorded, record, recorded, subjects } from '../support/pictured.ts'
import { runProgram } from '../support/program.ts'
import { launch } from './browser.ts'
import { train, withPage } from './playground/page.ts'

type Take = (browser: Browser, path: string) => Promise<void>

/** Runs a program of the examples, and returns the path of its report. */
function reportOf(example: 'digits' | 'gan'): string {
  const out = `out/pictures/${example}`
  mkdirSync(out, { recursive: true })
  const { status, stderr } = runProgram(`examples/${example}/main.ts`, { args: ['--out', out], timeout: 600_000 })
  if (status !== 0) throw new Error(`examples/${example}/main.ts failed: ${stderr}`)
  return join(out, 'report.html')
}

async function withReport(browser: Browser, path: string, size: Size, use: (page: Page) => Promise<void>) {
  const page = await browser.newPage({ viewport: size, colorScheme: 'light' })
  try {
    await page.goto(pathToFileURL(resolve(path)).href)
    await use(page)
  } finally {
    await page.close()
  }
}

interface Size {
  readonly width: number
  readonly height: number
}

/** The top of the report, down to the learning curves. */
const takeReport: Take = (browser, path) =>
  withReport(browser, join('out/pictures/digits', 'report.html'), { width: 1060, height: 1420 }, async page => {
    await page.screenshot({ path })
  })

/** All that the generator made, without the words around it. */
const takeGan: Take = (browser, path) =>
  withReport(browser, reportOf('gan'), { width: 760, height: 1000 }, async page => {
    const figures = page.locator('section').first().locator('figure')
    const [first, last] = [await figures.first().boundingBox(), await figures.last().boundingBox()]
    if (!first || !last) throw new Error('the report of the GAN has no pictures')
    const [margin, top, bottom] = [16, first.y, last.y + last.height]
    const clip = {
      x: first.x - margin,
      y: top - margin,
      width: first.width + 2 * margin,
      height: bottom - top + 2 * margin,
    }
    await page.screenshot({ path, fullPage: true, clip })
  })

const takeScreen =
  (screen: string): Take =>
  (browser, path) =>
    withPage(
      browser,
      `screen=${screen}&curves=both&lang=en&train=400&epochs=20`,
      async page => {
        if (screen === 'place') {
          await page.locator('.actions .primary').click()
          await page.locator('.words', { hasText: 'After epoch 30,' }).waitFor({ timeout: 120_000 })
        } else await train(page, 20)
        // From the line above what the picture is about.
        await page.evaluate(`document.querySelector('${screen === 'place' ? '.words' : '.lead'}').scrollIntoView()`)
        await page.mouse.move(0, 0)
        await page.waitForTimeout(500) // what fades and follows comes to rest
        await page.screenshot({ path })
      },
      { width: 1100, height: 800 },
    )

const takes: Readonly<Record<string, Take>> = {
  'report.png': takeReport,
  'gan.png': takeGan,
  'playground-race.png': takeScreen('race'),
  'playground-mosaic.png': takeScreen('mosaic'),
  'playground-place.png': takeScreen('place'),
}

const words = process.argv.slice(2)
const wanted = Object.keys(subjects).filter(name => words.length === 0 || words.some(word => name.includes(word)))
const report = readFileSync(reportOf('digits'), 'utf8')
const browser = await launch()
try {
  for (const name of wanted) {
    await takes[name](browser, join(folder, name))
    const entry = { subject: subjects[name](report), picture: hashOfPicture(name) }
    const all: Recorded = { ...recorded(), [name]: entry }
    const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)))
    writeFileSync(record, `${JSON.stringify(sorted, null, 2)}\n`)
    console.log(`${name}: taken`)
  }
} finally {
  await browser.close()
}
