// The release script, in a small repository of its own whose checks pass.

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const folder = mkdtempSync(join(tmpdir(), 'unshared-release-'))
const read = (path: string) => readFileSync(join(folder, path), 'utf8')
const run = (command: string, ...args: string[]) => {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
  return spawnSync(command, args, { cwd: folder, encoding: 'utf8', env })
}
const git = (...args: string[]) => run('git', '-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args)
const release = (...args: string[]) => run(process.execPath, 'scripts/release.js', ...args)

beforeAll(() => {
  mkdirSync(join(folder, '.ci'))
  mkdirSync(join(folder, 'scripts'))
  for (const path of ['scripts/release.js', 'CITATION.cff']) cpSync(path, join(folder, path))
  const own = { name: 'small', version: '0.1.0', type: 'module', license: 'MIT' }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(own, null, 2)}\n`)
  const lock = {
    name: 'small',
    version: '0.1.0',
    lockfileVersion: 3,
    packages: { '': own, 'node_modules/a': { version: '0.1.0' } },
  }
  writeFileSync(join(folder, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`)
  writeFileSync(
    join(folder, 'CHANGELOG.md'),
    '# Changelog\n\n## Unreleased\n\n- More.\n\n## 0.1.0\n\nThe first version.\n',
  )
  writeFileSync(join(folder, '.ci/run'), 'echo 3 passed, 0 failed\n')
  git('init', '--quiet')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'small')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('a version that is none, or older, or a tree with changes: refused', () => {
  expect(release('1.0').status).toBe(2)
  expect(release('0.0.9')).toMatchObject({ status: 1, stderr: expect.stringMatching(/0\.0\.9 is older than 0\.1\.0/) })
  writeFileSync(join(folder, 'new.txt'), '')
  expect(release('0.2.0').stderr).toMatch(/the working tree has changes/)
  rmSync(join(folder, 'new.txt'))
})

test('without --write nothing changes; with it, the version is everywhere, the checks run, the package is there', () => {
  const dry = release('0.2.0')
  expect(dry).toMatchObject({ status: 0, stderr: '' })
  expect(dry.stdout).toMatch(/would run: bash \.ci\/run/)
  expect(git('status', '--porcelain').stdout).toBe('')

  const wet = release('0.2.0', '--write')
  expect(wet).toMatchObject({ status: 0, stdout: expect.stringMatching(/3 passed, 0 failed[\s\S]*git tag v0\.2\.0/) })
  expect(JSON.parse(read('package.json')).version).toBe('0.2.0')
  const { version, packages } = JSON.parse(read('package-lock.json'))
  expect([version, packages[''].version, packages['node_modules/a'].version]).toEqual(['0.2.0', '0.2.0', '0.1.0'])
  expect(read('CITATION.cff')).toMatch(/^version: 0\.2\.0$/m)
  expect(read('CHANGELOG.md')).toMatch(/## 0\.2\.0\n\n- More\.\n\n## 0\.1\.0/)
  expect(existsSync(join(folder, 'small-0.2.0.tgz'))).toBe(true)
})
