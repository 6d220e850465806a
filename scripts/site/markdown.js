// Markdown as the site shows it: headings with anchors, tables and code that scroll, code that can be run, links from
// names in the text to the reference.
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import javascript from 'highlight.js/lib/languages/javascript'
import json from 'highlight.js/lib/languages/json'
import python from 'highlight.js/lib/languages/python'
import typescript from 'highlight.js/lib/languages/typescript'
import xml from 'highlight.js/lib/languages/xml'
import MarkdownIt from 'markdown-it'
import { topics, words } from './navigation.js'
import { runsInPage } from './runnable.js'
import { between } from './site-map.js'

for (const [name, language] of Object.entries({ bash, javascript, json, python, typescript, xml }))
  hljs.registerLanguage(name, language)
const spelled = {
  ts: 'typescript',
  js: 'javascript',
  sh: 'bash',
  py: 'python',
  html: 'xml',
  svg: 'xml',
  md: '',
  txt: '',
}

export const escapeHtml = text =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export function highlight(code, language) {
  const name = spelled[language] ?? language
  return name && hljs.getLanguage(name) ? hljs.highlight(code, { language: name }).value : escapeHtml(code)
}

/** As GitHub makes the anchor of a heading. */
export const anchorOf = heading =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The text of an inline token, without its markup. */
const plain = token =>
  (token.children ?? []).map(({ type, content }) => (type === 'text' || type === 'code_inline' ? content : '')).join('')

/**
 * @param siteMap where links lead
 * @param reference what finds a public name: `link(name, page)` and `linkOption(option, owners, page)`
 */
