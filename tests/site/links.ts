// Every link of every page leads to a page of the site, and to a place on it.

import { existsSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { sections } from '../../scripts/site/navigation.js'
import { assertEqual, type Check } from '../browser/checks.ts'
import { folder, pages, read } from './site.ts'

const idsOf = new Map<string, Set<string>>()
function ids(page: string): Set<string> {
  const known = idsOf.get(page) ?? new Set([...read(page).matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
  idsOf.set(page, known)
  return known
}

/** Links of a page that lead nowhere, and pictures and scripts that aren't there. */
export function deadLinks(page: string, html = read(page)): string[] {
  const links = [...html.matchAll(/ (?:href|src|srcset)="([^"]*)"/g)].map(([, link]) => link.replaceAll('&amp;', '&'))
  return links.filter(link => {
    if (/^(https?|mailto):/.test(link)) return false
    const [path, anchor] = link.split('#')
    const target = path === '' ? page : posix.join(posix.dirname(page), decodeURI(path))
    if (target.startsWith('..') || !existsSync(`${folder}/${target}`)) return true
    return anchor !== undefined && target.endsWith('.html') && !ids(target).has(decodeURIComponent(anchor))
  })
}

export const linkChecks: readonly Check[] = [
  {
    name: 'links: none is dead',
    async run() {
      const dead = pages.flatMap(page => deadLinks(page).map(link => `${page}: ${link}`))
      assertEqual(dead, [], 'dead links')
      assertEqual(pages.length > 50, true, 'there are pages')
      const count = pages.reduce((sum, page) => sum + (read(page).match(/ href="/g)?.length ?? 0), 0)
      console.log(`      ${count} links on ${pages.length} pages`)
    },
  },
  {
    name: 'navigation: every document has its place',
    async run() {
      const listed = sections.flatMap(({ pages }) => pages.map(({ id }) => `${id}.md`))
      const documents = readdirSync('docs').filter(name => name.endsWith('.md'))
      assertEqual(
        documents.filter(name => !listed.includes(name)),
        [],
        'documents that navigation.js does not name',
      )
    },
  },
  {
    name: 'links: a dead one would be seen',
    async run() {
      assertEqual(
        deadLinks('start.html', '<a href="nowhere.html"> <a href="#nowhere"> <a href="data.html">'),
        ['nowhere.html', '#nowhere'],
        'dead',
      )
    },
  },
]
