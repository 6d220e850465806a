// What the docstrings of the library say, by TypeDoc: every name of every entry, as plain data. TypeDoc takes a while, so
// the answer is kept until a file of lib/ or of this folder changes.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Application, ReflectionKind } from 'typedoc'

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))

/** The entries of the package and their source: `./dist/data/index.d.ts` is made from `lib/data/index.ts`. */
const entries = Object.entries(exports)
  .filter(([name]) => !/\.js(on)?$/.test(name))
  .map(([name, { types }]) => ({
    name: name.replace(/^\./, 'unshared'),
    file: types.replace('./dist/', 'lib/').replace(/\.d\.ts$/, '.ts'),
  }))

/** The entries' `Model` is a value, with all that models with branches need. This has its class. */
const modelFile = 'lib/models/model.ts'

const cache = 'out/site/reference.json'

export async function readReference() {
  const hash = hashOf(['lib', 'scripts/site/reference'])
  if (existsSync(cache)) {
    const kept = JSON.parse(readFileSync(cache, 'utf8'))
    if (kept.hash === hash) return kept.names
  }
  const names = await convert()
  mkdirSync('out/site', { recursive: true })
  writeFileSync(cache, JSON.stringify({ hash, names }))
  return names
}

function hashOf(folders) {
  const hash = createHash('sha256')
  for (const folder of folders)
    for (const name of readdirSync(folder, { recursive: true }).sort())
      if (/\.(ts|js)$/.test(name)) hash.update(name).update(readFileSync(`${folder}/${name}`))
  return hash.digest('hex')
}

async function convert() {
  const app = await Application.bootstrap({
    entryPoints: [...entries.map(({ file }) => file), modelFile],
    tsconfig: 'tsconfig.json',
    skipErrorChecking: true, // `npm run check` does that, with the project's own compiler
    excludePrivate: true,
    excludeProtected: false,
    excludeInternal: true,
    excludeExternals: true,
    disableGit: true,
    sourceLinkTemplate: '{path}#{line}',
    basePath: '.',
    readme: 'none',
    logLevel: 'Error',
    validation: { notExported: false, invalidLink: true, notDocumented: false },
    treatValidationWarningsAsErrors: true,
  })
  const project = await app.convert()
  if (!project) throw new Error('TypeDoc could not read the library')
  app.validate(project)
  if (app.logger.hasErrors()) throw new Error('TypeDoc: a docstring has a link that leads nowhere')
  const modules = entries.map(({ name, file }) => {
    const module = (project.children ?? []).find(({ sources }) => sources?.[0].fileName === file)
    if (!module) throw new Error(`TypeDoc has no module for ${file}`)
    return { name, names: module.children ?? [] }
  })
  const { children } = (project.children ?? []).find(({ sources }) => sources?.[0].fileName === modelFile)
  modules.push({ name: 'unshared/core', names: children.filter(({ name }) => name === 'Model') })
  // A name that several entries export is one, with all of them.
  const places = new Map()
  for (const { name, names } of modules)
    for (const exported of names) {
      const target = exported.isReference() ? exported.getTargetReflectionDeep() : exported
      places.set(target, [...(places.get(target) ?? []), name])
    }
  return [...places].map(([named, names]) => namedOf(named, names))
}

// ---- Reflections as plain data

/** The parts of a comment as Markdown; `name:` marks a link to a name, which reference.js knows the place of. */
const text = parts =>
  (parts ?? [])
    .map(part => {
      if (part.kind !== 'inline-tag') return part.text
      const name = typeof part.target === 'object' && part.target?.name ? fullName(part.target) : null
      return name ? `[\`${part.text}\`](name:${name})` : `\`${part.text}\``
    })
    .join('')
const fullName = reflection =>
  reflection.parent && !reflection.parent.isProject() && reflection.parent.kind !== ReflectionKind.Module
    ? `${fullName(reflection.parent)}.${reflection.name}`
    : reflection.name

function commentOf(reflection) {
  const { comment } = reflection
  const tags = name =>
    (comment?.blockTags ?? []).filter(({ tag }) => tag === name).map(({ content }) => text(content).trim())
  return {
    summary: text(comment?.summary).trim(),
    throws: tags('@throws'),
    returns: tags('@returns').join(' '),
    see: tags('@see'),
    examples: tags('@example'),
    defaults: [...tags('@defaultValue'), ...tags('@default')].join(' '),
  }
}

const sourceOf = ({ sources }) => (sources?.[0] ? { file: sources[0].fileName, line: sources[0].line } : null)

const parameterOf = parameter => ({
  name: parameter.name,
  type: String(parameter.type ?? 'unknown'),
  optional: parameter.flags.isOptional || parameter.defaultValue !== undefined,
  rest: parameter.flags.isRest,
  default: parameter.defaultValue,
  ...commentOf(parameter),
})

const signatureOf = signature => ({
  ...commentOf(signature),
  typeParameters: (signature.typeParameters ?? []).map(String),
  parameters: (signature.parameters ?? []).map(parameterOf),
  type: String(signature.type ?? 'void'),
})

/** Properties and methods of a class, an interface or an object. */
function memberOf(child) {
  const signatures = child.signatures ?? child.type?.declaration?.signatures ?? []
  const accessor = child.getSignature ?? child.setSignature
  const kind = child.kindOf(ReflectionKind.Method) ? 'method' : 'property'
  const comments = [child, accessor, ...signatures].filter(Boolean).map(commentOf)
  return {
    kind,
    name: child.name,
    optional: child.flags.isOptional,
    readonly: child.flags.isReadonly || (child.getSignature !== undefined && child.setSignature === undefined),
    static: child.flags.isStatic,
    protected: child.flags.isProtected,
    abstract: child.flags.isAbstract,
    inherited: child.inheritedFrom?.name ?? null,
    overrides: (child.overwrites ?? child.implementationOf)?.name ?? null,
    type: kind === 'property' ? String(accessor?.type ?? child.type ?? 'unknown') : '',
    signatures: kind === 'method' ? signatures.map(signatureOf) : [],
    ...(comments.find(({ summary }) => summary !== '') ?? comments[0]),
    source: sourceOf(child),
  }
}

const isMember = child =>
  child.kindOf([ReflectionKind.Property, ReflectionKind.Method, ReflectionKind.Accessor]) &&
  !child.name.startsWith('[') &&
  !(child.flags.isStatic && child.name === 'name') // the class's own name, kept when code is made smaller

function namedOf(child, entries) {
  const constructors = child.children?.filter(({ kind }) => kind === ReflectionKind.Constructor) ?? []
  const comments = [child, ...(child.signatures ?? [])].map(commentOf)
  const object = child.type?.type === 'reflection' ? child.type.declaration : undefined
  return {
    name: child.name,
    entries,
    kind: ReflectionKind.singularString(child.kind).toLowerCase(),
    source: sourceOf(child.signatures?.[0] ?? child) ?? sourceOf(child),
    ...(comments.find(({ summary }) => summary !== '') ?? comments[0]),
    abstract: child.flags.isAbstract,
    extends: (child.extendedTypes ?? []).map(String),
    implements: (child.implementedTypes ?? []).map(String),
    type: child.type ? String(child.type) : '',
    typeParameters: (child.typeParameters ?? []).map(String),
    constructors: constructors.flatMap(({ signatures }) => signatures ?? []).map(signatureOf),
    signatures: (child.signatures ?? object?.signatures ?? []).map(signatureOf),
    members: (child.children ?? object?.children ?? []).filter(isMember).map(memberOf),
  }
}
