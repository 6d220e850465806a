// A real Chromium for tests: found on the machine, driven by playwright-core. Nothing is downloaded.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge']
const elsewhere = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** @throws Error that tells what to install */
export function findBrowser(): string {
  const named = process.env.CHROME_PATH
  if (named !== undefined) {
    if (existsSync(named)) return named
    throw new Error(`CHROME_PATH is ${named}, which is not there`)
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = [...folders.flatMap(folder => names.map(name => join(folder, name))), ...elsewhere].find(existsSync)
  if (found) return found
  throw new Error('no Chrome or Chromium found: install one (Debian: apt-get install chromium), or set CHROME_PATH')
}

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findBrowser(),
    // A container's root has no sandbox; the pages are the project's own.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-sync',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  })
