// The engines in a browser: the same bits as in Node, in the page and in a worker, on one thread and on more, and the
// reference engine where a policy forbids WebAssembly.

import { createHash } from 'node:crypto'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { assertEqual, type Check } from '../checks.ts'
import type { Shared } from './page.ts'
import { serve } from './server.ts'
import { type Options, train } from './training.ts'

/** The page's script, for a browser. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['tests/browser/engines/page.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    alias: { '#platform': './lib/core/platform.ts' },
  })
  return outputFiles[0].text.replaceAll('</script', '<\\/script')
}

/** Where a training runs, and what is allowed there. */
interface Place {
  readonly where: 'page' | 'worker'
  /** May WebAssembly run? Default: yes. */
  readonly wasm?: boolean
  /** May the page start workers? Default: yes. */
  readonly workers?: boolean
  /** Is it cross-origin isolated? Default: no. */
  readonly isolated?: boolean
}

/** A strict policy, which allows the page's only script by its hash. */
function policyOf(script: string, { wasm = true, workers = true }: Place): string {
  const hash = createHash('sha256').update(script).digest('base64')
  const allowed = [`'sha256-${hash}'`, ...(wasm ? ["'wasm-unsafe-eval'"] : []), ...(workers ? ['blob:'] : [])]
  return `default-src 'none'; script-src ${allowed.join(' ')}; worker-src ${workers ? 'blob:' : "'none'"}`
}

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

type Outcome = Shared & { readonly error?: string }
interface Page {
  train(options: Options): Promise<Outcome>
}

/** Runs in the page: trains there, or in a worker made of the same script. */
async function runThere([where, source, options]: readonly [string, string, Options]): Promise<Outcome> {
  const page = globalThis as unknown as Page
  if (where === 'page') return page.train(options).catch(error => ({ error: String(error) }) as Outcome)
  const { Blob, URL, Worker } = globalThis as unknown as Record<string, new (...args: unknown[]) => never>
  const blob = new Blob([source], { type: 'text/javascript' })
  const url = (URL as unknown as { createObjectURL(blob: unknown): string }).createObjectURL(blob)
  const worker = new Worker(url) as {
    postMessage(options: Options): void
    onmessage: (event: { data: Outcome }) => void
  }
  return new Promise(resolve => {
    worker.onmessage = event => resolve(event.data)
    worker.postMessage(options)
  })
}

/** Trains in a fresh page. */
async function trainIn(browser: Browser, script: string, place: Place, options: Options): Promise<Outcome> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  const html = `<!doctype html><meta charset="utf-8"><script>${script}</script>`
  const policy = { 'content-security-policy': policyOf(script, place) }
  const served = await serve(html, { ...policy, ...(place.isolated && isolation) })
  try {
    await page.goto(served.url)
    const outcome = await page.evaluate(runThere, [place.where, script, options] as const)
    assertEqual(complaints, [], 'errors in the page')
    return outcome
  } finally {
    await context.close()
    served.close()
  }
}

/** What is expected of a training. `helped`: whether other threads did some of it. */
type Expected = { engine: string; threads: number; helped: boolean } | { error: RegExp }

/** Each training: what is said of it, where it is, the model's options, and what is expected. */
const trainings: [string, Place, Options, Expected][] = [
  [
    'the reference in a page gives the bits of Node',
    { where: 'page' },
    { engine: 'reference' },
    { engine: 'reference', threads: 1, helped: false },
  ],
  ...(['page', 'worker'] as const).flatMap((where): [string, Place, Options, Expected][] => [
    [
      'the fast one is the default, on one thread, with the bits of Node',
      { where },
      {},
      { engine: 'simd', threads: 1, helped: false },
    ],
    [
      'where a policy forbids WebAssembly, the reference runs',
      { where, wasm: false },
      {},
      { engine: 'reference', threads: 1, helped: false },
    ],
    [
      'more than one thread is refused without isolation',
      { where },
      { threads: 2 },
      { error: /threads: expected at most 1 here, received 2. A page has threads only if .* isolated/ },
    ],
    ...[1, 2, 3].map((threads): [string, Place, Options, Expected] => [
      `isolated, ${threads} threads give the bits of Node`,
      { where, isolated: true },
      { threads },
      { engine: 'simd', threads, helped: threads > 1 },
    ]),
  ]),
  [
    'isolated, but with a policy against workers, one thread does the work',
    { where: 'page', isolated: true, workers: false },
    { threads: 2 },
    { engine: 'simd', threads: 2, helped: false },
  ],
]

export async function engineChecks(browser: Browser): Promise<Check[]> {
  const script = await bundle()
  const { bits } = await train({ engine: 'reference' })
  return [
    {
      name: 'engines: the fast one gives the bits of the reference in Node',
      run: async () => assertEqual((await train({ engine: 'simd' })).bits, bits, 'the bits of a training'),
    },
    ...trainings.map(([name, place, options, expected]) => ({
      name: `engines, ${place.where}: ${name}`,
      async run() {
        const found = await trainIn(browser, script, place, options)
        if ('error' in expected) {
          assertEqual(expected.error.test(found.error ?? ''), true, `${expected.error} in "${found.error}"`)
          return
        }
        const { engine, threads, helped, error } = found
        assertEqual({ error, engine, threads, helped: helped > 0 }, { ...expected }, 'what ran')
        assertEqual(found.bits, bits, 'the bits of a training')
      },
    })),
    {
      name: 'engines: isolated, as many threads as the machine runs are the default',
      async run() {
        const { threads, helped } = await trainIn(browser, script, { where: 'page', isolated: true }, {})
        const page = await browser.newPage()
        const cores = await page.evaluate('navigator.hardwareConcurrency')
        await page.close()
        assertEqual(threads, Math.min(Number(cores), 8), 'threads')
        assertEqual(helped > 0, Number(cores) > 1, 'whether others helped')
      },
    },
  ]
}
