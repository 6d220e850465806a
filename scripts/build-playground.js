// Builds docs/playground.html from examples/playground/: one file that needs no network. The same source gives the same
// file, to the byte; `--check` compares instead of writing, `--serve` also shows it.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { gunzipSync } from 'fflate'
import { columnsOf, pack } from './pack.js'

const MOST_BYTES = 420_000
const root = fileURLToPath(new URL('..', import.meta.url))
const target = `${root}docs/playground.html`

async function bundle(entry, format = 'iife') {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], absWorkingDir: root, write: false, bundle: true, minify: true },
    ...{ format, platform: 'browser', target: 'es2022', charset: 'utf8', legalComments: 'none' },
    alias: {
      '#platform': './lib/core/platform.ts',
      'unshared/data': './lib/data/resize.ts', // the index would bring packages that the policy forbids
      'unshared/research': './lib/research/scaled-tanh.ts', // the index would register, and so bring, all of it
      'unshared/simd': './lib/entries/simd.ts',
      unshared: './lib/entries/core.ts', // examples/playground/names.ts has the names that are used
    },
    define: { kernelSource: JSON.stringify(readFileSync(`${root}lib/kernels/local2d-loop.ts`, 'utf8')) },
    logLevel: 'error',
  })
  return outputFiles[0].text.trim()
}

/** @param allowWasm whether the policy lets WebAssembly run */
export async function playground(allowWasm = true) {
  const [script, worker, style] = await Promise.all(
    ['main.ts', 'worker.ts', 'style.css'].map(name => bundle(`examples/playground/${name}`)),
  )
  const module = await bundle('examples/playground/texts/index.ts', 'esm')
  const { texts } = await import(`data:text/javascript,${encodeURIComponent(module)}`)
  const csv = new TextDecoder().decode(gunzipSync(readFileSync(`${root}examples/data/digits.csv.gz`)))
  if (/<\/script|<!--/i.test(script)) throw new Error('the script has what ends its element')
  const hash = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  const wasm = allowWasm ? " 'wasm-unsafe-eval'" : ''
  const policy = `default-src 'none'; script-src ${hash(script)}${wasm}; worker-src blob:; base-uri 'none'; form-action 'none'`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>unshared</title>
</head>
<body>
<noscript>This page needs JavaScript. 本页面需要 JavaScript。本頁面需要 JavaScript。</noscript>
<script type="text/plain" id="digits">${pack(columnsOf(csv))}</script>
<script type="text/plain" id="style">${pack(style)}</script>
<script type="text/plain" id="texts">${pack(JSON.stringify(texts))}</script>
<script type="text/plain" id="worker">${pack(worker)}</script>
<script>${script}</script>
</body>
</html>
`
}

const [option] = process.argv.slice(2)
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const html = await playground()
  const size = Buffer.byteLength(html)
  if (size >= MOST_BYTES) {
    console.error(`docs/playground.html would have ${size} bytes, more than ${MOST_BYTES}`)
    process.exitCode = 1
  } else if (option === '--check') {
    if (readFileSync(target, 'utf8') !== html) {
      console.error('docs/playground.html is not what examples/playground/ gives: run `npm run build:playground`')
      process.exitCode = 1
    }
  } else {
    writeFileSync(target, html)
    console.log(`docs/playground.html: ${size} bytes`)
    if (option === '--serve') serve(html)
  }
}

function serve(html) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(html)
  })
  server.listen(8017, '127.0.0.1', () => console.log('http://127.0.0.1:8017'))
}
