// The one store behind all screens: scores of the nets as they are, undo, nothing lost, runs that hold up nobody.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { Tensor } from 'unshared'
import { readDigits } from '../../../examples/playground/digits.ts'
import { createNet, netNames } from '../../../examples/playground/nets.ts'
import { Race, type RaceSettings } from '../../../examples/playground/race.ts'
import { share, untie } from '../../../examples/playground/sharing.ts'
import { assertEqual, type Check } from '../checks.ts'
import { drawings } from './drawings.ts'
import { allIsRead, assert, goTo, play, type Shown, shownBy, train, withPage } from './page.ts'
import { drawStrokes } from './screens.ts'

const data = readDigits(gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString())
const settings: RaceSettings = { seed: 4, optimizer: 'adam', rate: 0.003, batch: 32, train: 400, shifts: false }
const hash = 'lang=en&seed=4&train=400'

/** Accuracies by `evaluate` of new models with these weights. */
async function evaluated({ nets }: Race): Promise<number[]> {
  const { images, labels } = data.test
  const x = new Tensor([labels.length, 8, 8, 1], images)
  const found: number[] = []
  for (const name of netNames) {
    const fresh = createNet(name, 1)
    fresh.compile({ loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] })
    fresh.setWeights(nets[name].getWeights())
    found.push(
      (await fresh.evaluate(x, Tensor.from(labels), { batchSize: labels.length, verbose: 0 })).accuracy as number,
    )
  }
  return found
}

