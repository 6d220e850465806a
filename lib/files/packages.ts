// The packages for file formats.

import { StateError } from '../core/errors.ts'
import { optional } from '../core/optional.ts'

type H5wasm = typeof import('h5wasm')
type Fflate = typeof import('fflate')

/** How this thread loads the packages. A worker sets other loaders. */
export const loaders = {
  h5wasm: (): Promise<H5wasm> => import('h5wasm'),
  fflate: (): Promise<Fflate> => import('fflate'),
}

export async function h5wasm(): Promise<H5wasm> {
  const loaded = await optional('h5wasm', '.h5 and .keras files', loaders.h5wasm)
  try {
    await loaded.ready
  } catch (cause) {
    throw new StateError(
      "h5wasm did not start. If the page's policy forbids WebAssembly, script-src must allow 'wasm-unsafe-eval'",
      { cause },
    )
  }
  silence(loaded)
  return loaded
}

/** @param users the files that need it */
export const fflate = (users = '.keras files'): Promise<Fflate> => optional('fflate', users, loaders.fflate)

/** Suppresses the error stack that HDF5 prints for every error; our own errors say what is wrong. */
function silence({ FS }: H5wasm): void {
  type Terminal = { tty?: { ops: object } }
  const { streams } = FS as unknown as { streams: (Terminal | null)[] }
  for (const stream of streams) if (stream?.tty) stream.tty.ops = { ...stream.tty.ops, put_char() {}, fsync() {} }
}
