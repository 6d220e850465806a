// The second half of `npm run build`: JavaScript of lib/ in dist/, one file for each that package.json names, and what
// they share in dist/shared/. Some 150 files, as TypeScript would write them, take Node three times as long to load.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { parseWorkerText } from './bundle-parse-worker.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const [, , outdir = 'dist'] = process.argv // another folder: of a test
const { version, exports, imports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
const wholeLibrary = './dist/unshared.min.js'

/** All texts inside. */
const texts = value => (typeof value === 'string' ? [value] : Object.values(value).flatMap(texts))

const named = texts([exports, imports]).filter(path => /^\.\/dist\/.*\.js$/.test(path) && path !== wholeLibrary)
const programs = ['./dist/node/cli/main.js'] // started, not imported
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  logLevel: 'warning',
}

/**
 * Packages that dist/ includes: a bundler of a user who lacks an optional package would stop at their static imports. Others
 * are imported where they are installed.
 */
const included = {
  name: 'included',
  setup({ onResolve }) {
    onResolve({ filter: /^@bufbuild\/protobuf($|\/)/ }, ({ path }) => ({
      path: fileURLToPath(import.meta.resolve(path)),
      sideEffects: false,
    }))
  },
}

const library = build({
  ...common,
  entryPoints: [...new Set([...named, ...programs])].map(path => path.replace(/^\.\/dist\/(.*)\.js$/, 'lib/$1.ts')),
  outdir,
  outbase: 'lib',
  chunkNames: 'shared/[hash]',
  splitting: true,
  platform: 'neutral',
  packages: 'external',
  external: ['#*', 'node:*'], // package.json leads Node to one file and a page to another
  define: { parseWorkerText: JSON.stringify(await parseWorkerText()) },
  plugins: [included],
  sourcemap: true,
  sourcesContent: false, // lib/ is published
})

/** For pages without a bundler: the main entry in one file, without bare imports. */
const oneFile = build({
  ...common,
  entryPoints: ['lib/index.ts'],
  outfile: wholeLibrary.replace('./dist', outdir),
  minify: true,
  platform: 'browser',
  alias: { '#platform': './lib/core/platform.ts' },
  banner: {
    js: `/*! unshared ${version}, MIT licence, with Alea of the package seedrandom, MIT licence: see NOTICE */`,
  },
  legalComments: 'eof',
})

await Promise.all([library, oneFile]).catch(() => process.exit(1)) // esbuild has said why
