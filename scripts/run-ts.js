// Runs a TypeScript program of the project: `node scripts/run-ts.js FILE [ARGUMENT …]`. Node 20 takes no types away
// by itself, so esbuild bundles the program into out/run/ first; packages stay where they are.
import { spawnSync } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { bundleParseWorker } from './bundle-parse-worker.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const [entry, ...args] = process.argv.slice(2)
const outfile = join(root, 'out/run', relative(root, resolve(entry)).replace(/\.ts$/, '.mjs'))
await bundleParseWorker()
await build({
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  packages: 'external', // but for these:
  alias: {
    '#platform': join(root, 'lib/node/platform.ts'),
    '#parse-worker': join(root, 'tests/support/parse-worker-path.ts'),
    '#model-files': join(root, 'lib/node/model-files.ts'),
    'unshared/data': join(root, 'lib/data/index.ts'),
    'unshared/keras': join(root, 'lib/keras/index.ts'),
    'unshared/node': join(root, 'lib/node/index.ts'),
    'unshared/plot': join(root, 'lib/plot/index.ts'),
    'unshared/research': join(root, 'lib/research/index.ts'),
    unshared: join(root, 'lib/index.ts'),
  },
}).catch(() => process.exit(1)) // esbuild has said why
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' })
process.exitCode = status ?? 1
