// The scripts and styles of the site, each one classic file: modules don't load from a folder on the disk.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { gzipSync } from 'fflate'
import { aliases } from '../aliases.js'

const here = 'scripts/site'
const common = {
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'none',
  target: 'es2022',
  logLevel: 'error',
}
const library = { ...aliases, '#platform': './lib/core/platform.ts', '#model-files': './lib/keras/files.ts' }

async function bundle(entry, left = []) {
  const external = ['node:*', ...left]
  const options = { format: 'iife', platform: 'browser', alias: library, external, write: false }
  const { outputFiles } = await build({ ...common, ...options, entryPoints: [`${here}/${entry}`] })
  return outputFiles[0].text.trim()
}

export async function buildStyle(target) {
  await build({ ...common, entryPoints: [`${here}/style/site.css`], outfile: `${target}/site.css` })
}

/** early: before the page shows. page: on every page. search: when the reader searches. The rest: where it is needed. */
export async function buildScripts(target) {
  const scripts = {
    early: 'early',
    page: 'page',
    search: 'search',
    run: 'run/page',
    filter: 'filter',
    figures: 'figures/main',
  }
  for (const [name, entry] of Object.entries(scripts))
    writeFileSync(`${target}/${name}.js`, await bundle(`client/${entry}.ts`))
}

/** The pages in which snippets run: a policy and a worker of their own, all in one file. */
export async function buildFrames(target) {
  const frame = await bundle('client/run/frame.ts')
  const hash = createHash('sha256').update(frame).digest('base64')
  const policy = `default-src 'none'; script-src 'sha256-${hash}' 'unsafe-eval' blob:; worker-src blob:; base-uri 'none'; form-action 'none'`
  for (const name of ['core', 'small', 'large']) {
    const left = name === 'large' ? [] : ['h5wasm'] // which is larger than all the rest
    const worker = await bundle(`client/run/worker-${name}.ts`, left)
    const packed = Buffer.from(gzipSync(Buffer.from(worker), { level: 9, mtime: 0 })).toString('base64')
    writeFileSync(
      `${target}/run-${name}.html`,
      `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>Runs the code of a page</title>
<script type="text/plain" id="worker">${packed}</script>
<script>${frame}</script>
</html>
`,
    )
  }
}
