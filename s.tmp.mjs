import { chromium } from 'playwright-core'
import { pathToFileURL } from 'node:url'
const [name, hash, width=1440, height=900, dark='light', ...acts] = process.argv.slice(2)
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox','--disable-gpu'] })
const page = await (await browser.newContext({ viewport: { width: +width, height: +height }, colorScheme: dark })).newPage()
page.on('pageerror', e => console.log('ERR', String(e).slice(0,500))); page.on('console', m => console.log('CON', m.text().slice(0,500)))
await page.goto(pathToFileURL('/tmp/w/screens/docs/playground.html') + '#' + hash)
await page.locator('main h2').waitFor()
for (const act of acts) { if (act.startsWith('w')) await page.waitForTimeout(+act.slice(1)); else if (act === 'full') {} else await page.locator(act).first().click() }
await page.waitForTimeout(300)
await page.screenshot({ path: `/tmp/w/screens/out/${name}.png`, fullPage: acts.includes('full') })
console.log(await page.evaluate('[document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight, getComputedStyle(document.documentElement).fontSize]'))
await browser.close()
