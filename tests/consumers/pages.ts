// Pages in a real Chromium, isolated and under a strict content security policy.

import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { launch } from '../browser/browser.ts'
import { check, type Place, type Result } from './consumer.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
}

/** Serves the folder with the policy. */
async function serve(folder: string, policy: string) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://page').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    try {
      const body = await readFile(file)
      response.writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'content-security-policy': policy,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      })
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>(done => {
    server.listen(0, '127.0.0.1', done)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}

/**
 * Opens the folder's index.html, which puts a promise of the result into `globalThis.result`.
 * @param scripts what else the policy allows
 */
export async function inPage(place: Place, folder: string, scripts = ''): Promise<string> {
  const policy = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval' ${scripts}; worker-src blob:; connect-src 'self'`
  const site = await serve(folder, policy)
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', error => errors.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error' && !/favicon/.test(message.location().url)) errors.push(message.text())
    })
    await page.goto(site.url)
    await page.waitForFunction(() => 'result' in globalThis, undefined, { timeout: 60_000 }).catch(() => {})
    if (errors.length > 0) throw new Error(errors.join('\n'))
    const result = await page.evaluate(() => (globalThis as unknown as { result: Promise<Result> }).result)
    return check(place, result, { threads: 2 })
  } finally {
    await browser.close()
    site.close()
  }
}