/** Node's race, trained to where the page is. */
async function assertScores(race: Race, shown: Shown, what: string): Promise<void> {
  while (race.epoch < shown.epoch || race.step < shown.step) race.trainBatch()
  assertEqual(shown.scores, await evaluated(race), `scores ${what} at epoch ${shown.epoch}, batch ${shown.step}`)
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()
const at = (page: Page, text: string | RegExp) => page.locator('.where', { hasText: text }).waitFor({ timeout: 60_000 })

async function scoresAreOfNow(page: Page): Promise<void> {
  const race = new Race(settings, data)
  await assertScores(race, await shownBy(page), 'untrained')
  // As a lecturer found it: 40 steps from fresh, seen on every screen with the bar.
  for (let i = 0; i < 40; i++) await press(page, 'Step')
  await at(page, 'epoch 3, batch 1 of')
  for (const screen of ['race', 'mosaic', 'shift', 'share', 'draw', 'check']) {
    await goTo(page, screen)
    await at(page, 'epoch 3, batch 1 of')
    await assertScores(race, await shownBy(page), `on ${screen}`)
    if (screen !== 'shift') continue
    const { scores } = await shownBy(page)
    const cells = page.locator('tbody tr td:nth-child(4)')
    await cells.last().waitFor()
    assertEqual(
      await cells.allInnerTexts(),
      scores.map(score => (100 * score).toFixed(1)),
      'not moved',
    )
  }
  // While they train, at any moment.
  await goTo(page, 'race')
  await play(page).click()
  for (let i = 0; i < 5; i++) {
    await page.waitForTimeout(230)
    await assertScores(race, await shownBy(page), 'while training')
  }
  await play(page).click()
  await page.locator('.bar .primary', { hasText: '▶' }).waitFor()
  await page.waitForTimeout(200)
  await assertScores(race, await shownBy(page), 'paused')
  // After changes by hand.
  await goTo(page, 'share')
  await press(page, 'Share weights now')
  await page.locator('.words', { hasText: 'all places share' }).waitFor()
  share(race.nets.local)
  await assertScores(race, await shownBy(page), 'shared')
  await press(page, 'Untie the convolution')
  await page.locator('.words', { hasText: 'as the convolution' }).waitFor()
  untie(race.nets.local, race.nets.conv)
  await assertScores(race, await shownBy(page), 'untied')
}

/** All numbers of the race's table, to the last digit, by epoch. */
async function tableOf(page: Page): Promise<string> {
  const script = `JSON.stringify([...document.querySelectorAll('details tbody tr')].map(row => [row.cells[0].textContent, ...[...row.querySelectorAll('data')].map(cell => cell.value)]))`
  return page.evaluate<string>(script)
}

async function undoRestores(page: Page): Promise<void> {
  assert(await page.getByRole('button', { name: 'Undo' }).isDisabled(), 'nothing to undo on a fresh page')
  await page.locator('summary').click()
  await train(page, 2)
  const [two, shownAtTwo] = [await tableOf(page), await shownBy(page)]
  await press(page, 'Epoch')
  await at(page, 'epoch 3, batch 0')
  await press(page, 'Step')
  await at(page, 'epoch 3, batch 1')
  await press(page, 'Epoch')
  await at(page, 'epoch 4, batch 0')
  const [four, shownAtFour] = [await tableOf(page), await shownBy(page)]
  const back = async (text: string) => {
    await page.getByRole('button', { name: /^Undo/ }).click()
    await at(page, text)
  }
  await back('epoch 3, batch 1')
  await back('epoch 3, batch 0')
  await back('epoch 2, batch 0')
  assertEqual([await tableOf(page), await shownBy(page)], [two, shownAtTwo], 'undone')
  // The optimizers' states are back as well: the same training gives the same numbers.
  await press(page, 'Epoch')
  await at(page, 'epoch 3, batch 0')
  await press(page, 'Epoch')
  await at(page, 'epoch 4, batch 0')
  assertEqual([await tableOf(page), await shownBy(page)], [four, shownAtFour], 'trained again')
  // Other settings start anew; undo brings nets, curves and the setting back, redo the new ones.
  await page.getByLabel('Seed').fill('9')
  await page.getByLabel('Seed').press('Enter')
  await at(page, 'epoch 0, batch 0')
  await page.waitForURL(/seed=9/)
  await back('epoch 4, batch 0')
  await page.waitForURL(/seed=4/)
  assertEqual(await page.getByLabel('Seed').inputValue(), '4', 'the setting that was undone')
  assertEqual([await tableOf(page), await shownBy(page)], [four, shownAtFour], 'undone with its settings')
  await page.getByRole('button', { name: /^Redo/ }).click()
  await page.waitForURL(/seed=9/)
  await at(page, 'epoch 0, batch 0')
  await back('epoch 4, batch 0')
  // Sharing, training and untying are undone one by one.
  const before = await shownBy(page)
  await goTo(page, 'share')
  await press(page, 'Share weights now')
  await page.locator('.words', { hasText: 'all places share' }).waitFor()
  await press(page, 'Epoch')
  await at(page, 'epoch 5, batch 0')
  const trained = await shownBy(page)
  await press(page, 'Untie the convolution')
  await page.locator('.words', { hasText: 'as the convolution' }).waitFor()
  await page.getByRole('button', { name: 'Undo: untying' }).click()
  await page.getByRole('button', { name: 'Undo: training' }).waitFor()
  assertEqual(await shownBy(page), trained, 'untying was undone')
  await page.getByRole('button', { name: 'Undo: training' }).click()
  await page.getByRole('button', { name: 'Undo: sharing' }).click()
  await page.getByRole('button', { name: 'Undo: training' }).waitFor()
  assertEqual(await shownBy(page), before, 'sharing was undone')
}

async function nothingIsLost(page: Page): Promise<void> {
  const around = async (screen: string) => {
    await page.getByLabel('Language').selectOption('zh-TW')
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.locator('nav a[data-screen="count"]').click()
    await page.locator('main.count').waitFor()
    await page.emulateMedia({ colorScheme: 'light' })
    await page.locator('header select').selectOption('en')
    await page.evaluate(`location.hash = 'screen=${screen}&${hash}&epochs=5&row=3'`)
    await page.locator(`main.${screen}`).waitFor()
  }
  await train(page, 5)
  await drawStrokes(page, drawings[2].strokes)
  await allIsRead(page)
  const answers = () => page.locator('.answer').allInnerTexts()
  const [drawn, shown] = [await answers(), await shownBy(page)]
  await around('draw')
  await allIsRead(page)
  assertEqual([await answers(), await shownBy(page)], [drawn, shown], 'the drawing and the nets')

  await goTo(page, 'check')
  await press(page, 'Check the gradients')
  await page.locator('.words', { hasText: 'as it is now' }).waitFor({ timeout: 60_000 })
  const table = await page.locator('tbody').innerText()
  await around('check')
  assertEqual(await page.locator('tbody').innerText(), table, 'the check')
  await press(page, 'Step')
  await page.locator('.words', { hasText: 'it has changed since' }).waitFor()

  // Long runs go on meanwhile, beside each other and beside the training.
  await goTo(page, 'place')
  await press(page, '▶ Train on the secret rule')
  await goTo(page, 'history')
  await press(page, '▶ Train the five nets')
  await around('place')
  await page.locator('.words', { hasText: 'After epoch' }).waitFor({ timeout: 60_000 })
  await goTo(page, 'race')
  const { epoch } = await shownBy(page)
  await press(page, 'Epoch')
  await at(page, `epoch ${epoch + 1}, batch 0`)
  await goTo(page, 'place')
  await page.locator('.words', { hasText: 'After epoch 30' }).waitFor({ timeout: 120_000 })
  await goTo(page, 'history')
  await page.locator('.words', { hasText: /^Runs: [1-9]/ }).waitFor({ timeout: 120_000 })
  await press(page, 'Pause')
  await page.locator('.primary[data-phase="paused"]').waitFor()
  const paused = await page.locator('.run .note').innerText()
  await page.waitForTimeout(700)
  assertEqual(await page.locator('.run .note').innerText(), paused, 'where the paused run is')
  await around('history')
  assertEqual(await page.locator('.run .note').innerText(), paused, 'where the paused run is, after all that')
  await press(page, 'Stop')
  await press(page, '▶ 20 more runs')
  await page.locator('.primary[data-phase="running"]').waitFor()
  await press(page, 'Stop')
}

export function storeChecks(browser: Browser): Check[] {
  const check = (name: string, screen: string, use: (page: Page) => Promise<void>, more = ''): Check => ({
    name: `playground: ${name}`,
    run: () => withPage(browser, `screen=${screen}&${hash}${more}`, use),
  })
  return [
    check('scores are those of model.evaluate, of the nets as they are', 'race', scoresAreOfNow, '&epochs=100000'),
    check('undo and redo restore nets, curves and settings to the last bit', 'race', undoRestores, '&epochs=2'),
    check('nothing is lost by language, theme, screen or address', 'draw', nothingIsLost, '&epochs=5'),
  ]
}
