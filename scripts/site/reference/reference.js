// The reference as pages, and the way from a name in the text to its entry.

import { escapeHtml, highlight } from '../markdown.js'
import { between, sourceUrl } from '../site-map.js'
import { groupOf, groups } from './groups.js'
import { toCamelCase } from './names.js'

/**
 * The main entry has some names of `unshared/core` once more, with all names of layers and losses behind them: here they
 * are one, the class if there is one.
 */
function withoutTwins(names) {
  const twins = ['unshared', 'unshared/core']
  const isTwin = ({ entries }) => entries.some(entry => twins.includes(entry))
  const byName = new Map()
  for (const named of names.filter(isTwin)) byName.set(named.name, [...(byName.get(named.name) ?? []), named])
  return names.filter(named => {
    const all = isTwin(named) ? byName.get(named.name) : [named]
    const described = all.filter(({ summary }) => summary !== '')
    const isCore = ({ source }) => source?.file !== 'lib/index.ts'
    const kept = all.find(({ kind }) => kind === 'class') ?? described.find(isCore) ?? described[0] ?? all[0]
    if (kept === named) named.entries = [...new Set(all.flatMap(({ entries }) => entries))]
    return kept === named
  })
}

/** The class that says what all of a folder have in common. */
const bases = {
  layers: 'Layer',
  research: 'Layer',
  losses: 'Loss',
  metrics: 'Metric',
  optimizers: 'Optimizer',
  callbacks: 'Callback',
  models: 'Model',
  node: 'Callback',
}

const kinds = {
  class: 'class',
  function: 'function',
  interface: 'interface',
  'type alias': 'type',
  variable: 'value',
  enumeration: 'enum',
}

export class Reference {
  /** @param names as read.js gives them */
  constructor(names, map) {
    this.names = withoutTwins(names)
    this.map = map
    this.byName = new Map()
    this.linked = new Set()
    for (const named of this.names) {
      named.page = `reference/${groupOf(named.source?.file ?? named.entries[0]).id}`
      // The same name in two entries: the main one's, which a page without a word about it means.
      if (!this.byName.has(named.name)) this.byName.set(named.name, named)
    }
    for (const named of this.names) named.options = this.optionsOf(named)
    this.placeOptions()
    this.pages = groups
      .map(({ id, title }) => ({
        id: `reference/${id}`,
        title,
        names: this.names.filter(({ page }) => page === `reference/${id}`),
      }))
      .filter(page => page.names.length > 0)
      .map(page => ({ ...page, lang: 'en', source: page.id, url: `${page.id}.html`, scripts: [], headings: [] }))
    const index = {
      id: 'reference/index',
      lang: 'en',
      source: 'reference/index',
      url: 'reference/index.html',
      scripts: [],
      headings: [],
    }
    this.index = index
    for (const page of [index, ...this.pages]) {
      map.pages.push(page)
      map.bySource.set(page.source, page)
      page.html = '' // known after the names in other pages are
    }
  }

  // ---- Options: the interfaces that constructors and functions take

  optionsOf({ constructors, signatures }) {
    const called = [...constructors, ...signatures]
    const types = called.flatMap(({ parameters }) => parameters.flatMap(({ type }) => type.match(/\w+/g) ?? []))
    const wanted = [...new Set(types)].filter(
      type => /(Options|Config|Settings|Limits)$/.test(type) && this.byName.has(type),
    )
    return wanted
  }

  /** An interface that one class alone takes is shown with it. */
  placeOptions() {
    const takers = new Map()
    for (const named of this.names)
      for (const type of named.options) takers.set(type, [...(takers.get(type) ?? []), named])
    this.shownWith = new Map()
    for (const [type, [taker, ...others]] of takers)
      if (others.length === 0 && this.byName.get(type)?.page === taker.page) this.shownWith.set(type, taker.name)
  }

  /**
   * Whether a member is shown with its class. What a public base class has is shown there; what a class only does in
   * its own way is too, and so is what only a class that extends it sees of one that isn't meant to be extended.
   */
  isOwn({ inherited, overrides, protected: isProtected, summary, signatures, name }, named) {
    const isBare = summary === '' && signatures.every(signature => signature.summary === '')
    const isInBase = this.basesOf(inherited ?? overrides, named).some(base => this.has(base, name))
    if (isBare && (overrides || isInBase)) return false
    if (isProtected && !named.abstract) return false
    return !inherited || !isInBase
  }

