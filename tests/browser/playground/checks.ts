// The playground as its readers meet it.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { readDigits } from '../../../examples/playground/digits.ts'
import { netNames } from '../../../examples/playground/nets.ts'
import { Race } from '../../../examples/playground/race.ts'
import { screenNames } from '../../../examples/playground/state.ts'
import { assertEqual, type Check } from '../checks.ts'
import { buildingChecks } from './building.ts'
import { drawings } from './drawings.ts'
import { memoryOf } from './memory.ts'
import { allIsRead, assert, type Opening, play, seenBy, train, withPage } from './page.ts'
import { drawStrokes, type Hand, keyboard, mouse, operate, touch } from './screens.ts'
import { pageAgainstNode } from './speed.ts'
import { storeChecks } from './store-checks.ts'
import { assertAccessible, teachingChecks } from './teaching-checks.ts'

const kinds = ['loss', 'accuracy', 'testLoss', 'testAccuracy'] as const
const settings = { seed: 3, optimizer: 'adam', rate: 0.003, batch: 32, train: 400, shifts: true } as const
const settingsHash = 'screen=race&seed=3&train=400&shifts=yes&epochs=4'

/** The race of `settings` in Node: every number of every epoch. */
function raceInNode(): number[][] {
  const csv = gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString()
  const race = new Race(settings, readDigits(csv))
  for (let epoch = 0; epoch < 4; epoch++) race.trainEpoch()
  return race.history.map(({ nets }) => netNames.flatMap(name => kinds.map(kind => nets[name][kind])))
}

/** The same from the page's table, which keeps all digits. */
async function raceInPage(page: Page): Promise<number[][]> {
  await train(page, 4)
  await page.locator('summary').click()
  await page.getByRole('table').waitFor()
  const script = `[...document.querySelectorAll('tbody tr')].map(row => [...row.querySelectorAll('data')].map(cell => cell.value))`
  return (await page.evaluate<string[][]>(script)).map(row => row.map(Number))
}

function sameAsNode(browser: Browser, allowWasm: boolean, engine: string): Check {
  return {
    name: `playground: on the ${engine} engine the curves are those of Node, to the last bit`,
    run: () =>
      withPage(
        browser,
        settingsHash,
        async page => {
          assertEqual(await raceInPage(page), raceInNode(), 'the history')
          assertEqual(await page.locator('.words').getAttribute('data-engine'), engine, 'the engine')
        },
        { allowWasm },
      ),
  }
}

/** Where fewer than 30 epochs do. */
const epochsOn: Record<string, number> = { shift: 5, share: 5 }

const onEachScreen = (browser: Browser, hand: Hand): Check[] =>
  screenNames.map(name => ({
    name: `playground: ${name} by ${hand.name}`,
    run: () =>
      withPage(browser, `screen=${name}&lang=en&epochs=${epochsOn[name] ?? 30}`, page => operate[name](page, hand), {
        touch: hand.name === 'touch',
      }),
  }))

/** Accessibility, as axe-core sees it, and nothing wider than the window. */
function looked(browser: Browser, look: string, opening: Opening, lang: 'en' | 'zh' | 'zh-TW'): Check {
  return {
    name: `playground: all screens are accessible and fit: ${look}`,
    run: () =>
      withPage(
        browser,
        `screen=race&lang=${lang}&epochs=1`,
        async page => {
          await page.locator('.bar button').nth(2).click()
          for (const name of screenNames) {
            await page.evaluate(`location.hash = 'screen=${name}&lang=${lang}&epochs=1'`)
            await page.locator(`main.${name}`).waitFor()
            const start = page.locator('main .run .primary, main.check .actions .primary').first()
            if (['place', 'check', 'history'].includes(name)) {
              await start.click()
              await page.locator('main td, main figure canvas').first().waitFor({ state: 'visible' })
            }
            for (const summary of await page.locator('summary').all()) await summary.click()
            if ((await page.locator('details').count()) > 0)
              await page.locator('details > :nth-child(2)').first().waitFor()
            await assertAccessible(page, name)
            const [wide, window] = await page.evaluate<[number, number]>(
              '[document.documentElement.scrollWidth, innerWidth]',
            )
            assert(wide <= window, `${name} is ${wide} pixels wide in a window of ${window}`)
          }
        },
        opening,
      ),
  }
}

/** What a screen has once the worker has answered: before, there are other buttons. */
const filled: Record<string, string> = {
  shift: 'main table',
  forward: '.forward[data-version]',
  build: '.where:not(:empty)',
}

/** Everything that a mouse can use is reached by Tab. */
async function tabReachesAll(page: Page, name: string): Promise<void> {
  const usable = 'a[href], button:not(:disabled), input, select, summary, [tabindex="0"]'
  const expected = await page.evaluate<number>(
    `[...document.querySelectorAll('${usable}')].filter(e => e.tabIndex >= 0 && e.checkVisibility()).length`,
  )
  const reached = new Set<number>()
  for (let i = 0; i < expected + 5; i++) {
    await page.keyboard.press('Tab')
    reached.add(
      await page.evaluate<number>(`[...document.querySelectorAll('${usable}')].indexOf(document.activeElement)`),
    )
  }
  reached.delete(-1)
  assertEqual(reached.size, expected, `elements reached by Tab on ${name}`)
}

