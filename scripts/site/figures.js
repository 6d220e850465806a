// What the site adds to a page of Markdown: figures that can be touched, a filter, ways to go on. Each has its place after
// a heading of the English page; a translation has it after its heading of the same number.
import { sections } from './navigation.js'
import { between } from './site-map.js'

/** Before the heading that follows this one. */
const figures = {
  layer: [
    { after: 'forward', figure: 'window' },
    { after: 'input', figure: 'gradient' },
    { after: 'how-many-weights', figure: 'count' },
  ],
}

export function addFigures(page, map) {
  let html = page.body
  if (page.isSource) return html
  if (page.id === 'index') {
    // The site has its own choice of languages.
    html = html.replace(
      /<p>[^\n]*<a href="[^"]*(?:zh-TW\/)?(?:index\.html)"[^\n]*繁體中文[^\n]*<\/p>\n|<p>[^\n]*繁體中文 *<\/p>\n/,
      '',
    )
    html = html.replace('</p>\n', `</p>\n${ways(page, map)}<div class="figure" data-figure="window"></div>\n`)
    page.scripts.push('figures.js')
  }
  for (const { after, figure } of figures[page.id] ?? []) {
    const english = map.find(page.id, 'en')
    const number = english.headings.findIndex(({ id }) => id === after)
    if (number < 0) throw new Error(`${english.source} has no heading ${after} for the figure ${figure}`)
    const parts = html.split(/(?=<h[1-6] id=")/)
    const at = parts.findIndex(part => part.includes(`id="${page.headings[number]?.id}"`))
    parts[at] += `<div class="figure" data-figure="${figure}"></div>\n`
    html = parts.join('')
    if (!page.scripts.includes('figures.js')) page.scripts.push('figures.js')
  }
  if (page.id === 'keras-compatibility') {
    page.scripts.push('filter.js')
    html = html.replace('</h1>', '</h1>\n<div class="filter"></div>')
  }
  return html
}

function ways(page, map) {
  const found = sections.flatMap(({ pages }) => pages)
  const items = ['start', 'layer', 'playground', 'keras-compatibility', 'reference/index'].flatMap(id => {
    const target = map.find(id, page.lang) ?? map.find(id, 'en')
    const title = found.find(other => other.id === id)?.title[page.lang]
    return target ? [`<li><a href="${between(page.url, target.url)}">${title}</a></li>`] : []
  })
  return `<ul class="ways">${items.join('')}</ul>`
}
