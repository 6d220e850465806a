// Epochs a second of the race: in the page, where the curves are drawn beside it, and in Node.

import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { setEngineDefaults } from 'unshared'
import { readDigits } from '../../../examples/playground/digits.ts'
import { Race } from '../../../examples/playground/race.ts'
import { start } from '../../../examples/playground/state.ts'
import { assert, play } from './page.ts'

const seconds = 3

function inNode(): number {
  setEngineDefaults({ threads: 1 }) // as in a page
  const csv = gunzipSync(readFileSync('examples/data/digits.csv.gz')).toString()
  const { seed, optimizer, rate, batch, train } = start
  const race = new Race({ seed, optimizer, rate, batch, train, shifts: false }, readDigits(csv))
  race.trainEpoch()
  const from = performance.now()
  while (performance.now() - from < 1000 * seconds) race.trainEpoch()
  setEngineDefaults({})
  return (1000 * (race.epoch - 1)) / (performance.now() - from)
}

async function inPage(page: Page): Promise<number> {
  const epoch = async () => Number(/epoch (\d+)/.exec(await page.locator('.where').innerText())?.[1])
  await page.getByRole('button', { name: 'Reset', exact: true }).click()
  await play(page).click()
  await page.locator('.where', { hasNotText: 'epoch 0,' }).waitFor()
  const [before, from] = [await epoch(), performance.now()]
  await page.waitForTimeout(1000 * seconds)
  const rate = (1000 * ((await epoch()) - before)) / (performance.now() - from)
  await play(page).click()
  return rate
}

/** In turns, the best of five: what runs beside slows one or the other down. */
export async function pageAgainstNode(page: Page): Promise<void> {
  let [best, bestInNode] = [0, 0]
  for (let turn = 1; turn <= 5; turn++) {
    best = Math.max(best, await inPage(page))
    bestInNode = Math.max(bestInNode, inNode())
    if (turn >= 3 && best > 0.5 * bestInNode) break
  }
  console.log(
    `      dense, local and convolution together: ${best.toFixed(1)} epochs a second in the page, ${bestInNode.toFixed(1)} in Node`,
  )
  assert(best > 0.5 * bestInNode, 'the page trains at more than half of the speed of Node')
}
