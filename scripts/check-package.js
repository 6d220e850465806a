// What npm would publish: the files that belong there and no others, a README without dead links, and entries that stay
// small in a page.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'))

const entryNames = Object.keys(exports).flatMap(entry => /^\.\/(\w+)$/.exec(entry)?.[1] ?? [])

const model = 'Sequential, LocallyConnected2D, Dense, Adam'
/** What a page imports, and the most kilobytes (1,024 bytes) that it may take: bundled, minified, gzipped. */
const bundles = [
  { name: 'unshared', code: "export * from 'unshared'", most: 103 },
  { name: 'one layer', code: "export { LocallyConnected2D } from 'unshared'", most: 23.5 },
  { name: 'one layer of unshared/core', code: "export { LocallyConnected2D } from 'unshared/core'", most: 17 },
  { name: 'a model', code: `export { ${model} } from 'unshared'`, most: 94 },
  { name: 'a model of unshared/core', code: `export { ${model} } from 'unshared/core'`, most: 34 },
  {
    name: 'a model of unshared/core, with the fast engine',
    code: `import 'unshared/simd'; export { ${model} } from 'unshared/core'`,
    most: 52,
  },
  { name: 'Tensor', code: "export { Tensor } from 'unshared'", most: 11.5 },
  { name: 'Tensor of unshared/core', code: "export { Tensor } from 'unshared/core'", most: 3.5 },
  {
    name: 'samples of unshared/data',
    code: "export { batches, oneHot, shuffle, split, take } from 'unshared/data'",
    most: 4.5,
  },
  { name: 'unshared/data, with npz and fflate', code: "export * from 'unshared/data'", most: 22 },
]

const needed = [
  ...['package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md', 'SECURITY.md', 'CITATION.cff'],
  ...targetsOf(exports).map(path => posix.normalize(path)),
  ...entryNames.map(name => `${name}/package.json`),
]
const allowed = [
  /^(package\.json|LICENSE|NOTICE|CITATION\.cff|(README|CHANGELOG|CODE_OF_CONDUCT|CONTRIBUTING|SECURITY)\.md)$/,
  /^dist\/[\w/-]+\.(js|d\.ts)(\.map)?$/,
  /^dist\/unshared\.min\.js$/,
  new RegExp(`^(${entryNames.join('|')})/package\\.json$`), // for resolvers that do not know `exports`
  /^lib\/[\w/-]+\.ts$/,
  /^lib\/onnx\/schema\/onnx_pb\.(js|d\.ts)$/,
  /^docs\/((zh-(CN|TW)\/)?[\w-]+\.(md|html)|images\/[\w-]+\.(png|svg))$/,
  /^licenses\/[\w.-]+\.txt$/,
  /^examples\/(data\/README\.md|[\w./-]+\.(ts|js|css|md|html|json))$/,
  /^tests\/golden\/make_goldens\.py$/,
]

const problems = []
const [{ files, size, unpackedSize }] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json'], { encoding: 'utf8', maxBuffer: 2 ** 26 }),
)
const paths = files.map(file => file.path)
for (const path of needed) if (!paths.includes(path)) problems.push(`${path} is missing`)
for (const path of paths) if (!allowed.some(pattern => pattern.test(path))) problems.push(`${path} does not belong`)
for (const link of deadLinks('README.md')) problems.push(`README.md: the package does not have ${link}`)

console.log(`${paths.length} files, ${kilobytes(size)} packed, ${kilobytes(unpackedSize)} unpacked`)
console.log('with dependencies, minified and gzipped:')
for (const { name, code, most } of bundles) {
  const bytes = await gzippedBytes(code)
  console.log(`  ${name}: ${kilobytes(bytes)}, at most ${most}`)
  if (bytes > most * 1024) problems.push(`${name} takes ${kilobytes(bytes)}, more than ${most}`)
}
for (const problem of problems) console.error(`package: ${problem}`)
process.exitCode = problems.length > 0 ? 1 : 0

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`
}

/** The files that `exports` names. */
function targetsOf(value) {
  return typeof value === 'string' ? [value] : Object.values(value).flatMap(targetsOf)
}

/** Relative links and pictures of a page that lead to no file or folder of the package. */
function deadLinks(page) {
  const text = readFileSync(page, 'utf8').replace(/^```[\s\S]*?^```/gm, '')
  const links = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(([, link, html]) => link ?? html)
  return links.filter(link => {
    if (/^(https?:|#)/.test(link)) return false
    const path = posix.normalize(link.replace(/#.*/, '')).replace(/\/$/, '')
    return !paths.some(file => file === path || file.startsWith(`${path}/`))
  })
}

/** As a page's bundler would take it: with the browser's #platform, and an error if a Node module is reached. */
async function gzippedBytes(contents) {
  const alias = Object.fromEntries(
    Object.entries(exports).flatMap(([entry, target]) =>
      target.default ? [[posix.join('unshared', entry), target.default]] : [],
    ),
  )
  const { outputFiles, warnings } = await build({
    stdin: { contents, resolveDir: '.' },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    alias,
    write: false,
    logLevel: 'error',
    logOverride: { 'ignored-bare-import': 'silent' }, // as in node_modules: chunks without side effects may be left out
  }).catch(() => process.exit(1))
  for (const { text } of warnings) problems.push(text)
  return gzipSync(outputFiles[0].contents, { level: 9 }).length
}