async function padAndAnswers(page: Page): Promise<void> {
  await train(page, 30)
  await page.locator('.pad').scrollIntoViewIfNeeded()
  await touch.drawOne(page)
  await allIsRead(page)
  await page.locator('.answer', { hasText: /\d/ }).first().waitFor()
  await page.evaluate(`scrollTo(0, document.querySelector('.pad').getBoundingClientRect().top + scrollY - 150)`)
  for (const box of await page.locator('.pad, .answer, .card .bars').all()) {
    const found = await box.boundingBox()
    assert(
      found !== null && found.y >= 0 && found.y + found.height <= 844,
      `seen with the pad: ${JSON.stringify(found)}`,
    )
  }
}

async function marksAreApart(page: Page, what: string): Promise<void> {
  const boxes = await page.evaluate<[number, number][]>(
    `[...document.querySelectorAll('.ticks span')].map(e => e.getBoundingClientRect()).map(({ left, right }) => [left, right])`,
  )
  assert(boxes.length > 2, `marks: ${boxes.length}`)
  boxes.slice(1).forEach(([left], i) => {
    assert(left > boxes[i][1], `mark ${i + 1} begins at ${left}, before ${boxes[i][1]} (${what})`)
  })
}

/** Frames and long tasks, screen by screen; an idle machine has at least 50 frames a second and no long task. */
async function framesOfScreens(page: Page): Promise<void> {
  await play(page).click()
  for (const name of screenNames) {
    await page.evaluate(`location.hash = 'screen=${name}&lang=en&epochs=1000000'`)
    await page.locator(`main.${name}`).waitFor()
    await page.waitForTimeout(1500)
    const before = await seenBy(page)
    const start = Date.now()
    await page.waitForTimeout(3000)
    const { frames, longTasks } = await seenBy(page)
    const rate = (1000 * (frames - before.frames)) / (Date.now() - start)
    const long = longTasks.slice(before.longTasks.length).map(Math.round)
    console.log(`      ${name}: ${rate.toFixed(1)} frames a second, long tasks: ${long.join(', ') || 'none'} ms`)
    assert(rate > 5, `${name} is not drawn`)
  }
}

/** Five seconds of training, up to four times: on a busy machine, what runs beside may hold the page up. */
async function staysFast(page: Page): Promise<void> {
  await play(page).click()
  await page.waitForTimeout(1000)
  for (let attempt = 1; ; attempt++) {
    const before = await seenBy(page)
    const start = Date.now()
    await page.waitForTimeout(5000)
    const { frames, longTasks } = await seenBy(page)
    const rate = (1000 * (frames - before.frames)) / (Date.now() - start)
    const long = longTasks.slice(before.longTasks.length)
    const epochs = await page.locator('.words').getAttribute('data-rate')
    console.log(`      ${rate.toFixed(1)} frames a second, ${long.length} long tasks, ${epochs} epochs a second`)
    if (long.length === 0 && rate > 50) return
    if (attempt === 4) throw new Error(`four times: tasks of ${long} ms, ${rate} frames a second`)
  }
}

async function keepsItsMemory(page: Page, minutes: number): Promise<void> {
  const memory = await memoryOf(page)
  const both = async () => [await memory.page(), await memory.worker()]
  await play(page).click()
  await page.waitForTimeout(6_000 * minutes)
  const before = await both()
  await page.waitForTimeout(54_000 * minutes)
  const after = await both()
  const inMB = (bytes: number) => (bytes / 2 ** 20).toFixed(2)
  const where = await page.locator('.where').innerText()
  console.log(
    `      ${minutes} minutes, ${where}: the page ${before.map(inMB)[0]} → ${after.map(inMB)[0]} MB, the worker ${before.map(inMB)[1]} → ${after.map(inMB)[1]} MB`,
  )
  // What is kept of the epochs is bounded, to about 1 MB; the rest is what garbage collection leaves now and then.
  for (const [i, name] of ['page', 'worker'].entries())
    assert(after[i] - before[i] < 3 * 2 ** 20, `the ${name} grew by ${inMB(after[i] - before[i])} MB`)
  assert(before[1] > 2 ** 20, `the worker's memory was measured: ${before[1]}`)
}

