// What readers do beside reading: languages, themes, the menu, the filter, the figures.

import type { Browser, Page } from 'playwright-core'
import { assertEqual, type Check } from '../browser/checks.ts'
import { withPage } from './site.ts'

const lang = (page: Page) => page.locator('html').getAttribute('lang')

async function landsOn(browser: Browser, locale: string, expected: string): Promise<void> {
  await withPage(browser, 'index.html', { locale }, async page => {
    await page.waitForFunction(`document.documentElement.lang === '${expected}'`)
    assertEqual(await lang(page), expected, locale)
  })
}

/** The numbers of a figure's sum: the result, and what it is the sum of. */
async function sumOf(page: Page, name: string) {
  const first = `document.querySelector('[data-figure=${name}] .sum')`
  const text = await page.evaluate<string>(
    `[...${first}.childNodes].slice(0, 2).map(node => node.textContent).join('')`,
  )
  const [, result, terms] = /= (\S+) = (.*)$/.exec(text.replaceAll('−', '-').replaceAll(/[()]/g, '')) ?? []
  const products = terms
    .split(' + ')
    .map(term => term.split(' · ').reduce((product, factor) => product * Number(factor), 1))
  return { result: Number(result), sum: products.reduce((sum, product) => sum + product, 0), terms: products.length }
}

export function usingChecks(browser: Browser): Check[] {
  return [
    {
      name: 'language: the entrance follows the reader',
      async run() {
        await landsOn(browser, 'zh-CN', 'zh-CN')
        await landsOn(browser, 'zh-TW', 'zh-TW')
        await landsOn(browser, 'zh-HK', 'zh-TW')
        await landsOn(browser, 'en-GB', 'en')
        await landsOn(browser, 'fr-FR', 'en')
      },
    },
    {
      name: 'language: a choice is remembered',
      run: () =>
        withPage(browser, 'layer.html', { locale: 'zh-CN' }, async page => {
          assertEqual(await lang(page), 'en', 'a page that was named')
          await page.locator('.languages [data-language=zh-TW]').click()
          await page.waitForURL(/zh-TW\/layer\.html/)
          await page.locator('.languages [data-language=en]').click()
          await page.waitForURL(/site\/layer\.html/)
          await page.locator('.brand').click()
          await page.waitForURL(/site\/index\.html/)
          await page.waitForTimeout(300)
          assertEqual(await lang(page), 'en', 'the entrance')
        }),
    },
    {
      name: 'theme: a choice is remembered, and pictures follow it',
      run: () =>
        withPage(browser, 'papers.html', { colorScheme: 'light' }, async page => {
          const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
          const picture = () => page.evaluate<string>("document.querySelector('picture img').currentSrc")
          const light = await ground()
          await page.locator('.theme').click() // light
          await page.locator('.theme').click() // dark
          await page.reload()
          assertEqual((await ground()) !== light, true, 'the ground changed')
          await page.waitForFunction("/dark/.test(document.querySelector('picture img').currentSrc)")
          assertEqual(/dark/.test(await picture()), true, 'the picture')
        }),
    },
    {
      name: 'menu: opens on a phone',
      run: () =>
        withPage(browser, 'data.html', { viewport: { width: 390, height: 800 } }, async page => {
          assertEqual(await page.locator('.sections').isVisible(), false, 'closed')
          await page.locator('.menu').click()
          await page.locator('.sections a', { hasText: 'Engines' }).click()
          await page.waitForURL(/engines\.html/)
        }),
    },
    {
      name: 'filter: the compatibility page by word and by state',
      run: () =>
        withPage(browser, 'keras-compatibility.html', {}, async page => {
          const rows = page.locator('article tbody tr:visible')
          const all = await rows.count()
          await page.locator('.filter input').fill('kernel_size')
          const some = await rows.count()
          assertEqual(some > 0 && some < all / 3, true, `${some} of ${all}`)
          const texts = await rows.allTextContents()
          assertEqual(
            texts.every(text => text.includes('kernel_size')),
            true,
            'every row',
          )
          await page.locator('.filter input').fill('')
          await page.locator('.kinds button', { hasText: 'stricter' }).click()
          const stricter = await rows.allTextContents()
          assertEqual(stricter.length > 0 && stricter.every(text => /stricter/.test(text)), true, 'stricter')
          await page.reload()
          assertEqual(await rows.count(), stricter.length, 'kept in the address')
        }),
    },
    {
      name: 'figures: the window moves by keyboard, and the sum is the output',
      run: () =>
        withPage(browser, 'layer.html', {}, async page => {
          const seen: number[] = []
          for (const kind of ['locally connected', 'convolution']) {
            await page.locator('[data-figure=window] button', { hasText: kind }).click()
            for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'End']) {
              await page.locator('[data-figure=window] .slider input').last().press(key)
              const { result, sum, terms } = await sumOf(page, 'window')
              assertEqual(terms, 10, 'terms')
              assertEqual(Math.abs(result - sum) < 0.006, true, `${result} is ${sum}`)
              seen.push(result)
            }
          }
          assertEqual(new Set(seen).size > 4, true, 'the sum changes')
        }),
    },
    {
      name: 'figures: the gradient of a pixel is the sum over the places that see it',
      run: () =>
        withPage(browser, 'layer.html', {}, async page => {
          const counts: number[] = []
          for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'End']) {
            await page.locator('[data-figure=gradient] .slider input').last().press(key)
            const { result, sum, terms } = await sumOf(page, 'gradient')
            assertEqual(Math.abs(result - sum) < 0.006, true, `${result} is ${sum}`)
            counts.push(terms)
          }
          assertEqual(counts, [2, 4, 6, 2], 'places')
        }),
    },
    {
      name: 'figures: the counts are those of the page',
      run: () =>
        withPage(browser, 'layer.html', {}, async page => {
          const text = await page.locator('[data-figure=count] .bars').textContent()
          for (const count of ['1,612,800', '1,792']) assertEqual(text?.includes(count), true, count)
        }),
    },
  ]
}
