// What the entries declare, asked of the TypeScript compiler: every exported function, class and object, with all that can
// be called on it, and the types of the parameters down to the options.

import { SyntaxKind } from 'typescript/unstable/ast'
import {
  API,
  type Checker,
  type Symbol as DeclaredSymbol,
  type Signature,
  SymbolFlags,
  type Type,
  TypeFlags,
} from 'typescript/unstable/sync'

/** A declared type, as far as values can be made for it. */
export type Kind =
  | { readonly kind: 'number' | 'string' | 'boolean' | 'function' | 'undefined' | 'unknown' }
  | { readonly kind: 'literal'; readonly value: unknown }
  /** A class or interface of the library, by name. */
  | { readonly kind: 'named'; readonly name: string; readonly fields: readonly Field[] }
  | { readonly kind: 'array'; readonly item: Kind }
  | { readonly kind: 'tuple'; readonly items: readonly Kind[] }
  | { readonly kind: 'object'; readonly fields: readonly Field[] }
  | { readonly kind: 'union'; readonly of: readonly Kind[] }

export interface Field {
  readonly name: string
  readonly type: Kind
  readonly isOptional: boolean
}

/** Something that a user can call. */
export interface Target {
  readonly entry: string
  /** The exported name. */
  readonly name: string
  /** The method or property; `null` for the function or the constructor itself. */
  readonly member: string | null
  readonly how: 'call' | 'construct' | 'method' | 'static' | 'set'
  readonly parameters: readonly Field[]
  /** Whether the constructor has more parameters, for subclasses of the library. */
  readonly hasInternal?: boolean
}

export const entries = [
  'lib/index.ts',
  'lib/data/index.ts',
  'lib/ndarray/index.ts',
  'lib/keras/index.ts',
  'lib/node/index.ts',
  'lib/plot/index.ts',
  'lib/research/index.ts',
  'lib/teaching/index.ts',
]

const mostDepth = 6

export function surface(): Target[] {
  const api = new API({ cwd: process.cwd() })
  try {
    const [project] = api.updateSnapshot({ openProject: `${process.cwd()}/tsconfig.json` }).getProjects()
    const reader = new Reader(project.checker)
    return entries.flatMap(entry => {
      const file = project.program.getSourceFile(`${process.cwd()}/${entry}`)
      const module = file && project.checker.getSymbolAtLocation(file)
      if (!module) throw new Error(`${entry} is not part of the project`)
      return project.checker.getExportsOfModule(module).flatMap(symbol => reader.targetsOf(entry, symbol))
    })
  } finally {
    api.close()
  }
}

/** Whether the package's types leave a member out: it is protected, or marked as internal. */
function isHidden({ valueDeclaration }: DeclaredSymbol): boolean {
  const node = valueDeclaration?.resolve() as
    | { readonly modifiers?: readonly { readonly kind: number }[]; getFullText(): string; getText(): string }
    | undefined
  if (!node) return false
  const comment = node.getFullText().slice(0, -node.getText().length)
  return (
    /@internal/.test(comment) || (node.modifiers?.some(({ kind }) => kind === SyntaxKind.ProtectedKeyword) ?? false)
  )
}

class Reader {
  readonly #checker: Checker
  readonly #known = new Map<number, Kind>()

  constructor(checker: Checker) {
    this.#checker = checker
  }

