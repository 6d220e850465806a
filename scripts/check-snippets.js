// Checks the types of the TypeScript blocks of the documents, those of a page as one program: `node scripts/check-snippets.js`.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const folder = 'out/snippets'
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

const pages = readdirSync('docs').flatMap(name => (name.endsWith('.md') ? `docs/${name}` : []))
for (const page of ['README.md', 'CONTRIBUTING.md', ...pages]) {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block)
  if (blocks.length > 0) writeFileSync(`${folder}/${page.replaceAll('/', '-')}.ts`, blocks.join('\n'))
}

/** The program of a page may leave names unused. */
const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false }
const config = { extends: '../../tsconfig.json', compilerOptions, include: ['.'], exclude: [] }
writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config))
const { status } = spawnSync('npx', ['tsc', '-p', folder], { stdio: 'inherit', shell: process.platform === 'win32' })
process.exitCode = status ?? 1
