// What is done on each screen, by either hand, and what must come of it.

import type { Locator, Page } from 'playwright-core'
import { countsOf } from '../../../examples/playground/counts.ts'
import { type ScreenName, start } from '../../../examples/playground/state.ts'
import { assertEqual } from '../checks.ts'
import { operateBuilding } from './building.ts'
import { drawings } from './drawings.ts'
import { allIsRead, assert, play, shownBy, train } from './page.ts'

export interface Hand {
  readonly name: string
  press(target: Locator): Promise<void>
  /** A slider to its end. */
  most(slider: Locator): Promise<void>
  /** A check box. */
  tick(box: Locator): Promise<void>
  chooseUnit(page: Page): Promise<void>
  choose(radio: Locator): Promise<void>
  drawOne(page: Page): Promise<void>
}

export async function drawStrokes(page: Page, strokes: (typeof drawings)[number]['strokes']): Promise<void> {
  const box = await page.locator('.pad').boundingBox()
  if (!box) throw new Error('there is no pad')
  const at = ([x, y]: readonly [number, number]) =>
    [box.x + (x * box.width) / 280, box.y + (y * box.height) / 280] as const
  for (const [first, ...rest] of strokes) {
    await page.mouse.move(...at(first))
    await page.mouse.down()
    for (const point of rest) await page.mouse.move(...at(point), { steps: 3 })
    await page.mouse.up()
  }
}

export const mouse: Hand = {
  name: 'mouse',
  press: target => target.click(),
  async most(slider) {
    const box = await slider.boundingBox()
    if (!box) throw new Error('there is no slider')
    await slider.click({ position: { x: box.width - 2, y: box.height / 2 } })
  },
  tick: box => box.click(),
  choose: radio => radio.click(),
  chooseUnit: page => page.locator('.cell').nth(3).click(),
  drawOne: page => drawStrokes(page, drawings[2].strokes),
}

export const keyboard: Hand = {
  name: 'keyboard',
  async press(target) {
    await target.focus()
    await target.press('Enter')
  },
  async most(slider) {
    await slider.focus()
    await slider.press('End')
  },
  async tick(box) {
    await box.focus()
    await box.press(' ')
  },
  async choose(radio) {
    await radio.focus()
    await radio.press(' ')
  },
  async chooseUnit(page) {
    await page.locator('.cell[tabindex="0"]').focus()
    for (const key of ['ArrowUp', 'ArrowUp', 'ArrowRight']) await page.keyboard.press(key)
  },
  async drawOne(page) {
    await page.locator('.pad').focus()
    await page.keyboard.press(' ')
    for (let i = 0; i < 14; i++) await page.keyboard.press('ArrowDown')
    await page.keyboard.press(' ')
  },
}

export const touch: Hand = {
  name: 'touch',
  press: target => target.tap(),
  async most(slider) {
    const box = await slider.boundingBox()
    if (!box) throw new Error('there is no slider')
    await slider.tap({ position: { x: box.width - 2, y: box.height / 2 } })
  },
  tick: box => box.tap(),
  choose: radio => radio.tap(),
  chooseUnit: page => page.locator('.cell').nth(3).tap(),
  async drawOne(page) {
    const box = await page.locator('.pad').boundingBox()
    if (!box) throw new Error('there is no pad')
    const session = await page.context().newCDPSession(page)
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: readonly (readonly [number, number])[]) =>
      session.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: points.map(([x, y]) => ({ x: box.x + (x * box.width) / 280, y: box.y + (y * box.height) / 280 })),
      })
    for (const [first, ...rest] of drawings[2].strokes) {
      await send('touchStart', [first])
      for (const point of rest) await send('touchMove', [point])
      await page.waitForTimeout(100) // a finger lifted in full movement flings, and the next tap only ends that
      await send('touchMove', [rest.at(-1) ?? first])
      await send('touchEnd', [])
    }
  },
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const undo = (page: Page) => page.getByRole('button', { name: /^Undo/ })
const redo = (page: Page) => page.getByRole('button', { name: /^Redo/ })
const shows = (page: Page, selector: string, text: string | RegExp) =>
  page.locator(selector, { hasText: text }).first().waitFor({ timeout: 60_000 })

