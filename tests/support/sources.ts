// The project's TypeScript files, parsed, for tests that look at the code itself.

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from '@swc/core'

/** A node of the syntax tree: its type, and whatever else that type has. */
export interface Node {
  type: string
  [field: string]: unknown
}

export interface Import {
  /** As written, such as `../errors.ts` or `node:fs`. */
  readonly specifier: string
  /** The file of the project that this is, such as `lib/core/errors.ts`; null for packages and Node's modules. */
  readonly file: string | null
}

/** The TypeScript files below a folder, as paths from the project's root. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(name => join(folder, name).replaceAll('\\', '/'))
    .filter(path => path.endsWith('.ts') && !/\/node_modules\/|^lib\/simd\/assembly\//.test(path))
    .sort()
}

const trees = new Map<string, Node[]>()

/** Every node of a file's syntax tree. Comments are none. */
export function nodesOf(path: string): readonly Node[] {
  let nodes = trees.get(path)
  if (!nodes) {
    nodes = []
    collect(parseSync(readFileSync(path, 'utf8'), { syntax: 'typescript', target: 'es2022' }), nodes)
    trees.set(path, nodes)
  }
  return nodes
}

function collect(value: unknown, nodes: Node[]): void {
  if (Array.isArray(value)) for (const item of value) collect(item, nodes)
  else if (typeof value === 'object' && value !== null) {
    if ('type' in value) nodes.push(value as Node)
    for (const field of Object.values(value)) collect(field, nodes)
  }
}

/** What a file imports: statically, re-exported, `import()`, and in types. */
export function importsOf(path: string): Import[] {
  const imports: Import[] = []
  for (const node of nodesOf(path)) {
    const source = sourceOf(node)
    if (source?.type === 'StringLiteral') imports.push(resolved(String(source.value), path))
  }
  return imports
}

function sourceOf(node: Node): Node | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return node.source as Node | undefined
    case 'TsImportType':
      return node.argument as Node
    case 'CallExpression':
      if ((node.callee as Node).type === 'Import') return (node.arguments as { expression: Node }[])[0]?.expression
  }
  return undefined
}

function resolved(specifier: string, from: string): Import {
  if (specifier === '#platform') return { specifier, file: 'lib/core/platform.ts' }
  if (specifier === '#parse-worker') return { specifier, file: 'lib/node/parse-worker-text.ts' }
  if (specifier === '#model-files') return { specifier, file: 'lib/keras/files.ts' }
  const local = specifier.startsWith('.')
  return { specifier, file: local ? posix.join(posix.dirname(from), specifier) : null }
}

/** A file and all files that it needs, directly or not, as a browser gets them. */
export function closureOf(entry: string): string[] {
  const reached = new Set([entry])
  for (const path of reached) for (const { file } of importsOf(path)) if (file) reached.add(file)
  return [...reached].sort()
}

/** The name, if this node is that kind of plain name. */
export const nameOf = (node: unknown): string | null =>
  (node as Node | undefined)?.type === 'Identifier' ? String((node as Node).value) : null

/** The members of a global object that a file uses: `Math.sqrt`, `const { sqrt } = Math`; `?` for any other use. */
export function membersUsed(path: string, object: string): string[] {
  const used: string[] = []
  let named = 0
  let understood = 0
  for (const node of nodesOf(path)) {
    if (nameOf(node) === object) named++
    if (node.type === 'MemberExpression' && nameOf(node.object) === object) {
      understood++
      used.push(nameOf(node.property) ?? '?')
    } else if (node.type === 'VariableDeclarator' && nameOf(node.init) === object) {
      understood++
      const pattern = node.id as Node
      if (pattern.type !== 'ObjectPattern') used.push('?')
      else for (const property of pattern.properties as Node[]) used.push(nameOf(property.key) ?? '?')
    }
  }
  return named === understood ? used : [...used, '?']
}
