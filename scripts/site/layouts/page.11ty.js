// One page: the navigation, the text, its headings, and the way to the next page.
import { escapeHtml } from '../markdown.js'
import { languages, sections, words } from '../navigation.js'
import { site } from '../site.js'
import { between } from '../site-map.js'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"

export function render({ source, content }) {
  const page = site.map.bySource.get(source)
  const text = words[page.lang]
  const to = url => between(page.url, url)
  const title = page.id === 'index' ? 'unshared' : `${titleOf(page)} · unshared`
  const isHome = page.id === 'index'
  return `<!doctype html>
<html lang="${page.lang}" data-root="${'../'.repeat(page.url.split('/').length - 1)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${escapeHtml(page.about ?? titleOf(page))}">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${to('icon.svg')}">
<link rel="stylesheet" href="${to('site.css')}">
<script src="${to('early.js')}"></script>
<script src="${to('page.js')}" defer></script>
${page.runs ? `<script src="${to('run.js')}" defer></script>` : ''}${page.scripts.map(name => `<script src="${to(name)}" defer></script>`).join('')}
</head>
<body class="${isHome ? 'home' : ''}">
<a class="skip" href="#text">${text.skip}</a>
<header class="top">
<button type="button" class="menu" aria-expanded="false" aria-controls="sections">${text.menu}</button>
<a class="brand" href="${to(homeOf(page.lang))}">${mark}unshared</a>
<div class="search" role="search">
<input type="search" id="query" placeholder="${text.search}" aria-label="${text.searching}" autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false" aria-controls="found" aria-autocomplete="list">
<kbd aria-hidden="true">/</kbd>
<div id="found" role="listbox" aria-label="${text.searching}" hidden></div>
<p class="visually-hidden" role="status"></p>
</div>
<nav class="languages" aria-label="${text.language}">${languages.map(language => languageLink(page, language)).join('')}</nav>
<button type="button" class="theme" data-label="${text.theme}" data-auto="${text.themes.auto}" data-light="${text.themes.light}" data-dark="${text.themes.dark}"></button>
</header>
<div class="frame">
<nav id="sections" class="sections" aria-label="${text.menu}">${navigation(page)}</nav>
<main id="text" tabindex="-1">
<article${page.id.startsWith('reference/') ? ' class="reference"' : ''}>
${content}
</article>
${around(page)}
</main>
${contents(page)}
</div>
</body>
</html>
`
}

const mark =
  '<svg viewBox="0 0 16 16" width="20" height="20" aria-hidden="true"><rect x="1" y="1" width="6" height="6" rx="1.5" class="a"/><rect x="9" y="1" width="6" height="6" rx="1.5" class="b"/><rect x="1" y="9" width="6" height="6" rx="1.5" class="c"/><rect x="9" y="9" width="6" height="6" rx="1.5" class="d"/></svg>'

const homeOf = lang => (site.map.find('index', lang) ?? site.map.find('index', 'en')).url

const titleOf = page => site.titleOf(page)

function languageLink(page, { code, name }) {
  const other = site.map.find(page.id, code) ?? site.map.find('index', code)
  if (!other) return ''
  const current = code === page.lang ? ' aria-current="true"' : ''
  const short = { en: 'English', 'zh-CN': '简体', 'zh-TW': '繁體' }[code]
  const exact = other.id === page.id ? ' data-same' : ''
  return `<a href="${between(page.url, other.url)}" lang="${code}" hreflang="${code}" title="${name}" data-language="${code}" data-short="${short.slice(0, code === 'en' ? 2 : 1)}"${exact}${current}>${short}</a>`
}

function navigation(page) {
  const text = words[page.lang]
  return sections
    .map(({ title, pages }) => {
      const items = site.listed(pages, page.lang).map(({ id, target, name, isOpen }) => {
        const current = target === page ? ' aria-current="page"' : ''
        const language = target.lang !== page.lang && page.lang !== 'en' ? ` <small>${text.english}</small>` : ''
        const inner = isOpen(page)
          ? site
              .children(id)
              .map(
                child =>
                  `<li><a href="${between(page.url, child.url)}"${child === page ? ' aria-current="page"' : ''}>${escapeHtml(titleOf(child))}</a></li>`,
              )
              .join('')
          : ''
        return `<li><a href="${between(page.url, target.url)}"${current}>${escapeHtml(name)}${language}</a>${inner && `<ul>${inner}</ul>`}</li>`
      })
      return items.length === 0 ? '' : `<p class="section">${title[page.lang]}</p><ul>${items.join('')}</ul>`
    })
    .join('')
}

function contents(page) {
  const headings = page.headings.filter(({ level }) => level === 2 || (level === 3 && page.headings.length < 40))
  if (headings.length < 2) return '<aside class="contents" hidden></aside>'
  const label = words[page.lang].onThisPage
  const items = headings.map(
    ({ level, id, text }) => `<li class="level${level}"><a href="#${id}">${escapeHtml(text)}</a></li>`,
  )
  return `<nav class="contents" aria-label="${label}"><p>${label}</p><ul>${items.join('')}</ul></nav>`
}

function around(page) {
  const text = words[page.lang]
  const [before, after] = site.neighbours(page)
  const link = (other, rel, label) =>
    other
      ? `<a rel="${rel}" href="${between(page.url, other.url)}"><small>${label}</small>${escapeHtml(titleOf(other))}</a>`
      : '<span></span>'
  return before || after
    ? `<nav class="around" aria-label="${text.previous}, ${text.next}">${link(before, 'prev', text.previous)}${link(after, 'next', text.next)}</nav>`
    : ''
}
