// The program of the worker that reads model files, as one text that needs no other file: `new Worker(text, { eval: true })`.
// `npm run build` puts it into dist/; tests and scripts/run-ts.js read it from out/programs/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

export async function parseWorkerText() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['lib/node/parse-worker.ts'],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    format: 'iife',
    target: 'node20',
    packages: 'external',
    charset: 'utf8',
    // Text of a worker is CommonJS or a module, depending on the process' options; this finds Node's modules in both.
    banner: { js: 'const nodeModule=name=>process.getBuiltinModule(name);' },
    plugins: [nodeModules],
    logLevel: 'warning',
  })
  return outputFiles[0].text
}

/** `import { Worker } from 'node:worker_threads'` without `require`. */
const nodeModules = {
  name: 'node-modules',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node-modules' }))
    onLoad({ filter: /./, namespace: 'node-modules' }, ({ path }) => ({
      contents: `module.exports = nodeModule(${JSON.stringify(path)})`,
    }))
  },
}

export async function bundleParseWorker() {
  mkdirSync(`${root}out/programs`, { recursive: true })
  writeFileSync(`${root}out/programs/parse-worker.js`, await parseWorkerText())
}
