// What may depend on what. `lib` can be read from top to bottom; the main entry runs in any page; numbers come only
// from operations that every engine rounds alike.

import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { closureOf, filesIn, importsOf, membersUsed, type Node, nameOf, nodesOf } from '../support/sources.ts'

/** The floors of `lib`: each room imports only from its own floor's line and from lines above it. */
const order = [
  ['core/errors'],
  ['core/check'],
  ['core/names', 'core/math', 'core/random', 'core/tensor'],
  ['core/additions', 'core/registry', 'core/options', 'core/optional', 'core/geometry'],
  ['simd/module', 'simd/layout', 'simd/wasm', 'simd/control', 'simd/helper'],
  ['core/platform', 'node/settings', 'node/platform', 'node/threads', 'node/atomic-file'],
  ['files'],
  ['kernels'],
  ['engine'],
  ['losses'],
  ['metrics'],
  ['data', 'ndarray'],
  ['weights'],
  ['simd'],
  ['layers'],
  ['optimizers'],
  ['callbacks'],
  ['models'],
  ['tools'],
  ['teaching'],
  ['research'],
  ['onnx'],
  ['keras'],
  ['plot'],
  ['node'],
  ['entries'],
  ['index'],
]

/** Exact by IEEE 754, or about integers, or a constant. What else there is in `Math` differs between machines. */
const exactMath = [
  ...['abs', 'ceil', 'clz32', 'floor', 'fround', 'imul', 'max', 'min', 'round', 'sign', 'sqrt', 'trunc'],
  ...['E', 'LN2', 'LN10', 'LOG2E', 'LOG10E', 'PI', 'SQRT1_2', 'SQRT2'],
]

const lib = filesIn('lib')
const everything = [...lib, ...filesIn('tests'), ...filesIn('examples')]
const packageJson = JSON.parse(readFileSync('package.json', 'utf8'))

/** The line of `order` that a file of `lib` stands in: the one that names the longest beginning of its path. */
function rank(path: string): number {
  const parts = path.replace(/^lib\/|\.ts$/g, '').split('/')
  for (let length = parts.length; length > 0; length--) {
    const found = order.findIndex(line => line.includes(parts.slice(0, length).join('/')))
    if (found >= 0) return found
  }
  return -1
}

/** The package that a specifier names, or a file of it. */
const packageOf = (specifier: string) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')

test.each(lib)('%s has a place in the order', path => {
  expect(rank(path)).toBeGreaterThanOrEqual(0)
})

/** Generated JavaScript, whose types are beside it. */
const generated = ['lib/onnx/schema/onnx_pb.js']

test.each(lib)('%s imports only from its own group or from groups above it', path => {
  const isBelow = (file: string) => (!lib.includes(file) && !generated.includes(file)) || rank(file) > rank(path)
  const below = importsOf(path).filter(({ file }) => file && isBelow(file))
  expect(below).toEqual([])
})

test('no import leads back to where it began, those of types included', () => {
  const state = new Map<string, 'open' | 'done'>()
  const circles: string[] = []
  const visit = (path: string, trail: readonly string[]) => {
    if (state.get(path) === 'open') circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    if (state.has(path)) return
    state.set(path, 'open')
    for (const { file } of importsOf(path)) if (file && lib.includes(file)) visit(file, [...trail, path])
    state.set(path, 'done')
  }
  for (const path of lib) visit(path, [])
  expect(circles).toEqual([])
})

test.each(lib)('%s imports only packages that are dependencies', path => {
  const { dependencies = {}, peerDependencies = {} } = packageJson
  const included = path.startsWith('lib/onnx/') ? ['@bufbuild/protobuf'] : [] // dist/ has it: bundle-library.js
  const packages = [...Object.keys({ ...dependencies, ...peerDependencies }), ...included]
  const others = importsOf(path).filter(({ file, specifier }) => !file && !packages.includes(packageOf(specifier)))
  const allowed = path.startsWith('lib/node/') ? /^node:/ : /^$/
  expect(others.filter(({ specifier }) => !allowed.test(specifier))).toEqual([])
})

test.each(lib)('%s has numbers only from exact members of Math', path => {
  expect(membersUsed(path, 'Math').filter(member => !exactMath.includes(member))).toEqual([])
})

test.each(lib)('%s has no type any', path => {
  expect(nodesOf(path).filter(node => node.type === 'TsKeywordType' && node.kind === 'any')).toEqual([])
})

test('the main entry needs no package but seedrandom, and nothing of Node', () => {
  const packages = closureOf('lib/index.ts').flatMap(path => importsOf(path).filter(({ file }) => !file))
  expect([...new Set(packages.map(({ specifier }) => packageOf(specifier)))]).toEqual(['seedrandom'])
})

test('the main entry makes no code from text', () => {
  const makesCode = (node: Node) => ['eval', 'Function'].includes(nameOf(node) ?? '')
  expect(closureOf('lib/index.ts').filter(path => nodesOf(path).some(makesCode))).toEqual([])
})

test('chance comes from seeds, not from Math.random', () => {
  expect(everything.filter(path => membersUsed(path, 'Math').includes('random'))).toEqual([])
})