  targetsOf(entry: string, exported: DeclaredSymbol): Target[] {
    const checker = this.#checker
    const symbol = exported.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    if (!(symbol.flags & SymbolFlags.Value)) return []
    const { name } = exported
    const type = checker.getTypeOfSymbol(symbol)
    if (!type) return []
    const target = (member: string | null, how: Target['how'], parameters: readonly Field[]): Target => ({
      ...{ entry, name, member, how, parameters },
    })
    const calls = checker.getSignaturesOfType(type, 0).map(s => target(null, 'call', this.#parametersOf(s)))
    const makes = checker.getSignaturesOfType(type, 1)
    if (makes.some(({ isAbstract }) => isAbstract)) return [] // its subclasses have all that it has
    const [make, ...internal] = makes
    const construction = make && target(null, 'construct', this.#parametersOf(make))
    const constructions = make ? [{ ...construction, hasInternal: internal.length > 0 }] : []
    const statics = makes.length > 0 ? this.#methodsOf(type, target, 'static') : []
    const instance = makes.length > 0 ? checker.getDeclaredTypeOfSymbol(symbol) : type
    const methods = calls.length > 0 ? [] : this.#methodsOf(instance, target, 'method')
    return [...calls, ...constructions, ...statics, ...methods]
  }

  #methodsOf(
    type: Type,
    target: (member: string, how: Target['how'], parameters: readonly Field[]) => Target,
    how: 'static' | 'method',
  ): Target[] {
    return this.#checker.getPropertiesOfType(type).flatMap(property => {
      const { name } = property
      if (name === 'prototype' || name.startsWith('#') || name.startsWith('__') || isHidden(property)) return []
      const declared = this.#checker.getTypeOfSymbol(property)
      if (!declared) return []
      const signatures = this.#checker.getSignaturesOfType(declared, 0)
      if (signatures.length > 0) return signatures.map(s => target(name, how, this.#parametersOf(s)))
      const isOpen = property.flags & SymbolFlags.SetAccessor
      return isOpen ? [target(name, 'set', [{ name, type: this.kindOf(declared), isOptional: false }])] : []
    })
  }

  #parametersOf(signature: Signature): Field[] {
    return signature.getParameters().map((parameter, i) => {
      const type = this.#checker.getParameterType(signature, i)
      const kind = type ? this.kindOf(type) : ({ kind: 'unknown' } as const)
      const isOptional = kind.kind === 'union' && kind.of.some(part => part.kind === 'undefined')
      return { name: parameter.name, type: kind, isOptional }
    })
  }

  kindOf(type: Type, depth = 0): Kind {
    const known = this.#known.get(type.id)
    if (known) return known
    if (depth > mostDepth) return { kind: 'unknown' }
    const kind = this.#read(type, depth)
    this.#known.set(type.id, kind)
    return kind
  }

  #read(type: Type, depth: number): Kind {
    const checker = this.#checker
    const { flags } = type
    const name = type.getAliasSymbol()?.name
    if (name === 'TensorLike' || name === 'Seed' || name === 'NestedArray') return { kind: 'named', name, fields: [] }
    if (type.isLiteralType()) return { kind: 'literal', value: type.value }
    if (flags & TypeFlags.Number) return { kind: 'number' }
    if (flags & TypeFlags.String) return { kind: 'string' }
    if (flags & TypeFlags.Boolean) return { kind: 'boolean' }
    if (flags & TypeFlags.Null) return { kind: 'literal', value: null }
    if (flags & (TypeFlags.Undefined | TypeFlags.Void)) return { kind: 'undefined' }
    if (type.isUnionType()) return { kind: 'union', of: type.getTypes().map(part => this.kindOf(part, depth + 1)) }
    if (type.isTypeParameter()) {
      const constraint = checker.getBaseConstraintOfType(type)
      return constraint && constraint.id !== type.id ? this.kindOf(constraint, depth + 1) : { kind: 'unknown' }
    }
    if (checker.isTupleType(type))
      return { kind: 'tuple', items: this.#argumentsOf(type).map(item => this.kindOf(item, depth + 1)) }
    if (checker.isArrayType(type)) return { kind: 'array', item: this.kindOf(this.#argumentsOf(type)[0], depth + 1) }
    if (!type.isObjectType() && !type.isIntersectionType()) return { kind: 'unknown' }
    if (checker.getSignaturesOfType(type, 0).length > 0) return { kind: 'function' }
    const of = name ?? type.getSymbol()?.name ?? ''
    this.#known.set(type.id, { kind: 'named', name: of, fields: [] }) // for types that contain themselves
    const fields = /^(Float|Int|Uint|Big)\w*Array$|^(Promise|Map|Set|Date|ArrayBuffer)/.test(of)
      ? []
      : this.#fieldsOf(type, depth)
    const isOwn = of !== '' && !of.startsWith('__') && !/Options?$/.test(of)
    return isOwn ? { kind: 'named', name: of, fields } : { kind: 'object', fields }
  }

  #argumentsOf(type: Type): readonly Type[] {
    return type.isTypeReference() ? this.#checker.getTypeArguments(type) : []
  }

  #fieldsOf(type: Type, depth: number): Field[] {
    return this.#checker.getPropertiesOfType(type).flatMap(property => {
      const declared = this.#checker.getTypeOfSymbol(property)
      if (!declared) return []
      const isOptional = Boolean(property.flags & SymbolFlags.Optional)
      return [{ name: property.name, type: this.kindOf(declared, depth + 1), isOptional }]
    })
  }
}
