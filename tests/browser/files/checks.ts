// Model files that a reader chooses in a page: loaded there under a strict policy, they predict what they do in Node.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { unzipSync, zipSync } from 'fflate'
import type { Browser } from 'playwright-core'
import { loadModel, saveModel, saveWeights } from 'unshared/keras'
import { assertEqual, type Check } from '../checks.ts'
import { pageOf } from '../strict-page.ts'
import { newModel, predictedBits, train } from './model.ts'

/** The page's script, as a bundler makes it from the public entries. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['tests/browser/files/page.ts'],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    alias: {
      '#platform': resolve('lib/core/platform.ts'),
      '#model-files': resolve('lib/keras/files.ts'),
      'unshared/keras': resolve('lib/keras/index.ts'),
      unshared: resolve('lib/index.ts'),
    },
  })
  return outputFiles[0].text
}

/** Files of every kind, and the bits that their model predicts in Node. */
async function makeFiles() {
  const model = newModel(1)
  await train(model)
  const keras = await saveModel(model, { format: 'keras' })
  const files: Record<string, Uint8Array> = {
    'model.h5': await saveModel(model, { format: 'h5' }),
    'model.keras': keras,
    'packed.keras': zipSync(unzipSync(keras), { level: 6 }),
    'weights.h5': await saveWeights(model, { format: 'h5' }),
    'model.weights.h5': await saveWeights(model, { format: 'weights.h5' }),
    'model.safetensors': await saveWeights(model, { format: 'safetensors' }),
  }
  return { files, bits: await predictedBits(model) }
}

const address = 'http://files.test/'
const watch = `
  globalThis.violations = []
  addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective))`

/** What a page shows after a file was chosen, and what should not have happened. */
async function chooseInPage(browser: Browser, html: string, path: string) {
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    const requests: string[] = []
    page.on('pageerror', error => complaints.push(String(error)))
    page.on('console', message => complaints.push(message.text()))
    page.on('request', request => requests.push(request.url()))
    await page.addInitScript(watch)
    await page.route(address, route => route.fulfill({ contentType: 'text/html', body: html }))
    await page.goto(address)
    await page.locator('input').setInputFiles(path)
    await page.locator('output.done').waitFor({ state: 'attached' })
    return {
      shown: await page.locator('output').textContent(),
      saved: await page.evaluate<number[] | undefined>('globalThis.saved'),
      violations: await page.evaluate<string[]>('violations'),
      complaints,
      requests,
    }
  } finally {
    await context.close()
  }
}

export async function fileChecks(browser: Browser): Promise<Check[]> {
  const script = await bundle()
  const { files, bits } = await makeFiles()
  const html = (allowed: string) => pageOf(script, allowed, '<input type="file"><output></output>', 'module')

  /** Chooses one of the files. */
  async function choose(name: string, allowed: string) {
    const folder = mkdtempSync(join(tmpdir(), 'unshared-page-'))
    try {
      const path = join(folder, name)
      writeFileSync(path, files[name])
      return await chooseInPage(browser, html(allowed), path)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  return [
    ...Object.keys(files).map(name => ({
      name: `files: ${name} chosen in a page predicts the bits of Node`,
      async run() {
        const { shown, saved, violations, complaints, requests } = await choose(name, "'wasm-unsafe-eval'")
        assertEqual(shown, bits, 'the bits of the prediction')
        assertEqual(violations, [], 'violations of the policy')
        assertEqual(complaints, [], 'errors and messages')
        assertEqual(requests, [address], 'requests')
        if (!saved) return assertEqual(name, 'model.safetensors', 'the file after which nothing is saved')
        const back = await loadModel(Uint8Array.from(saved))
        assertEqual(await predictedBits(back), bits, 'the bits in Node of what the page saved')
      },
    })),
    {
      name: 'files: where a policy forbids WebAssembly, .h5 ends in an error that says so, safetensors load',
      async run() {
        const refused = await choose('model.h5', '')
        const expected =
          "StateError: h5wasm did not start. If the page's policy forbids WebAssembly, script-src must allow 'wasm-unsafe-eval'"
        assertEqual(refused.shown, expected, 'the error')
        const { shown } = await choose('model.safetensors', '')
        assertEqual(shown, bits, 'the bits of the prediction')
      },
    },
  ]
}
