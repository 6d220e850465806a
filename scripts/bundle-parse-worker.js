// The program of the worker that reads model files, made from the source so that Node 20 can run it: tests and
// scripts/run-ts.js use it. The built library has it in dist/node/.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

export const bundleParseWorker = () =>
  build({
    entryPoints: [join(root, 'lib/node/parse-worker.ts')],
    outfile: join(root, 'out/programs/parse-worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'warning',
  })