export function makeMarkdown(siteMap, reference) {
  const docs = siteMap.bySource
  const pageOf = ({ source }) => docs.get(source)
  const md = new MarkdownIt({ html: true })
  const { rules } = md.renderer

  // ---- Structure: anchors, the list of headings, the place of each name
  md.core.ruler.push('site', state => {
    const { tokens } = state
    if (state.env.owners) return forDocstring(tokens, state.env.owners)
    const env = docs.get(state.env.source)
    const seen = new Map()
    env.headings = []
    let topic = []
    let block = -1
    env.blocks = tokens.filter(({ type, info }) => type === 'fence' && info === 'ts').map(({ content }) => content)
    env.runs = runsInPage(env.blocks)
    tokens.forEach((token, i) => {
      if (token.type === 'heading_open') {
        const text = plain(tokens[i + 1])
        const anchor = anchorOf(text)
        const count = seen.get(anchor) ?? 0
        seen.set(anchor, count + 1)
        const id = count === 0 ? anchor : `${anchor}-${count}`
        token.attrSet('id', id)
        env.headings.push({ level: Number(token.tag[1]), id, text })
        topic = reference.ownersIn(text)
      }
      if (token.type === 'inline') {
        const inRow = tokens[i - 1].type === 'td_open'
        const first = inRow && tokens[i - 2].type === 'tr_open'
        if (first) env.row = reference.ownersIn(token.content)
        const owners = reference.ownersIn(token.content)
        token.meta = { owners: [...owners, ...(inRow ? (env.row ?? []) : []), ...topic, ...(topics[env.id] ?? [])] }
        for (const child of token.children) child.meta = token.meta
      }
      if (token.type === 'fence' && token.info === 'ts') token.meta = { block: ++block, runs: env.runs }
    })
  })

  /** The text of a docstring is about its class. */
  function forDocstring(tokens, owners) {
    for (const token of tokens) for (const child of token.children ?? []) child.meta = { owners }
  }

  rules.heading_open = (tokens, i, _, env) => {
    env.heading = plain(tokens[i + 1])
    return `<${tokens[i].tag} id="${tokens[i].attrGet('id')}">`
  }
  rules.heading_close = (tokens, i) => {
    const id = tokens[i - 2].attrGet('id')
    const anchor =
      tokens[i].tag === 'h1' ? '' : ` <a class="anchor" href="#${id}" aria-label="#${escapeHtml(id)}">#</a>`
    return `${anchor}</${tokens[i].tag}>\n`
  }

  // ---- Links and pictures
  const asIs = (tokens, i, options, _, self) => self.renderToken(tokens, i, options)
  rules.link_open = (tokens, i, options, env, self) => {
    const written = tokens[i].attrGet('href')
    const isName = written.startsWith('@') // a link of a docstring
    const href = isName ? between(pageOf(env).url, written.slice(1)) : siteMap.resolve(written, pageOf(env))
    tokens[i].attrSet('href', href)
    if (/^https?:/.test(href)) tokens[i].attrSet('rel', 'noreferrer')
    env.inLink = true
    return asIs(tokens, i, options, env, self)
  }
  rules.link_close = (tokens, i, options, env, self) => {
    env.inLink = false
    return asIs(tokens, i, options, env, self)
  }
  const picture = rules.image
  rules.image = (tokens, i, options, env, self) => {
    tokens[i].attrSet('src', siteMap.resolve(tokens[i].attrGet('src'), pageOf(env)))
    return picture(tokens, i, options, env, self)
  }
  rules.html_block = rules.html_inline = (tokens, i, _, env) =>
    tokens[i].content.replace(/\b(src|srcset|href)="([^"]*)"/g, (_, name, value) => {
      return `${name}="${siteMap.resolve(value, pageOf(env))}"`
    })

  // ---- Names of the library
  rules.code_inline = (tokens, i, _, env) => {
    const { content, meta } = tokens[i]
    const code = `<code>${escapeHtml(content)}</code>`
    if (env.inLink) return code
    const href = reference.find(content, meta?.owners ?? [], pageOf(env))
    return href ? `<a class="name" href="${href}">${code}</a>` : code
  }

  // ---- Tables
  rules.table_open = (tokens, i, _, env) => {
    const heads = []
    for (let j = i; tokens[j].type !== 'thead_close'; j++)
      if (tokens[j].type === 'th_open') heads.push(tokens[j + 1].content)
    env.bareHead = heads.every(text => text === '')
    const label = `${words[pageOf(env).lang].table}: ${env.heading ?? ''}`
    return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(label)}"><table>\n`
  }
  rules.table_close = () => '</table></div>\n'
  const styled = (tag, token) => {
    const align = /text-align:(\w+)/.exec(token.attrGet('style') ?? '')?.[1]
    return align ? `<${tag} class="${align}">` : `<${tag}>`
  }
  rules.thead_open = (_t, _i, _o, env) => (env.bareHead ? '<thead hidden>' : '<thead>')
  rules.th_open = (tokens, i, _, env) => {
    env.emptyHead = tokens[i + 1].content === ''
    return styled(env.emptyHead ? 'td' : 'th', tokens[i])
  }
  rules.th_close = (_t, _i, _o, env) => (env.emptyHead ? '</td>' : '</th>')
  rules.td_open = (tokens, i) => styled('td', tokens[i])

  // ---- Code
  rules.fence = (tokens, i, _, env) => {
    const { content, info, meta } = tokens[i]
    const text = words[pageOf(env).lang]
    const label = `${text.code}${info ? `: ${info}` : ''}`
    const pre = `<pre tabindex="0" role="group" aria-label="${label}"><code>${highlight(content, info)}</code></pre>`
    if (!meta) return `<div class="code">${pre}</div>\n`
    if (!meta.runs) return `<div class="code"><p class="tag">${text.node}</p>${pre}</div>\n`
    return `<div class="code runs" data-block="${meta.block}" data-frame="${meta.runs}">${pre}</div>\n`
  }
  rules.code_block = (tokens, i) =>
    `<div class="code"><pre tabindex="0" role="group" aria-label="code"><code>${escapeHtml(tokens[i].content)}</code></pre></div>\n`

  return md
}
