// Runs a TypeScript program of the project: `node scripts/run-ts.js FILE [ARGUMENT …]`. Node 20 takes no types away
// by itself, so esbuild bundles the program into out/run/ first; packages stay where they are.
import { spawnSync } from 'node:child_process'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { aliases } from './aliases.js'
import { bundleParseWorker } from './bundle-parse-worker.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const [entry, ...args] = process.argv.slice(2)
const outfile = join(root, 'out/run', relative(root, resolve(entry)).replace(/\.ts$/, '.mjs'))
await bundleParseWorker()
await build({
  absWorkingDir: root,
  entryPoints: [resolve(entry)],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  packages: 'external', // but for these:
  alias: aliases,
}).catch(() => process.exit(1)) // esbuild has said why
const { status } = spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' })
process.exitCode = status ?? 1
