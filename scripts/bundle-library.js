// The second half of `npm run build`: JavaScript of lib/ in dist/, one file for each that package.json names, and what
// they share in dist/shared/. Some 150 files, as TypeScript would write them, take Node three times as long to load.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const [, , outdir = 'dist'] = process.argv // another folder: of a test
const { exports, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))

/** All texts inside. */
const texts = value => (typeof value === 'string' ? [value] : Object.values(value).flatMap(texts))

const named = texts([exports, imports]).filter(path => path.startsWith('./dist/') && path.endsWith('.js'))
const programs = ['./dist/node/parse-worker.js', './dist/node/cli/main.js'] // started, not imported

await build({
  absWorkingDir: root,
  entryPoints: [...named, ...programs].map(path => path.replace(/^\.\/dist\/(.*)\.js$/, 'lib/$1.ts')),
  outdir,
  outbase: 'lib',
  chunkNames: 'shared/[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  packages: 'external',
  external: ['#*', 'node:*'], // package.json leads Node to one file and a page to another
  charset: 'utf8',
  sourcemap: true,
  sourcesContent: false, // lib/ is published
  logLevel: 'warning',
}).catch(() => process.exit(1)) // esbuild has said why