  /** The classes from which a member may come: the one that is said, those that its class extends, its folder's. */
  basesOf(from, named) {
    const folder = named.kind === 'class' ? bases[named.source?.file.split('/')[1]] : undefined
    const all = [from?.split('.')[0], ...named.extends.map(type => type.replace(/<.*/, '')), folder]
    return all.filter(base => base && base !== named.name)
  }

  /** Whether a member has a row or a place of its own with its class: an option stands in the table of options. */
  isShown(member, named) {
    return this.isOwn(member, named) && (member.summary !== '' || !this.optionOf(named.name, member.name))
  }

  has(owner, name) {
    return this.byName.get(owner)?.members.some(member => member.name === name) ?? false
  }

  /** The public class nearest to the one that a member comes from. */
  baseOf({ inherited, overrides, name }, named) {
    const from = inherited ?? overrides ?? ''
    return this.basesOf(from, named).find(base => this.has(base, name))
  }

  /** The option that a property of a class holds, as `[type, name]`. */
  optionOf(owner, name) {
    const type = this.byName
      .get(owner)
      ?.options.find(options => this.fieldsOf(options).some(field => field.name === name))
    return type ? [type, name] : null
  }

  /** Whether a reader learns what a member is: from itself, from what it overrides, or from the option of its name. */
  isDescribed(member, named) {
    const isTable = named.kind !== 'class'
    const isElsewhere = member.inherited && this.byName.has(member.inherited.split('.')[0])
    if (isTable ? isElsewhere : !this.isOwn(member, named)) return true
    if (member.summary !== '' || member.signatures.some(({ summary }) => summary !== '')) return true
    return this.optionOf(named.name, member.name) !== null
  }

  /** The members of an interface, those that it inherits too. */
  fieldsOf(type) {
    return this.byName.get(type)?.members ?? []
  }

  // ---- Links

  urlOf(name, member) {
    const named = this.byName.get(name)
    if (!named) return null
    return `${named.page}.html#${member ? `${name}.${member}` : name}`
  }

  /** The public names that a text in Markdown mentions. */
  ownersIn(text) {
    return [...new Set(text.match(/[A-Za-z]\w+/g) ?? [])].filter(word => {
      const named = this.byName.get(word)
      return named && (/^[A-Z]/.test(word) || named.kind === 'function' || text.includes(`\`${word}`) || word === text)
    })
  }

  /** Where a member of a class, or one of its options, is shown. */
  memberOf(owner, name, seen = new Set()) {
    const named = this.byName.get(owner)
    if (!named || seen.has(owner)) return null
    seen.add(owner)
    for (const type of [...named.options, owner]) {
      const field = this.fieldsOf(type).find(member => member.name === name)
      const isTable = ['interface', 'type alias'].includes(this.byName.get(type)?.kind)
      if (field && (isTable || this.isShown(field, named))) return this.urlOf(type, name)
    }
    const base = named.kind === 'class' ? bases[named.source?.file.split('/')[1]] : undefined
    for (const other of [...named.extends, base]) {
      const found = other && this.memberOf(other.replace(/<.*/, ''), name, seen)
      if (found) return found
    }
    return null
  }

  /**
   * Where the code span of a text leads, or null.
   * @param owners whose options and members the text is about, nearest first
   */
  find(content, owners, page) {
    const text = content.replace(/^new /, '')
    const call = /^([A-Za-z]\w*)(?:\.(\w+))?(?:\(.*\))?$/s.exec(text)
    if (!call) return null
    const [, first, second] = call
    const found = this.lookUp(first, second, owners)
    if (!found) return null
    this.linked.add(found.split('#')[1])
    return between(page.url, found)
  }

  lookUp(first, second, owners) {
    const variables = { model: 'Model', layer: 'Layer', optimizer: 'Optimizer', tensor: 'Tensor', engine: 'Engine' }
    if (second) {
      const owner = this.byName.has(first) ? first : variables[first]
      return owner ? this.memberOf(owner, second) : null
    }
    const option = toCamelCase(first)
    const isWord = /^[a-z]+$/.test(first)
    for (const owner of owners) {
      const found = this.memberOf(owner, option)
      if (found) return found
    }
    if (this.byName.has(first)) return this.urlOf(first)
    if (isWord) return null // a word of the language
    return this.onlyOption(option)
  }

