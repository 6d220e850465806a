// What a teacher needs: lecture mode, keys, links that hide, questions, worksheets, three languages.

import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { type ScreenName, screenNames } from '../../../examples/playground/state.ts'
import { assertEqual, type Check } from '../checks.ts'
import { assert, type Opening, shownBy, withPage } from './page.ts'
import { type Hand, keyboard, mouse, touch } from './screens.ts'

const axe = readFileSync('node_modules/axe-core/axe.min.js', 'utf8')

export async function assertAccessible(page: Page, what: string): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe)
  const violations = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  )
  assertEqual(violations, [], `axe-core on ${what}`)
}

/** Starts whatever a screen shows only after a press. */
async function fill(page: Page, screen: ScreenName): Promise<void> {
  const run = page.locator('main .run .primary, main.check .actions .primary')
  if (!['place', 'check', 'history'].includes(screen)) return
  await run.first().click()
  await page.locator('main td, main figure canvas').first().waitFor({ state: 'visible', timeout: 60_000 })
  if (screen !== 'check') await page.getByRole('button', { name: 'Stop' }).click()
}

/** The smallest size of text that is seen, in pixels. */
const smallestText = (page: Page) =>
  page.evaluate<number>(`Math.min(...[...document.querySelectorAll('main *')]
    .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '') && !e.closest('.hidden, select, sup'))
    .map(e => parseFloat(getComputedStyle(e).fontSize)))`)

/** How far to the right and down anything reaches, once that stays. */
async function settled(page: Page): Promise<[number, number]> {
  const reach = () =>
    page.evaluate<[number, number]>(
      `[...document.querySelectorAll('.frame, .frame *')].filter(e => e.checkVisibility() && !e.closest('.hidden, .skip, .scroll, pre, nav, select')).reduce(
        ([right, bottom], e) => { const box = e.getBoundingClientRect(); return [Math.max(right, box.right), Math.max(bottom, box.bottom)] }, [0, 0])`,
    )
  let [before, same] = [await reach(), 0]
  for (let i = 0; i < 50 && same < 4; i++) {
    await page.waitForTimeout(200)
    const now = await reach()
    same = `${now}` === `${before}` ? same + 1 : 0
    before = now
  }
  return before
}

function fits(browser: Browser, width: number, height: number, least: number): Check {
  return {
    name: `playground: in a lecture each screen fits into ${width} × ${height}`,
    run: () =>
      withPage(
        browser,
        'screen=race&mode=lecture&ask=yes&lang=en&epochs=3',
        async page => {
          const sizes: string[] = []
          const assertFits = async (what: string) => {
            const [right, bottom] = await settled(page)
            assert(
              right <= width + 1 && bottom <= height + 1,
              `${what} is ${right} × ${bottom} in ${width} × ${height}`,
            )
            const size = await smallestText(page)
            sizes.push(`${what} ${size.toFixed(1)}`)
            assert(size >= least, `the smallest text of ${what} has ${size} pixels`)
          }
          for (const [number, name] of screenNames.entries()) {
            await pressNumber(page, number)
            await page.locator(`main.${name}`).waitFor()
            const question = page.locator('.question input').first()
            if (await question.count()) await question.click()
            if (name === 'race') await page.locator('.bar button').nth(2).click()
            await fill(page, name)
            await assertFits(name)
            if (name !== 'forward') continue
            await page.getByRole('button', { name: 'Backwards' }).click()
            await page.locator('.arithmetic.conv .places').waitFor()
            await assertFits('forward, backwards')
          }
          console.log(`      smallest text in pixels: ${sizes.join(', ')}`)
        },
        { width, height },
      ),
  }
}

/** As a reader types it: a second digit that comes at once belongs to the first. */
async function pressNumber(page: Page, number: number): Promise<void> {
  await page.waitForTimeout(800)
  for (const digit of String(number)) await page.keyboard.press(digit)
}

async function keysChangeScreens(page: Page): Promise<void> {
  const is = (name: string) => page.locator(`main.${name}`).waitFor()
  await pressNumber(page, 4)
  await is('shift')
  assertEqual(await page.evaluate('document.activeElement.tagName'), 'H2', 'the focus')
  await page.keyboard.press('ArrowRight')
  await is('share')
  await page.keyboard.press('PageUp')
  await is('shift')
  await page.keyboard.press('End')
  await is(screenNames.at(-1) as string)
  await page.keyboard.press('Home')
  await is('unit')
  // Keys that an element wants are its own.
  await pressNumber(page, screenNames.length - 1)
  await is(screenNames.at(-1) as string)
  await pressNumber(page, 1)
  await is('count')
  await page.locator('input[type=range]').first().focus()
  await page.keyboard.press('ArrowRight')
  assertEqual(await page.locator('input[type=range]').first().inputValue(), '9', 'the slider')
  await pressNumber(page, 2)
  await is('race')
  await page.getByLabel('Seed').focus()
  await page.keyboard.type('7')
  await is('race')
  await page.goBack()
  await is('count')
}

