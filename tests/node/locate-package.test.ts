import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { locatePackage } from '../../lib/node/locate-package.ts'
import { readable, variable } from '../../lib/node/settings.ts'

test.each([
  ['h5wasm', /\/node_modules\/h5wasm\/dist\/esm\/hdf5_hl\.js$/],
  ['fflate', /\/node_modules\/fflate\/esm\/index\.mjs$/],
])('finds the module that `import` gets of %s', (name, expected) => {
  const url = locatePackage(name)
  expect(url).toMatch(expected)
  expect(existsSync(fileURLToPath(url as string))).toBe(true)
})

test('a package that is installed nowhere has no place', () => {
  expect(locatePackage('unshared-nowhere')).toBeNull()
})

test('a setting that may not be read counts as not set', () => {
  const refused = () => {
    throw new Error('NotCapable: Requires env access')
  }
  expect(readable(refused)).toBeUndefined()
  expect(readable(() => 3)).toBe(3)
  expect(variable('UNSHARED_SURELY_NOT_SET')).toBeUndefined()
  expect(variable('KERAS_HOME')).toBe(process.env.KERAS_HOME)
})