/** @param isLong whether memory is watched for five minutes */
export function playgroundChecks(browser: Browser, isLong: boolean): Check[] {
  const check = (name: string, hash: string, use: (page: Page) => Promise<void>): Check => ({
    name: `playground: ${name}`,
    run: () => withPage(browser, hash, use),
  })
  return [
    ...onEachScreen(browser, mouse),
    ...onEachScreen(browser, keyboard),
    ...onEachScreen(browser, touch),
    ...storeChecks(browser),
    ...teachingChecks(browser),
    ...buildingChecks(browser),
    sameAsNode(browser, true, 'simd'),
    sameAsNode(browser, false, 'reference'),
    check('the local net reads at least 90 % of the test digits', 'screen=race', async page => {
      await train(page, 30)
      const score = Number.parseFloat(await page.locator('.scores .local b').innerText())
      console.log(`      ${(await page.locator('.scores').innerText()).replaceAll('\n', ' ')}`)
      assert(score >= 90, `right: ${score} %`)
    }),
    check('at least 18 of 20 drawings are read right', 'screen=draw', async page => {
      await train(page, 30)
      const wrong: string[] = []
      for (const { digit, hand, strokes } of drawings) {
        await page.getByRole('button', { name: 'Clear' }).click()
        await page.locator('.card.local .answer', { hasText: '–' }).waitFor()
        await drawStrokes(page, strokes)
        await allIsRead(page)
        const answer = await page.locator('.card.local .answer').innerText()
        if (answer !== `${digit}`) wrong.push(`${digit} (${hand}) as ${answer}`)
      }
      console.log(
        `      ${drawings.length - wrong.length} of ${drawings.length} right; wrong: ${wrong.join(', ') || 'none'}`,
      )
      assert(wrong.length <= 2, `wrong: ${wrong.join(', ')}`)
    }),
    check('a link opens the screen as it was', 'screen=count&lang=zh&size=16&padding=same', async page => {
      assertEqual(await page.locator('html').getAttribute('lang'), 'zh-Hans', 'the language')
      assertEqual(await page.locator('input[type=range]').first().inputValue(), '16', 'the size')
      await page.locator('header select').selectOption('en')
      assertEqual(await page.locator('h2').innerText(), 'How many numbers are there to learn?', 'the title')
      assert(page.url().endsWith('#screen=count&lang=en&size=16&padding=same'), page.url())
    }),
    check('all that can be used is reached by Tab', 'screen=unit&lang=en', async page => {
      for (const name of screenNames) {
        await page.evaluate(`location.hash = 'screen=${name}'`)
        await page.locator(`main.${name}`).waitFor()
        await page
          .locator(filled[name] ?? 'h2')
          .first()
          .waitFor()
        await tabReachesAll(page, name)
      }
    }),
    looked(browser, 'wide, light, English', {}, 'en'),
    looked(browser, '360 pixels, dark, Chinese', { width: 360, height: 740, dark: true }, 'zh'),
    looked(browser, '390 pixels, light, traditional Chinese', { width: 390, height: 844 }, 'zh-TW'),
    looked(browser, 'at 200 % of 1280 pixels, dark, English', { width: 640, height: 450, dark: true }, 'en'),
    {
      name: 'playground: on a phone, the pad and all answers are in view together',
      run: () => withPage(browser, 'screen=draw&lang=en', padAndAnswers, { width: 390, height: 844, touch: true }),
    },
    {
      name: 'playground: marks of the count’s axis do not overlap',
      run: async () => {
        for (const width of [360, 390, 1440])
          for (const look of ['', 'size=32&kernel=7&filters=32', 'stride=4', 'size=32&kernel=1&filters=32&stride=1'])
            await withPage(browser, `screen=count&lang=en&${look}`, page => marksAreApart(page, `${width}, ${look}`), {
              width,
            })
      },
    },
    check('tables fit a phone', 'screen=shift&lang=en', async page => {
      await page.setViewportSize({ width: 390, height: 844 })
      for (const name of ['shift', 'history', 'count', 'check']) {
        await page.evaluate(`location.hash = 'screen=${name}&lang=en&size=32&kernel=7&filters=32'`)
        await page.locator(`main.${name}`).waitFor()
        if (name === 'check') await page.getByRole('button', { name: 'Check the gradients' }).click()
        await page.locator(`main.${name} table`).waitFor()
        const [content, box] = await page.evaluate<[number, number]>(
          `(e => [e.scrollWidth, e.clientWidth])(document.querySelector('.scroll'))`,
        )
        assert(content <= box, `the table of ${name} is ${content} pixels wide in ${box}`)
      }
    }),
    check(
      'the address keeps nothing that it cannot read',
      'screen=race&lang=en&seed=-5&rate=7&unknown=1',
      async page => {
        assert(page.url().endsWith('#screen=race&lang=en'), page.url())
        await page.evaluate(`location.hash = 'screen=race&lang=en&seed=x'`)
        await page.waitForURL(/lang=en$/)
      },
    ),
    check('every screen stays smooth while training', 'screen=race&lang=en&epochs=1000000', framesOfScreens),
    check('the page stays smooth while training', 'screen=race&epochs=1000000', staysFast),
    check('speed of the page and of Node', 'screen=race&epochs=1000000', pageAgainstNode),
    check('memory stays flat while training', 'screen=race&epochs=1000000', page =>
      keepsItsMemory(page, isLong ? 5 : 0.5),
    ),
  ]
}