/** In the teacher's dialog, everything is set that a class will see; the link has it all. */
function linkHides(browser: Browser, hand: Hand): Check {
  const opening: Opening = { touch: hand.name === 'touch' }
  return {
    name: `playground: a teacher’s link hides, asks and lectures, by ${hand.name}`,
    async run() {
      let link = ''
      await withPage(
        browser,
        'screen=race&lang=en',
        async page => {
          await hand.press(page.getByRole('button', { name: 'For teachers' }))
          await page.getByRole('dialog').waitFor()
          await assertAccessible(page, 'the teacher’s dialog')
          for (const name of [
            ...['Learning rate', 'Seed', 'Is the math right?', 'For teachers'],
            'A question before the buttons work',
          ])
            await hand.tick(page.getByRole('dialog').getByLabel(name, { exact: true }))
          link = await page.getByLabel('Link for the class').inputValue()
          await hand.press(page.getByRole('button', { name: 'Close' }))
          await page.locator('.question').waitFor()
          assertEqual(await page.getByRole('button', { name: 'For teachers' }).count(), 0, 'the button is hidden, too')
        },
        opening,
      )
      await withPage(
        browser,
        new URL(link).hash.slice(1),
        async page => {
          assertEqual(await page.getByLabel('Learning rate').count(), 0, 'learning rates')
          assertEqual(await page.getByLabel('Seed').count(), 0, 'seeds')
          assertEqual(await page.getByLabel('Batch').count(), 1, 'what was not hidden')
          assertEqual(await page.locator('nav a[data-screen="check"]').count(), 0, 'tabs of the hidden screen')
          // Nothing works before the answer; then it does. The answer is not in the address.
          const step = page.getByRole('button', { name: 'Step', exact: true })
          assert(await step.isDisabled(), 'the buttons wait')
          const address = page.url()
          await hand.choose(page.getByRole('radio', { name: 'The local net' }))
          await hand.press(step)
          await page.locator('.where', { hasText: 'batch 1 of' }).waitFor()
          assertEqual(page.url(), address, 'the address')
          await hand.press(page.getByRole('button', { name: 'Show the answer' }))
          await page.locator('.asked', { hasText: 'Not quite' }).waitFor()
          await assertAccessible(page, 'a question')
          await page.locator('nav a[data-screen="shift"]').click()
          await page.locator('nav a[data-screen="race"]').click()
          assert(await page.getByRole('radio', { name: 'The local net' }).isChecked(), 'the answer is kept')
        },
        opening,
      )
    },
  }
}

async function worksheetPrints(page: Page): Promise<void> {
  await page.evaluate('globalThis.print = () => {}')
  await page.getByRole('button', { name: 'For teachers' }).click()
  await page.getByRole('button', { name: 'with a page of answers' }).click()
  const count = async () => Number(/\/Count (\d+)/.exec((await page.pdf({ format: 'A4' })).toString('latin1'))?.[1])
  await page.emulateMedia({ media: 'print' })
  const seen = await page.locator('.sheet').innerText()
  for (const text of ['Worksheet', 'Name:', 'Who', 'Answers', '☒'].filter(text => text !== 'Who'))
    assert(seen.includes(text), `the worksheet has ${text}`)
  assertEqual(await page.locator('.frame').isVisible(), false, 'the page on paper')
  const withAnswers = await count()
  await page.evaluate('dispatchEvent(new Event("afterprint"))')
  assertEqual(await page.locator('.sheet').count(), 0, 'worksheets after printing')
  await page.emulateMedia({ media: 'screen' })
  await page.getByRole('button', { name: 'Print the worksheet' }).click()
  const without = await count()
  console.log(`      pages: ${without} without answers, ${withAnswers} with them`)
  assert(without >= 1 && withAnswers > without, 'the answers are on a page of their own')
}

const greets = (browser: Browser, locale: string, tag: string, title: string): Check => ({
  name: `playground: a browser in ${locale} is greeted in its language`,
  run: () =>
    withPage(
      browser,
      '',
      async page => {
        assertEqual(await page.locator('html').getAttribute('lang'), tag, 'the language')
        assertEqual(await page.locator('h2').innerText(), title, 'the title')
      },
      { locale },
    ),
})

async function focusStays(page: Page): Promise<void> {
  const language = page.locator('header select')
  await language.focus()
  await language.selectOption('zh')
  await page.locator('html[lang="zh-Hans"]').waitFor()
  assertEqual(await page.evaluate('document.activeElement.tagName'), 'SELECT', 'the focus after the language')
  await page.locator('header select').selectOption('en')
  const before = await shownBy(page)
  assertEqual(before.epoch, 0, 'the epoch')
}

export function teachingChecks(browser: Browser): Check[] {
  const check = (name: string, hash: string, use: (page: Page) => Promise<void>): Check => ({
    name: `playground: ${name}`,
    run: () => withPage(browser, hash, use),
  })
  return [
    fits(browser, 1024, 768, 11),
    fits(browser, 1440, 900, 13),
    fits(browser, 3840, 2160, 32),
    check('in a lecture keys change screens', 'screen=race&mode=lecture&lang=en', keysChangeScreens),
    check('a number changes the screen', 'screen=unit&lang=en', async page => {
      await pressNumber(page, 4)
      await page.locator('main.shift').waitFor()
      await page.getByRole('button', { name: 'For teachers' }).click()
      await page.getByRole('dialog').getByLabel('Keys change screens').click()
      await page.getByRole('button', { name: 'Close' }).click()
      await pressNumber(page, 2)
      await page.waitForTimeout(100)
      assertEqual(await page.locator('main.shift').count(), 1, 'the screen with keys turned off')
    }),
    ...[mouse, keyboard, touch].map(hand => linkHides(browser, hand)),
    check('the worksheet prints, with answers on a page of their own', 'screen=race&lang=en', worksheetPrints),
    check('the focus stays when the language changes', 'screen=race&lang=en', focusStays),
    greets(browser, 'en-GB', 'en', 'What does one unit see?'),
    greets(browser, 'zh-CN', 'zh-Hans', '一个单元能看到什么？'),
    greets(browser, 'zh-TW', 'zh-Hant-TW', '一個單元能看到什麼？'),
    greets(browser, 'fr-FR', 'en', 'What does one unit see?'),
  ]
}