  /** The entry of an option's name that means the same wherever it occurs. */
  onlyOption(name) {
    this.options ??= this.optionTable()
    const types = this.options.get(name) ?? []
    return types.length === 1 ? this.urlOf(types[0], name) : null
  }

  optionTable() {
    const table = new Map()
    for (const named of this.names)
      if (/(Options|Settings|Limits)$/.test(named.name))
        for (const field of named.members) {
          if (field.inherited) continue
          table.set(field.name, [...(table.get(field.name) ?? []), named.name])
        }
    return table
  }

  // ---- Pages

  render(markdown) {
    this.markdown = markdown
    for (const page of this.pages) {
      page.headings = page.names
        .filter(({ name }) => !this.shownWith.has(name))
        .map(({ name }) => ({ level: 2, id: name, text: name }))
      page.html = `<h1>${escapeHtml(page.title)}</h1>\n${page.names.map(named => this.entry(named, page)).join('\n')}`
    }
    this.index.headings = this.pages.map(({ id, title }) => ({ level: 2, id: id.split('/')[1], text: title }))
    this.index.html = `<h1>API reference</h1>
<p>Every public name of every entry of the package, from the comments in the source. Names and defaults are those of Keras 2 where Keras has the thing.</p>
${this.pages.map(page => this.list(page)).join('\n')}`
  }

  list(page) {
    const names = page.names.filter(({ name }) => !this.shownWith.has(name))
    const items = names.map(
      ({ name }) => `<li><a href="${between(this.index.url, page.url)}#${name}"><code>${name}</code></a></li>`,
    )
    const id = page.id.split('/')[1]
    return `<h2 id="${id}"><a href="${between(this.index.url, page.url)}">${escapeHtml(page.title)}</a></h2><ul class="names">${items.join('')}</ul>`
  }

