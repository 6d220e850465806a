// What npm would publish: the files that belong there and no others, and a main entry that stays small in a page.
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const MOST_GZIPPED_BYTES = 85_000 // less than a quarter of TensorFlow.js
const needed = [
  'package.json',
  'README.md',
  'LICENSE',
  'CHANGELOG.md',
  'dist/index.js',
  'dist/index.d.ts',
  'dist/node/index.js',
]
const allowed = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|NOTICE)$/,
  /^dist\/[\w/-]+\.(js|d\.ts)(\.map)?$/,
  /^lib\/[\w/-]+\.ts$/,
]

const problems = []
const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8' }))
const paths = files.map(file => file.path)
for (const path of needed) if (!paths.includes(path)) problems.push(`${path} is missing`)
for (const path of paths) if (!allowed.some(pattern => pattern.test(path))) problems.push(`${path} does not belong`)

// As a page's bundler would take it: with the browser's #platform, and an error if a Node module is reached.
const { outputFiles } = await build({
  entryPoints: ['dist/index.js'],
  bundle: true,
  minify: true,
  platform: 'browser',
  format: 'esm',
  write: false,
  logLevel: 'error',
}).catch(() => process.exit(1))
const gzipped = gzipSync(outputFiles[0].contents, { level: 9 }).length
if (gzipped > MOST_GZIPPED_BYTES) problems.push(`the main entry is over ${MOST_GZIPPED_BYTES} bytes`)

console.log(`${paths.length} files; main entry with its dependencies, minified and gzipped: ${gzipped} bytes`)
for (const problem of problems) console.error(`package: ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0
