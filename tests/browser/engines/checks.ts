// The engines in a browser: the same bits as in Node, in the page and in a worker, and the reference engine where a
// policy forbids WebAssembly.

import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { assertEqual, type Check } from '../checks.ts'
import { pageOf } from '../strict-page.ts'
import { type Result, train } from './training.ts'

/** The page's script, for a browser. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['tests/browser/engines/page.ts'],
    ...{ bundle: true, minify: true, write: false, format: 'iife', platform: 'browser', target: 'es2022' },
    alias: { '#platform': './lib/platform.ts' },
  })
  return outputFiles[0].text
}

type Engine = 'reference' | 'simd' | null
interface Page {
  train(engine: Engine): Promise<Result>
}

/** Trains in a fresh page. @param where in the page itself, or in a worker of it */
async function trainInPage(
  browser: Browser,
  script: string,
  allowWasm: boolean,
  where: 'page' | 'worker',
  engine: Engine,
) {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', error => complaints.push(String(error)))
  try {
    const wasm = allowWasm ? "'wasm-unsafe-eval'" : ''
    await page.setContent(pageOf(script, `${wasm} blob:; worker-src blob:`))
    const run = async ([place, source, name]: readonly [string, string, Engine]) => {
      if (place === 'page') return (globalThis as unknown as Page).train(name)
      const { Blob, URL, Worker } = globalThis as unknown as Record<string, new (...args: unknown[]) => never>
      const blob = new Blob([source], { type: 'text/javascript' })
      const url = (URL as unknown as { createObjectURL(blob: unknown): string }).createObjectURL(blob)
      const worker = new Worker(url) as {
        postMessage(engine: Engine): void
        onmessage: (event: { data: Result }) => void
      }
      return new Promise<Result>(resolve => {
        worker.onmessage = event => resolve(event.data)
        worker.postMessage(name)
      })
    }
    const result = await page.evaluate(run, [where, script, engine] as const)
    assertEqual(complaints, [], 'errors in the page')
    return result
  } finally {
    await context.close()
  }
}

export async function engineChecks(browser: Browser): Promise<Check[]> {
  const script = await bundle()
  const expected = await train('reference')
  const check = (
    name: string,
    allowWasm: boolean,
    where: 'page' | 'worker',
    engine: Engine,
    runs: string,
  ): Check => ({
    name,
    async run() {
      const found = await trainInPage(browser, script, allowWasm, where, engine)
      assertEqual(found.engine, runs, 'the engine')
      assertEqual(found.bits, expected.bits, 'the bits of a training')
    },
  })
  return [
    {
      name: 'engines: the fast one gives the bits of the reference in Node',
      run: async () => assertEqual((await train('simd')).bits, expected.bits, 'the bits of a training'),
    },
    check('engines: the reference in a page gives the bits of Node', true, 'page', 'reference', 'reference'),
    check(
      'engines: the fast one is the default in a page, with the bits of Node',
      true,
      'page',
      null,
      'simd',
    ),
    check(
      'engines: the fast one is the default in a worker, with the bits of Node',
      true,
      'worker',
      null,
      'simd',
    ),
    check(
      'engines: where a policy forbids WebAssembly, the reference runs',
      false,
      'page',
      null,
      'reference',
    ),
    check('engines: the same in a worker', false, 'worker', null, 'reference'),
  ]
}