  text(markdown, page, owner) {
    if (!markdown) return ''
    const source = markdown.replace(/\[(`[^`]*`)\]\(name:([\w.]+)\)/g, (_, label, name) => {
      const [first, ...rest] = name.split('.')
      const url = rest.length > 0 ? this.memberOf(first, rest.join('.')) : this.urlOf(first)
      return url ? `[${label}](@${url})` : label
    })
    return this.markdown.render(source, { source: page.source, owners: [owner] })
  }

  inline(markdown, page, owner) {
    return this.text(markdown, page, owner)
      .trim()
      .replace(/^<p>([\s\S]*)<\/p>$/, (all, inner) => (inner.includes('<p>') ? all : inner))
  }

  /** A type, its public names linked. */
  type(text, page) {
    return escapeHtml(text).replace(/\b[A-Z]\w+\b/g, name => {
      const url = this.urlOf(name)
      return url ? `<a href="${between(page.url, url)}">${name}</a>` : name
    })
  }

  entry(named, page) {
    if (this.shownWith.has(named.name)) return ''
    const source = named.source
      ? `<a class="source" href="${between(page.url, this.sourceOf(named.source))}">${named.source.file.replace(/^lib\//, '')}</a>`
      : ''
    return `<section class="entry">
<h2 id="${named.name}">${named.name} <a class="anchor" href="#${named.name}" aria-label="#${named.name}">#</a></h2>
<p class="about"><span>${named.abstract ? 'abstract ' : ''}${kinds[named.kind] ?? named.kind} of ${named.entries.map(name => `<code>${name}</code>`).join(', ')}</span> ${source}</p>
${this.heads(named, page)}
${this.text(named.summary, page, named.name)}
${this.notes(named, page)}
${named.constructors.map(made => this.notes(made, page, named.name)).join('')}
${named.options.map(type => this.optionsTable(type, named, page)).join('')}
${named.members.some(({ name, summary }) => summary === '' && this.optionOf(named.name, name)) ? '<p>Options are also properties, which can be read.</p>' : ''}
${this.signatureNotes(named, page)}
${this.members(named, page)}
</section>`
  }

  sourceOf({ file, line }) {
    this.map.sources.add(file)
    return `${sourceUrl(file)}#L${line}`
  }

  heads(named, page) {
    const lines = []
    for (const { parameters } of named.constructors) lines.push(`new ${named.name}(${this.parameters(parameters)})`)
    for (const { parameters, type, typeParameters } of named.signatures)
      lines.push(`${named.name}${generic(typeParameters)}(${this.parameters(parameters)}): ${type}`)
    if (named.kind === 'type alias' && named.signatures.length === 0 && named.members.length === 0)
      lines.push(`type ${named.name}${generic(named.typeParameters)} = ${named.type}`)
    if (named.kind === 'variable' && named.signatures.length === 0) lines.push(`const ${named.name}: ${named.type}`)
    const from = this.basesOf(undefined, named).find(name => this.byName.has(name))
    const isClass = named.kind === 'class' && this.byName.get(from)?.kind === 'class'
    const base = isClass ? `<p class="extends">extends <code>${this.type(from, page)}</code></p>` : ''
    if (lines.length === 0) return base
    return `<div class="code head"><pre tabindex="0" role="group" aria-label="Call"><code>${lines.map(line => linkNames(highlight(line, 'ts'), name => this.relative(name, page))).join('\n')}</code></pre></div>${base}`
  }

  relative(name, page) {
    const url = this.urlOf(name)
    return url ? between(page.url, url) : null
  }

  parameters(list) {
    const shown = list.map(
      ({ name, type, optional, rest }) => `${rest ? '...' : ''}${name}${optional ? '?' : ''}: ${type}`,
    )
    return shown.join(', ').length > 90 ? `\n  ${shown.join(',\n  ')},\n` : shown.join(', ')
  }

  notes({ throws = [], see = [], examples = [], defaults = '' }, page, owner) {
    return [
      defaults && `<p><b>Default</b> <code>${escapeHtml(defaults)}</code></p>`,
      ...throws.map(text => `<div class="throws"><b>Throws</b> ${this.inline(text, page, owner)}</div>`),
      ...examples.map(text => this.text(text, page, owner)),
      ...see.map(text => `<div class="see"><b>See</b> ${this.inline(linkify(text), page, owner)}</div>`),
    ]
      .filter(Boolean)
      .join('\n')
  }

  optionsTable(type, taker, page) {
    const fields = this.fieldsOf(type)
    const isOwn = this.shownWith.get(type) === taker.name
    if (!isOwn) return `<p>Options: <a href="${this.relative(type, page)}"><code>${type}</code></a></p>`
    const label = `<h3 id="${type}">Options <code>${type}</code></h3>`
    return label + this.text(this.byName.get(type).summary, page, type) + this.fieldTable(fields, type, page)
  }

  fieldTable(fields, owner, page) {
    if (fields.length === 0) return ''
    const rows = fields.map(field => {
      const type =
        field.kind === 'method'
          ? field.signatures
              .map(signature => `(${this.parameters(signature.parameters)}) => ${signature.type}`)
              .join(' & ')
          : field.type
      const need = field.optional ? '' : ' <small>required</small>'
      const option = field.summary === '' ? this.optionOf(owner, field.name) : null
      const base = field.inherited ?? field.overrides
      const inherited = option
        ? `<p>The option ${this.inheritedLink(option.join('.'), page)}.</p>`
        : base && field.summary === ''
          ? `<p>As in ${this.inheritedLink(base, page)}.</p>`
          : ''
      return `<tr id="${owner}.${field.name}"><td><code>${escapeHtml(field.name)}</code>${need}</td><td class="type"><code>${this.type(type, page)}</code></td><td>${this.text(field.summary, page, owner)}${inherited}${this.notes(field, page, owner)}</td></tr>`
    })
    return `<div class="scroll" tabindex="0" role="group" aria-label="${owner}"><table class="fields"><thead><tr><th>name</th><th>type</th><th>meaning</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  }

  inheritedLink(name, page) {
    const url = this.memberOf(...name.split('.'))
    return url ? `<a href="${between(page.url, url)}"><code>${name}</code></a>` : `<code>${name}</code>`
  }

  signatureNotes({ signatures, name }, page) {
    return signatures
      .map(signature => {
        const described = signature.parameters.filter(({ summary }) => summary)
        const rows = described.map(
          parameter =>
            `<tr><td><code>${parameter.name}</code></td><td>${this.inline(parameter.summary, page, name)}</td></tr>`,
        )
        const table =
          rows.length > 0
            ? `<div class="scroll" tabindex="0" role="group" aria-label="Arguments of ${name}"><table><tbody>${rows.join('')}</tbody></table></div>`
            : ''
        const returns = signature.returns ? `<p><b>Returns</b> ${this.inline(signature.returns, page, name)}</p>` : ''
        return table + returns + this.notes({ ...signature, see: [] }, page, name)
      })
      .filter((text, i, all) => all.indexOf(text) === i)
      .join('')
  }

  members(named, page) {
    const own = named.members.filter(member => this.isShown(member, named))
    const properties = own.filter(({ kind }) => kind === 'property')
    const methods = own.filter(({ kind }) => kind === 'method')
    const isPlain = named.kind === 'interface' || named.kind === 'type alias'
    if (isPlain) return this.fieldTable(named.members, named.name, page)
    const parts = []
    if (properties.length > 0)
      parts.push(
        `<h3>Properties</h3>${this.fieldTable(
          properties.map(field => ({ ...field, optional: true })),
          named.name,
          page,
        )}`,
      )
    if (methods.length > 0)
      parts.push(`<h3>Methods</h3>${methods.map(method => this.method(method, named, page)).join('')}`)
    const inherited = named.members.filter(member => !this.isOwn(member, named))
    for (const base of new Set(inherited.map(member => this.baseOf(member, named)))) {
      if (base === undefined) continue // of classes that aren't public
      const links = inherited
        .filter(member => this.baseOf(member, named) === base)
        .map(({ name }) => {
          const url = this.memberOf(base, name)
          return url
            ? `<a href="${between(page.url, url)}"><code>${escapeHtml(name)}</code></a>`
            : `<code>${escapeHtml(name)}</code>`
        })
      parts.push(
        `<details class="inherited"><summary>From ${escapeHtml(base)}: ${links.length}</summary><p>${links.join(' · ')}</p></details>`,
      )
    }
    return parts.join('\n')
  }

  method(method, named, page) {
    const heads = method.signatures.map(
      ({ typeParameters, parameters, type }) =>
        `${method.static ? 'static ' : ''}${method.name}${generic(typeParameters)}(${this.parameters(parameters)}): ${type}`,
    )
    const code = heads.map(head => linkNames(highlight(head, 'ts'), name => this.relative(name, page))).join('\n')
    const overrides =
      method.summary === '' && method.overrides ? `<p>As ${this.inheritedLink(method.overrides, page)}.</p>` : ''
    return `<div class="method" id="${named.name}.${method.name}"><div class="code head"><pre tabindex="0" role="group" aria-label="Call"><code>${code}</code></pre></div>
${this.text(method.signatures.find(({ summary }) => summary)?.summary ?? method.summary, page, named.name)}${overrides}${this.signatureNotes({ signatures: method.signatures, name: named.name }, page)}</div>`
  }

  // ---- Checks

  summary() {
    const options = this.names
      .filter(({ name }) => /(Options|Settings|Limits)$/.test(name))
      .flatMap(({ name, members }) => members.map(member => `${name}.${member.name}`))
    const members = this.names.reduce(
      (sum, named) => sum + named.members.filter(member => this.isShown(member, named)).length,
      0,
    )
    return `${this.names.length} names, ${members} members of their own, ${options.length} options on ${this.pages.length} pages; ${this.linked.size} of them linked from the guides`
  }

  /** Names without a description: the reader would have to guess. */
  problems() {
    const found = []
    for (const named of this.names) {
      const where = `${named.source?.file}:${named.source?.line}`
      if (named.summary === '') found.push(`${where}: ${named.name} has no description`)
      for (const member of named.members) {
        if (this.isDescribed(member, named)) continue
        const { file, line } = member.source ?? named.source
        found.push(`${file}:${line}: ${named.name}.${member.name} has no description`)
      }
    }
    return found
  }
}

const generic = parameters => (parameters.length > 0 ? `<${parameters.join(', ')}>` : '')
const linkify = text => text.replace(/^(https?:\S+)$/, '<$1>')

/** Public names in highlighted code as links: words with a capital between tags. */
function linkNames(html, urlOf) {
  return html.replace(/(<[^>]*>)|\b([A-Z]\w+)\b/g, (all, tag, name) => {
    const url = tag ? null : urlOf(name)
    return url ? `<a href="${url}">${name}</a>` : all
  })
}
