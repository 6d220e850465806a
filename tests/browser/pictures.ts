// `node scripts/run-ts.js tests/browser/pictures.ts`: takes the playground's pictures in docs/images anew.

import { launch } from './browser.ts'
import { train, withPage } from './playground/page.ts'

const [width, height] = [1100, 800]
const settings = 'lang=en&train=400&epochs=20'

const browser = await launch()
try {
  for (const screen of ['race', 'mosaic', 'place'])
    await withPage(
      browser,
      `screen=${screen}&curves=both&${settings}`,
      async page => {
        if (screen === 'place') {
          await page.locator('.actions .primary').click()
          await page.locator('.chart canvas').waitFor()
        } else await train(page, 20)
        // From the line above what the picture is about.
        await page.evaluate(`document.querySelector('${screen === 'place' ? '.words' : '.lead'}').scrollIntoView()`)
        await page.mouse.move(0, 0)
        await page.waitForTimeout(500) // what fades and follows comes to rest
        await page.screenshot({ path: `docs/images/playground-${screen}.png` })
      },
      { width, height },
    )
} finally {
  await browser.close()
}
