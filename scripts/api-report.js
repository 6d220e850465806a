// What the package's types make public, entry by entry, as one text: tests/project/api.md. A change of it shows in a diff
// what users will see. Needs dist/. `--check` compares instead of writing.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'tests/project/api.md')
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The statements of a declaration file, without comments: those of TypeScript begin at the start of a line. */
function statementsOf(file) {
  const text = readFileSync(join(root, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\/\/.*$/gm, '')
  return text
    .split(/^(?=(?:export|import|declare|interface|type|abstract|class|const|function)\b)/m)
    .map(statement => statement.replace(/^\s*\n/gm, '').trimEnd())
    .filter(statement => statement !== '' && !/^\/\//.test(statement))
}

const resolved = (file, specifier) => posix.join(dirname(file), specifier.replace(/\.(ts|js)$/, '.d.ts'))
const modules = new Map()

/** The public names of a file, each with its declarations. */
function exportsOf(file) {
  const known = modules.get(file)
  if (known) return known
  const found = new Map()
  modules.set(file, found)
  const add = (name, declarations) => found.set(name, [...(found.get(name) ?? []), ...declarations])
  const starred = []
  const imported = new Map()
  const local = new Map()
  const listed = []
  for (const statement of statementsOf(file)) {
    const [, star] = /^export \* from '(.+)'/.exec(statement) ?? []
    const [, from] = /from '(\..+)'/.exec(statement) ?? []
    const list = /^(?:export|import) (?:type )?\{([\s\S]*?)\}/.exec(statement)
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function|enum|let) (\w+)/.exec(
        statement,
      ) ?? []
    if (star) starred.push(resolved(file, star))
    else if (list)
      for (const item of list[1].split(',').map(part => part.trim().replace(/^type /, ''))) {
        if (item === '') continue
        const [own, as = own] = item.split(' as ')
        if (statement.startsWith('import')) imported.set(as, [from && resolved(file, from), own])
        else listed.push([own, as, from && resolved(file, from)])
      }
    else if (name) {
      local.set(name, [...(local.get(name) ?? []), statement])
      if (!statement.startsWith('export')) continue
      const [, Class] = /: typeof (\w+);/.exec(statement) ?? []
      const [from, own] = imported.get(Class) ?? []
      add(name, [statement, ...(from ? (exportsOf(from).get(own) ?? []) : [])]) // with the class that a value is
    }
  }
  for (const [own, as, from] of listed) {
    const [source, name] = from ? [from, own] : (imported.get(own) ?? [null, own])
    add(as, source ? (exportsOf(source).get(name) ?? [`// ${name}`]) : (local.get(own) ?? [`// ${own}`]))
  }
  for (const from of starred)
    for (const [name, declarations] of exportsOf(from)) if (!found.has(name)) add(name, declarations)
  return found
}

/** A declaration as the report shows it, with its public name where that differs. */
function shown(name, declaration) {
  const text = declaration.replace(/^export /, '').replace(/^declare /, '')
  const [, own] = /^(?:abstract )?\w+ (\w+)/.exec(text) ?? []
  return own === name ? text : `// as ${name}\n${text}`
}
const seen = new Set()
const sections = Object.entries(exports).flatMap(([entry, { types }]) => {
  if (!types || types === exports['.'].types) {
    if (entry !== '.') return []
  }
  const all = [...exportsOf(posix.normalize(types))].sort(([a], [b]) => (a < b ? -1 : 1))
  const known = all.filter(([, declarations]) => declarations.every(declaration => seen.has(declaration)))
  const added = all.filter(one => !known.includes(one))
  for (const [, declarations] of all) for (const declaration of declarations) seen.add(declaration)
  const also = known.length > 0 ? `\nAlso, as above: ${known.map(([name]) => name).join(', ')}.\n` : ''
  const code = added
    .flatMap(([name, declarations]) => declarations.map(declaration => shown(name, declaration)))
    .join('\n')
  return [`## ${posix.join('unshared', entry)}\n${also}${code ? `\n\`\`\`ts\n${code}\n\`\`\`\n` : ''}`]
})
const report = `# The public API

Made by \`npm run api\` from the declaration files of the package.

${sections.join('\n')}`

if (!process.argv.includes('--check')) writeFileSync(target, report)
else if (readFileSync(target, 'utf8') !== report) {
  console.error(
    'tests/project/api.md is not what dist/ declares: run `npm run api`, and look at what changes for users',
  )
  process.exitCode = 1
}
