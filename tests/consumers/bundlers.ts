// Bundlers for servers and for pages.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { type Consumer, check, missing, output, type Place, resultOf, tool } from './consumer.ts'
import { inPage } from './pages.ts'

const bundled = { threads: 2, workers: 2, warnings: [] }

/** Bundles main.mjs for Node with esbuild, whose warnings are errors here. */
async function esbuildFor(place: Place, format: 'esm' | 'cjs', file: string): Promise<void> {
  const { warnings } = await build({
    absWorkingDir: place.folder,
    entryPoints: ['main.mjs'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format,
    target: 'node20',
    logLevel: 'silent',
    // As its documentation advises for packages that need `require` in a module.
    ...(format === 'esm' && {
      banner: {
        js: "import { createRequire as newRequire } from 'node:module'; const require = newRequire(import.meta.url)",
      },
    }),
  })
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
}

const runBundle = async (place: Place, file: string) =>
  check(place, resultOf(await place.run(process.execPath, [file])), bundled)

export const bundlers: Consumer[] = [
  {
    name: 'esbuild, ESM for Node',
    isLight: true,
    async run(place) {
      await esbuildFor(place, 'esm', 'bundle/main.mjs')
      return runBundle(place, 'bundle/main.mjs')
    },
  },
  {
    name: 'esbuild, CommonJS for Node',
    isLight: true,
    async run(place) {
      await esbuildFor(place, 'cjs', 'bundle/main.cjs')
      return runBundle(place, 'bundle/main.cjs')
    },
  },
  {
    name: 'esbuild, CommonJS, away from its packages',
    isLight: true,
    async run(place) {
      const folder = mkdtempSync(join(tmpdir(), 'unshared-consumer-'))
      try {
        const file = join(folder, 'main.cjs')
        await esbuildFor(place, 'cjs', file)
        const printed = await output(process.execPath, [file], { cwd: folder })
        return check(place, resultOf(printed), { threads: 2, warnings: ['UNSHARED_NO_WORKER'] })
      } finally {
        rmSync(folder, { recursive: true })
      }
    },
  },
  {
    name: 'esbuild, for a page, without the optional packages',
    isLight: true,
    async run(place) {
      for (const name of ['h5wasm', 'fflate', '@dagrejs/dagre']) rmSync(join(place.folder, 'node_modules', name))
      place.write(
        'page.mjs',
        `import * as unshared from 'unshared'
        import { take } from 'unshared/data'
        import { loadModel } from 'unshared/keras'
        import { plotModel } from 'unshared/plot'
        import { train } from './train.mjs'
        globalThis.result = train(unshared, 2).then(async ({ model, x, losses }) => {
          const bytes = Uint8Array.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0])
          const errors = [await loadModel(bytes).catch(String), await plotModel(model).catch(String)]
          const loads = errors.every(error => /need the package .*: npm install/.test(error)) && take(x, [1]).size === 400
          return { losses, engine: model.engine.name, threads: 2, loads }
        })`,
      )
      await build({
        absWorkingDir: place.folder,
        entryPoints: ['page.mjs'],
        outdir: 'bundle',
        bundle: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        logLevel: 'silent',
      })
      place.write(
        'bundle/index.html',
        '<!doctype html><meta charset="utf-8"><script type="module" src="./page.js"></script>',
      )
      return inPage(place, join(place.folder, 'bundle'))
    },
  },
  {
    name: 'webpack, target node',
    obstacle: missing('webpack'),
    async run(place) {
      place.write('package.json', '{ "private": true }')
      place.write(
        'build.cjs',
        `require(${JSON.stringify(tool('webpack'))})({
          context: __dirname, entry: './main.mjs', target: 'node', mode: 'production',
          output: { path: __dirname + '/bundle', filename: 'main.cjs' },
        }, (error, stats) => {
          if (error || stats.hasErrors() || stats.hasWarnings()) {
            console.error(error ?? stats.toString({ colors: false })); process.exit(1)
          }
        })`,
      )
      await place.run(process.execPath, ['build.cjs'])
      return runBundle(place, 'bundle/main.cjs')
    },
  },
  {
    name: 'Vite SSR',
    obstacle: missing('vite'),
    async run(place) {
      place.write(
        'vite.config.mjs',
        "export default { ssr: { noExternal: true }, build: { ssr: 'main.mjs', outDir: 'bundle' }, logLevel: 'warn' }",
      )
      await place.run(process.execPath, [tool('vite/bin/vite.js'), 'build'])
      return runBundle(place, 'bundle/main.js')
    },
  },
  {
    name: 'Next, on the server',
    obstacle: missing('next'),
    async run(place) {
      place.write('package.json', '{ "private": true, "name": "consumer", "version": "1.0.0" }')
      // Its packages are links out of the folder.
      place.write('next.config.mjs', "export default { turbopack: { root: '/' } }\n")
      place.write('app/layout.jsx', 'export default ({ children }) => <html lang="en"><body>{children}</body></html>\n')
      place.write('app/page.jsx', 'export default () => <p>page</p>\n')
      place.write(
        'app/run/route.js',
        "import { run } from '../../program.mjs'\nimport { withWarnings } from '../../tell.mjs'\nexport const dynamic = 'force-dynamic'\nexport const GET = async () => Response.json(await withWarnings(run))\n",
      )
      const next = tool('next/dist/bin/next')
      await place.run(process.execPath, [next, 'build'], { NEXT_TELEMETRY_DISABLED: '1' })
      place.write(
        'serve.cjs',
        `const next = require('next'); const http = require('node:http')
        const app = next({ dev: false, dir: __dirname })
        app.prepare().then(() => {
          const server = http.createServer(app.getRequestHandler()).listen(0, '127.0.0.1', async () => {
            const response = await fetch('http://127.0.0.1:' + server.address().port + '/run')
            console.log(await response.text()); process.exit(response.ok ? 0 : 1)
          })
        })`,
      )
      return check(place, resultOf(await place.run(process.execPath, ['serve.cjs'])), bundled)
    },
  },
  {
    name: 'Parcel, for a page',
    obstacle: missing('parcel'),
    async run(place) {
      // as its documents say: without this, it reads neither `exports` nor `imports` of a package
      const resolver = { '@parcel/resolver-default': { packageExports: true } }
      place.write('package.json', JSON.stringify({ name: 'consumer', private: true, type: 'module', ...resolver }))
      place.write('index.html', '<!doctype html><meta charset="utf-8"><script type="module" src="./page.mjs"></script>')
      const args = [
        tool('parcel/lib/bin.js'),
        'build',
        'index.html',
        '--no-cache',
        '--no-source-maps',
        '--dist-dir',
        'bundle',
      ]
      await place.run(process.execPath, args)
      return inPage(place, join(place.folder, 'bundle'), "'unsafe-inline'") // it writes the names of its files into the page
    },
  },
  {
    name: 'Vite, for a page under a strict policy',
    obstacle: missing('vite'),
    async run(place) {
      place.write('index.html', '<!doctype html><meta charset="utf-8"><script type="module" src="./page.mjs"></script>')
      place.write(
        'vite.config.mjs',
        "export default { build: { outDir: 'bundle', target: 'es2022' }, logLevel: 'warn' }",
      )
      await place.run(process.execPath, [tool('vite/bin/vite.js'), 'build'])
      return inPage(place, join(place.folder, 'bundle'))
    },
  },
  {
    name: 'esbuild, for a page under a strict policy',
    isLight: true,
    async run(place) {
      const { warnings } = await build({
        absWorkingDir: place.folder,
        entryPoints: ['page.mjs'],
        outdir: 'bundle',
        bundle: true,
        format: 'esm',
        platform: 'browser',
        target: 'es2022',
        external: ['node:*', 'module', 'fs', 'path', 'url', 'crypto', 'worker_threads'],
        logLevel: 'silent',
      })
      if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'))
      place.write(
        'bundle/index.html',
        '<!doctype html><meta charset="utf-8"><script type="module" src="./page.js"></script>',
      )
      return inPage(place, join(place.folder, 'bundle'))
    },
  },
  {
    name: 'a page without a bundler: one file',
    isLight: true,
    async run(place) {
      place.write(
        'index.html',
        `<!doctype html><meta charset="utf-8"><script type="module" src="./one-file.mjs"></script>`,
      )
      return inPage(place, place.folder)
    },
  },
  {
    name: 'a page without a bundler: import map',
    isLight: true,
    async run(place) {
      const map = { imports: { unshared: './node_modules/unshared/dist/unshared.min.js' } }
      place.write(
        'index.html',
        `<!doctype html><meta charset="utf-8"><script type="importmap">${JSON.stringify(map)}</script><script type="module" src="./mapped.mjs"></script>`,
      )
      return inPage(place, place.folder, "'unsafe-inline'")
    },
  },
]
