// A bundle holds what it uses: with one layer, no kernel of another one.

import { expect, test } from '@jest/globals'
import { build } from 'esbuild'

/** The files of lib/kernels in a page's bundle of these names of the main entry. */
async function kernelsWith(...names: string[]): Promise<string[]> {
  const { metafile } = await build({
    stdin: { contents: `export { ${names.join(', ')} } from './lib/index.ts'`, resolveDir: process.cwd() },
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    alias: { '#platform': './lib/core/platform.ts' },
  })
  const [{ inputs }] = Object.values(metafile.outputs)
  return Object.entries(inputs)
    .filter(([path, { bytesInOutput }]) => path.startsWith('lib/kernels/') && bytesInOutput > 0)
    .map(([path]) => path.replace(/^lib\/kernels\/|\.ts$/g, ''))
    .sort()
}

/** Every layer may have an activation, an initializer, a regularizer and a constraint, by their names. */
const ofEveryLayer = ['activations', 'draws', 'norms', 'orthonormal', 'penalties', 'sums']

test.each([
  ['Flatten', ['permute']],
  ['Dense', ['matmul']],
  ['MaxPooling2D', ['pool2d']],
  ['Conv2D', ['local2d-loop']],
  ['LocallyConnected2D', ['local2d', 'local2d-dense', 'local2d-layouts', 'local2d-loop', 'local2d-sparse']],
])('%s', async (name, own) => {
  const found = await kernelsWith(name)
  expect(found.filter(kernel => !ofEveryLayer.includes(kernel))).toEqual(own)
})
