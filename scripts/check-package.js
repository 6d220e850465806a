// What npm would publish: the files that belong there and no others, and a main entry that stays small in a page.
import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

// The main entry holds every layer, loss and optimizer by name. A page that imports one layer takes less than half of that.
const MOST_GZIPPED_BYTES = { 'the main entry': 102 * 1024, 'one layer': 45 * 1024 }
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
  /^lib\/onnx\/schema\/onnx_pb\.(js|d\.ts)$/, // generated
]

const problems = []
const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8' }))
const paths = files.map(file => file.path)
for (const path of needed) if (!paths.includes(path)) problems.push(`${path} is missing`)
for (const path of paths) if (!allowed.some(pattern => pattern.test(path))) problems.push(`${path} does not belong`)

// As a page's bundler would take it: with the browser's #platform, and an error if a Node module is reached.
const entries = {
  'the main entry': "export * from './dist/index.js'",
  'one layer': "export { LocallyConnected2D } from './dist/index.js'",
}
const sizes = []
for (const [name, contents] of Object.entries(entries)) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: '.' },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    logLevel: 'error',
  }).catch(() => process.exit(1))
  const gzipped = gzipSync(outputFiles[0].contents, { level: 9 }).length
  if (gzipped > MOST_GZIPPED_BYTES[name]) problems.push(`${name} is over ${MOST_GZIPPED_BYTES[name]} bytes`)
  sizes.push(`${name} ${gzipped}`)
}

console.log(`${paths.length} files; with dependencies, minified and gzipped, in bytes: ${sizes.join(', ')}`)
for (const problem of problems) console.error(`package: ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0
