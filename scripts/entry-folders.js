// For resolvers that know `main` but not `exports`, such as those of Parcel and of TypeScript's node10: a folder for each
// entry, with a package.json. They are in the package, not in the project: npm runs this before and after packing.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

for (const [entry, target] of Object.entries(exports)) {
  const [, name] = /^\.\/(\w+)$/.exec(entry) ?? []
  if (name === undefined) continue
  if (process.argv.includes('--remove')) {
    rmSync(`${root}${name}/package.json`, { force: true })
    if (existsSync(`${root}${name}`) && readdirSync(`${root}${name}`).length === 0) rmdirSync(`${root}${name}`)
    continue
  }
  const { types, default: main } = target
  mkdirSync(`${root}${name}`, { recursive: true })
  const content = { type: 'module', main: `.${main}`, types: `.${types}` }
  writeFileSync(`${root}${name}/package.json`, `${JSON.stringify(content, null, 2)}\n`)
}