/** Opens the tables under a chart. */
async function openNumbers(page: Page, hand: Hand, rows: number): Promise<void> {
  await hand.press(page.locator('summary'))
  const found = page.locator('details tbody tr')
  await found.last().waitFor()
  assertEqual(await found.count(), rows, 'rows of numbers')
}

export const operate: Record<ScreenName, (page: Page, hand: Hand) => Promise<void>> = {
  ...operateBuilding,
  async unit(page, hand) {
    await hand.chooseUnit(page)
    await page.getByRole('img', { name: 'from row 1, column 4' }).first().waitFor()
    await page.locator('.cell').last().hover()
    await page.getByRole('img', { name: 'from row 6, column 6' }).first().waitFor()
    await page.locator('h2').hover()
    await page.getByRole('img', { name: 'from row 1, column 4' }).first().waitFor()
    assertEqual(
      await page.locator('.cell[aria-pressed="true"]').getAttribute('aria-label'),
      'row 1, column 4',
      'the unit',
    )
    assert(page.url().includes('row=0&col=3'), `the address keeps the unit: ${page.url()}`)
    await hand.press(button(page, 'Another digit'))
    await page.waitForURL(/digit=1/)
    await hand.most(page.getByLabel('Unit at this place (filter)'))
    await page.waitForURL(/filter=8/)
    const counts = page.getByRole('region', { name: 'Convolution: counts' })
    assertEqual(
      await counts.locator('tbody td').allInnerTexts(),
      ['10', '2\u202f880', '10', '80', '9', '2\u202f592'],
      'links, weights and multiply-adds',
    )
    await openNumbers(page, hand, 8 + 3 + 3)
  },
  async count(page, hand) {
    await hand.most(page.getByLabel('Window side'))
    const { local } = countsOf({ ...start, kernel: 7 })
    await shows(page, '.amount.local', `${local.formula} = `)
    await shows(page, 'pre', `(None, 2, 2, 8)`)
    await hand.most(page.getByLabel('Stride'))
    await page.waitForURL(/kernel=7&stride=4/)
  },
  async race(page, hand) {
    await hand.press(button(page, 'Step'))
    await shows(page, '.where', 'epoch 0, batch 1 of 45')
    await hand.press(button(page, 'Epoch'))
    await shows(page, '.where', 'epoch 1, batch 0 of 45')
    await hand.press(button(page, 'Reset'))
    await shows(page, '.where', 'epoch 0, batch 0 of 45')
    await hand.press(undo(page))
    await shows(page, '.where', 'epoch 1, batch 0 of 45')
    await hand.press(redo(page))
    await shows(page, '.where', 'epoch 0, batch 0 of 45')
    await hand.press(play(page))
    await shows(page, '.bar .primary', 'Pause')
    await shows(page, '.where', /epoch ([2-9]|\d\d),/) // it may be past the second before it is seen
    await hand.press(play(page))
    await shows(page, '.bar .primary', 'Play')
    await hand.press(button(page, 'Keep these curves'))
    await shows(page, '.kept li', 'seed 1')
    await hand.tick(page.getByLabel('Train with moved digits'))
    await shows(page, '.where', 'epoch 0, batch 0 of 45')
    await page.waitForURL(/shifts=yes/)
    await hand.tick(page.getByLabel('Training too'))
    await hand.tick(page.getByLabel('Accuracy from 80 %'))
    await page.waitForURL(/curves=both&from=80/)
    await hand.press(undo(page))
    await page.waitForURL(url => !url.href.includes('shifts'))
    await shows(page, '.where', /epoch ([2-9]|\d\d),/)
    await hand.press(button(page, '▶ Race with 5 seeds'))
    await shows(page, '.run .note', /seeds done: [1-4] of 5/)
    await hand.press(button(page, 'Stop'))
    await shows(page, '.run .primary', '▶ Race with 5 seeds')
    await shows(page, '.found', /with seeds: [1-4]/) // another may have ended before the button was pressed
    await hand.press(button(page, 'Drop kept curves'))
    await page.locator('.kept').waitFor({ state: 'hidden' })
    await hand.press(page.locator('summary'))
    await page.getByRole('table').waitFor()
  },
  async mosaic(page, hand) {
    await hand.most(page.getByLabel('Filter'))
    await page.waitForURL(/filter=8/)
    const distance = page.locator('.measure strong').first()
    await distance.waitFor()
    const noise = await distance.innerText()
    await hand.press(button(page, 'Epoch'))
    await shows(page, '.where', 'epoch 1,')
    // Not by waitForFunction, which asks again by eval: the page's policy forbids it.
    await distance.filter({ hasNotText: noise }).waitFor()
    await openNumbers(page, hand, 36)
  },
  async shift(page, hand) {
    await train(page, 5)
    await shows(page, '.words', /^Moved not at all:/)
    await hand.most(page.getByRole('slider', { name: 'To the right' }))
    await shows(page, '.words', /^Moved 2 to the right:/)
    await hand.most(page.getByRole('slider', { name: 'Down' }))
    await shows(page, '.words', /^Moved 2 to the right and 2 down:/)
    assertEqual(await page.locator('.sample li', { hasText: /[✓✗]/ }).count(), 18, 'answers of three nets')
  },
  async share(page, hand) {
    await train(page, 5)
    const before = await shownBy(page)
    for (const [name, text] of [
      ['Share weights now', 'all places share'],
      ['Untie the convolution', 'as the convolution'],
    ]) {
      await hand.press(button(page, name))
      await shows(page, '.words', text)
      assertEqual(await page.locator('.words').getAttribute('data-difference'), '0', `${name}: the difference`)
    }
    await hand.press(page.getByRole('button', { name: 'Undo: untying' }))
    await hand.press(page.getByRole('button', { name: 'Undo: sharing' }))
    await page.getByRole('button', { name: 'Undo: training' }).waitFor()
    await shows(page, '.words', 'Before sharing')
    assertEqual(await shownBy(page), before, 'undone')
  },
  async place(page, hand) {
    await hand.press(button(page, '▶ Train on the secret rule'))
    await hand.press(button(page, 'Pause')) // at once: all 30 epochs may take a second
    await shows(page, '.run .note', /epoch \d+ of 30/)
    await hand.press(button(page, '▶ Go on'))
    await shows(page, '.words', 'After epoch 30, right on 500')
    const [, ...numbers] =
      /dense ([\d.]+).*local ([\d.]+).*convolution ([\d.]+)/.exec(await page.locator('.words').innerText()) ?? []
    const [dense, local, conv] = numbers.map(Number)
    assert(local > dense + 5 && local > conv + 5, `the local net wins: ${dense} ${local} ${conv}`)
    await openNumbers(page, hand, 31)
  },
  async draw(page, hand) {
    await train(page, 30)
    await hand.drawOne(page)
    await allIsRead(page)
    await shows(page, '.card.local .answer', '1')
    await shows(page, '.card.local figcaption', 'for 1,')
    await openNumbers(page, hand, 24)
    await hand.press(button(page, 'Clear'))
    await shows(page, '.card.local .answer', '–')
    await hand.press(button(page, 'A test digit'))
    await shows(page, '.card.local .answer', /\d/)
  },
  async check(page, hand) {
    await hand.press(button(page, 'Step'))
    await hand.press(button(page, 'Check the gradients'))
    await shows(page, '.words', /^The local net as it is now \(epoch 0, batch 1\): all \d+\s\d+ numbers pass\./)
    assertEqual(await page.locator('tbody tr').count(), 5, 'parts that were checked')
    await hand.press(button(page, 'Copy').first())
    await shows(page, 'button', 'Copied')
    assert(
      `${await page.evaluate('getSelection().toString()')}`.includes('new LocallyConnected2D'),
      'the code is chosen',
    )
  },
  async history(page, hand) {
    await hand.press(button(page, '▶ Train the five nets'))
    await shows(page, '.words', /^Runs: ([2-9]|1\d)\./)
    await hand.press(button(page, 'Stop'))
    await button(page, '▶ 20 more runs').waitFor({ timeout: 60_000 })
    const found = await page.locator('tbody td b').allInnerTexts()
    assert(found.length === 5 && found.every(text => Number(text) > 60), `five results: ${found}`)
  },
}
