// The code blocks of a document, run as one program.

import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { aliases } from '../../scripts/aliases.js'

export interface Page {
  /** All TypeScript blocks of the page, one after the other. */
  readonly code: string
  /** What the comments `// prints …` promise, in order. */
  readonly promised: string[]
}

export function readPage(markdown: string): Page {
  const blocks = [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) => block)
  const code = blocks.join('\n')
  return { code, promised: [...code.matchAll(/^ *\/\/ prints (.*)$/gm)].map(([, line]) => line) }
}

/** Runs a page's code with the library's source; the lines that it prints. @param name of the temporary program */
export async function runPage({ code }: Page, name: string): Promise<string[]> {
  mkdirSync('out/docs', { recursive: true })
  const outfile = `out/docs/${name.replace(/\W/g, '-')}.mjs`
  await build({
    stdin: { contents: code, resolveDir: '.', loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    external: [
      '@bufbuild/protobuf',
      '@dagrejs/dagre',
      'cli-progress',
      'fast-png',
      'fflate',
      'h5wasm',
      'ndarray',
      'ndarray-ops',
      'seedrandom',
    ],
    alias: aliases,
  })
  const { stdout } = await promisify(execFile)(process.execPath, [outfile])
  return stdout.trimEnd().split('\n')
}
