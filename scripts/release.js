// Prepares a release: `npm run release -- X.Y.Z` shows what it would do, `npm run release -- X.Y.Z --write` does it. Sets the
// version everywhere, closes the changelog's section, runs all checks and packs. It neither commits nor publishes: in the
// end it prints the commands that do.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: 'boolean', default: false } },
})
const [version] = positionals
const problems = []
const git = (...args) => execFileSync('git', args, { encoding: 'utf8' }).trim()
const read = path => readFileSync(path, 'utf8')

const parts = /^(\d+)\.(\d+)\.(\d+)$/
  .exec(version ?? '')
  ?.slice(1)
  .map(Number)
if (!parts) {
  console.error('usage: npm run release -- X.Y.Z [--write]')
  process.exit(2)
}

const { version: current } = JSON.parse(read('package.json'))
const order = current.split('.').map((part, i) => parts[i] - Number(part))
const isTagged = git('tag', '--list', `v${version}`) !== ''
if (isTagged) problems.push(`the tag v${version} exists`)
if ((order.find(difference => difference !== 0) ?? 0) < 0) problems.push(`${version} is older than ${current}`)
if (git('status', '--porcelain') !== '') problems.push('the working tree has changes: commit them first')

/** The files that name the version, and their new contents. */
const changes = Object.entries({
  'package.json': text => text.replace(`"version": "${current}"`, `"version": "${version}"`),
  'package-lock.json': text => {
    const lock = JSON.parse(text)
    lock.version = version
    lock.packages[''].version = version
    return `${JSON.stringify(lock, null, 2)}\n`
  },
  'CITATION.cff': text => text.replace(/^version: .*$/m, `version: ${version}`),
  'CHANGELOG.md': text => text.replace(/^## Unreleased$/m, `## ${version}`),
}).map(([path, change]) => ({ path, before: read(path), after: change(read(path)) }))
const changelog = changes.find(({ path }) => path === 'CHANGELOG.md').after
if (/^## (\S+)/m.exec(changelog)?.[1] !== version)
  problems.push(`the changelog's first section is neither "Unreleased" nor ${version}`)

for (const { path, before, after } of changes) console.log(`${path}: ${before === after ? 'as it is' : 'changes'}`)
const checks = [
  ['bash', ['.ci/run']],
  ['npm', ['pack', ...(values.write ? [] : ['--dry-run'])]],
]
for (const [command, args] of checks)
  console.log(`${values.write ? 'runs' : 'would run'}: ${command} ${args.join(' ')}`)

if (problems.length > 0) {
  for (const problem of problems) console.error(`release: ${problem}`)
  process.exit(1)
}
if (values.write) {
  for (const { path, after } of changes) writeFileSync(path, after)
  for (const [command, args] of checks)
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) {
      console.error(`release: ${command} ${args.join(' ')} failed; \`git checkout .\` undoes the changes`)
      process.exit(1)
    }
}
console.log(`${values.write ? 'Now' : 'Then'}:
  git commit --all --message 'Release ${version}'
  git tag v${version}
  npm publish unshared-${version}.tgz`)
