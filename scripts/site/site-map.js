// Which file of the project becomes which page of the site, and where a link leads.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { elsewhere, languages, sections } from './navigation.js'

const { dirname, join, relative } = posix

/** All pages made from Markdown: `{ id, lang, source, url }`, in the order of the navigation, then by name. */
export function findPages() {
  const order = sections.flatMap(({ pages }) => pages.map(({ id }) => id))
  const rank = ({ id }) => (order.includes(id) ? order.indexOf(id) : order.length)
  return languages.flatMap(({ code, folder }) => {
    const named = Object.entries(elsewhere).map(([id, name]) => ({
      id,
      source: `${folder && `docs/${folder}`}${name}.md`,
    }))
    const inDocs = (existsSync(`docs/${folder}`) ? readdirSync(`docs/${folder}`) : [])
      .filter(name => name.endsWith('.md'))
      .map(name => ({ id: name.slice(0, -3), source: `docs/${folder}${name}` }))
      .filter(({ source }) => !named.some(other => other.source === source))
    return [...named.filter(({ source }) => existsSync(source)), ...inDocs]
      .map(page => ({ ...page, lang: code, url: `${folder}${page.id}.html` }))
      .sort((a, b) => rank(a) - rank(b))
  })
}

/** From one page to another, as it works from a folder on the disk: `../data.html`. */
export function between(from, to) {
  const path = relative(dirname(from), to)
  return path === '' ? posix.basename(to) : path
}

export class SiteMap {
  constructor(pages) {
    this.pages = pages
    this.bySource = new Map(pages.map(page => [page.source, page]))
    /** Files and folders of the project that a page links to: they are pages of the site too. */
    this.sources = new Set()
  }

  find(id, lang) {
    return this.pages.find(page => page.id === id && page.lang === lang)
  }

  /** The site's address of a file of the project. @throws Error if there is no such file */
  urlOf(source) {
    const page = this.bySource.get(source)
    if (page) return page.url
    if (source === 'docs/playground.html') return 'app/playground.html'
    if (source.startsWith('docs/images/')) return source.slice('docs/'.length)
    if (!existsSync(source)) throw new Error(`${source} is not there`)
    this.sources.add(source.replace(/\/$/, ''))
    return sourceUrl(source)
  }

  /** @param from the page's source and URL @param href as it is written in the page's source */
  resolve(href, from) {
    if (/^[a-z]+:/.test(href) || href.startsWith('#')) return href
    const [path, anchor] = href.split('#')
    const url = between(from.url, this.urlOf(join(dirname(from.source), decodeURI(path))))
    return anchor === undefined ? url : `${url}#${anchor}`
  }
}

export const sourceUrl = source => {
  const path = source.replace(/\/$/, '')
  return statSync(path).isDirectory() ? `source/${path}/index.html` : `source/${path}.html`
}
