// The files of the project that the site's pages link to, so that no link leaves the site: programs with their lines,
// Markdown as text, folders as lists.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { escapeHtml, highlight } from './markdown.js'
import { site } from './site.js'
import { between, sourceUrl } from './site-map.js'

/** Adds the pages of all files that are linked, and of those that these link to. */
export function sourcePages(map) {
  const done = new Set()
  for (let open = [...map.sources]; open.length > 0; open = [...map.sources].filter(source => !done.has(source)))
    for (const source of open) {
      done.add(source)
      map.pages.push(pageOf(source, map))
    }
}

function pageOf(source, map) {
  const page = {
    id: `source/${source}`,
    lang: 'en',
    source,
    url: sourceUrl(source),
    title: source,
    isSource: true,
    scripts: [],
    headings: [],
  }
  map.bySource.set(source, page)
  if (statSync(source).isDirectory()) page.html = folder(page, map)
  else if (source.endsWith('.md')) page.body = text(page)
  else page.html = program(page)
  return page
}

const way = page => {
  const parts = page.source.split('/')
  return `<h1 class="path">${parts.map(escapeHtml).join('<wbr>/')}</h1>`
}

/** A Markdown file; one without a heading gets its path as one. */
function text(page) {
  const markdown = readFileSync(page.source, 'utf8')
  const body = site.markdown.render(markdown, { source: page.source })
  return markdown.startsWith('# ') ? body : way(page) + body
}

function program(page) {
  const code = readFileSync(page.source, 'utf8').trimEnd()
  const html = /\.(gz|png|npz|h5)$/.test(page.source)
    ? `<p>${statSync(page.source).size} bytes</p>`
    : `<div class="code lines"><pre tabindex="0" role="group" aria-label="Code"><code>${numbered(highlight(code, posix.extname(page.source).slice(1)))}</code></pre></div>`
  return way(page) + html
}

/** Each line in an element with its number; what spans lines is closed at their ends and opened again. */
function numbered(html) {
  let open = []
  return html
    .split('\n')
    .map((line, i) => {
      const before = open.join('')
      for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g))
        open = tag === '</span>' ? open.slice(0, -1) : [...open, tag]
      return `<span class="line" id="L${i + 1}">${before}${line}${'</span>'.repeat(open.length)}</span>`
    })
    .join('\n')
}

/** What the first comment of a program says. */
function firstComment(file) {
  if (!/\.(ts|js)$/.test(file)) return ''
  const lines = readFileSync(file, 'utf8').split('\n')
  const comment = lines.slice(
    0,
    lines.findIndex(line => !line.startsWith('//')),
  )
  return /^[^.]*\./.exec(`${comment.map(line => line.slice(2).trim()).join(' ')}.`)?.[0].replace(/\.+$/, '') ?? ''
}

function folder(page, map) {
  const hidden = /^(node_modules|\.venv|dist|out)$|-lock\.json$|^tsconfig|^package\.json$/
  const names = readdirSync(page.source).filter(name => !hidden.test(name))
  const rows = names.map(name => {
    const path = `${page.source}/${name}`
    const isFolder = statSync(path).isDirectory()
    const main = isFolder && existsSync(`${path}/main.ts`) ? `${path}/main.ts` : path
    const says = statSync(main).isFile() ? firstComment(main) : ''
    const label = `${escapeHtml(name)}${isFolder ? '/' : ''}`
    // Examples are there to be read; of other folders, only what a page names.
    const isText = page.source.startsWith('examples') && (isFolder || /\.(ts|js|py|sh|md|css)$/.test(name))
    const link = isText ? `<a href="${between(page.url, map.urlOf(path))}">${label}</a>` : label
    return `<tr><td>${link}</td><td>${escapeHtml(says)}</td></tr>`
  })
  return `${way(page)}<div class="scroll" tabindex="0" role="group" aria-label="Files"><table><tbody>${rows.join('')}</tbody></table></div>`
}
