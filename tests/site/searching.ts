// The search, as a reader uses it: a question is typed, and one of the first three pages answers it.

import type { Browser, Page } from 'playwright-core'
import { assertEqual, type Check } from '../browser/checks.ts'
import { chinese, english, type Question } from './questions.ts'
import { addressOf, withPage } from './site.ts'

/** The pages that are found, best first. */
async function found(page: Page, question: string): Promise<string[]> {
  await page.locator('#query').fill('')
  await page.locator('#query').fill(question)
  await page.locator('#found a, #found .nothing').first().waitFor()
  const links = await page.evaluate<string[]>("[...document.querySelectorAll('#found a.page')].map(link => link.href)")
  return links.map(link => link.slice(addressOf('').length + 1).replace(/#.*/, ''))
}

async function ask(browser: Browser, start: string, questions: readonly Question[]): Promise<void> {
  const missed = await withPage(browser, start, {}, async page => {
    const all: string[] = []
    for (const { ask, pages } of questions) {
      const first = (await found(page, ask)).slice(0, 3)
      if (!first.some(url => pages.includes(url)))
        all.push(`${ask}: found ${first.join(', ')}; expected ${pages.join(' or ')}`)
    }
    return all
  })
  if (missed.length > 0) throw new Error(`${missed.length} of ${questions.length} missed\n${missed.join('\n')}`)
}

export function searchChecks(browser: Browser): Check[] {
  const inChinese = (lang: string) => chinese.filter(question => question.lang === lang)
  return [
    { name: `search: ${english.length} questions in English`, run: () => ask(browser, 'start.html', english) },
    ...['zh-CN', 'zh-TW'].map(lang => ({
      name: `search: ${inChinese(lang).length} questions in ${lang}`,
      run: () => ask(browser, `${lang}/start.html`, inChinese(lang)),
    })),
    {
      name: 'search: by keyboard',
      run: () =>
        withPage(browser, 'data.html', {}, async page => {
          await page.keyboard.press('/')
          await page.keyboard.type('EarlyStopping')
          await page.locator('#found a').first().waitFor()
          await page.keyboard.press('ArrowDown')
          await page.keyboard.press('ArrowUp')
          await page.keyboard.press('Enter')
          await page.waitForURL(/callbacks\.html/)
        }),
    },
    {
      name: 'search: what is nowhere is not found',
      run: () =>
        withPage(browser, 'data.html', {}, async page => {
          assertEqual(await found(page, 'xylophonist'), [], 'found')
        }),
    },
  ]
}
