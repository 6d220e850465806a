// The index of each language as a classic script: of its own pages, and of the English ones that aren't translated.
import { statSync, writeFileSync } from 'node:fs'
import MiniSearch from 'minisearch'
import { languages } from './navigation.js'
import { searchOptions } from './search-words.js'
import { site } from './site.js'

const textOf = html =>
  html
    .replace(/<(style|script|svg)[\s\S]*?<\/\1>/g, ' ')
    .replace(/<a class="anchor"[\s\S]*?<\/a>/g, '')
    .replace(/<pre[\s\S]*?<\/pre>/g, code => ` ${code.replace(/<[^>]*>/g, '')} `)
    .replace(/<\/?(code|a|em|strong|span|sup|sub|small|wbr)\b[^>]*>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()

/** A page in sections: what stands under each heading. */
function* sectionsOf(page, lang) {
  const title = `${page.id.startsWith('reference/') && page.id !== 'reference/index' ? 'Reference · ' : ''}${site.titleOf(page)}`
  const shown = lang === page.lang ? title : (site.titleIn(page, lang) ?? title)
  const parts = page.html.split(/(?=<h[123] id=")/)
  for (const part of parts) {
    const [, level, id] = /^<h([123]) id="([^"]*)"/.exec(part) ?? []
    const heading = id === undefined || level === '1' ? '' : textOf(/<h[123][^>]*>([\s\S]*?)<\/h[123]>/.exec(part)[1])
    const text = textOf(part)
    if (text === '') continue
    const isFirst = level === '1' || parts.indexOf(part) === 0
    yield {
      page: page.url,
      url: level === undefined || level === '1' ? page.url : `${page.url}#${id}`,
      title: isFirst ? `${shown} ${title}` : '', // found once, with the page's beginning
      name: shown === title ? title : `${shown} · ${title}`,
      heading,
      text,
      about: isFirst ? site.aboutIn(page, lang) : '',
      start: text.slice(heading.length, heading.length + 140).trim(),
    }
  }
}

export function writeSearchIndexes(target, map) {
  const sizes = languages.map(({ code }) => {
    const pages = map.pages.filter(page => {
      if (page.isSource) return false
      return page.lang === code || (page.lang === 'en' && !map.find(page.id, code))
    })
    const index = new MiniSearch(searchOptions)
    index.addAll([...pages].flatMap(page => [...sectionsOf(page, code)]).map((section, id) => ({ id, ...section })))
    const file = `${target}/search-${code}.js`
    writeFileSync(file, `searchIndex=${JSON.stringify(JSON.stringify(index)).replaceAll('</', '<\\/')}`)
    return `${code} ${index.documentCount} sections ${Math.round(statSync(file).size / 1024)} KB`
  })
  return sizes.join(', ')
}
