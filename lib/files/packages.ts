// The packages for file formats.

import { StateError } from '../core/errors.ts'
import { optional } from '../core/optional.ts'

type H5wasm = typeof import('h5wasm')
type Fflate = typeof import('fflate')

// An import in a `try` statement lets bundlers go on where a package is not installed: only those who need it need it.

let loadH5wasm = async (): Promise<H5wasm> => {
  try {
    return await import('h5wasm')
  } catch (cause) {
    throw new Error('h5wasm is not installed', { cause })
  }
}

let loadFflate = async (): Promise<Fflate> => {
  try {
    return await import('fflate')
  } catch (cause) {
    throw new Error('fflate is not installed', { cause })
  }
}

/** Sets how this thread loads the packages. @param load imports a package by its name */
export function loadPackagesBy(load: <T>(name: 'h5wasm' | 'fflate') => Promise<T>): void {
  loadH5wasm = () => load('h5wasm')
  loadFflate = () => load('fflate')
}

export async function h5wasm(): Promise<H5wasm> {
  const loaded = await optional('h5wasm', '.h5 and .keras files', loadH5wasm)
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
export const fflate = (users = '.keras files'): Promise<Fflate> => optional('fflate', users, loadFflate)

/** Suppresses the error stack that HDF5 prints for every error; our own errors say what is wrong. */
function silence({ FS }: H5wasm): void {
  type Terminal = { tty?: { ops: object } }
  const { streams } = FS as unknown as { streams: (Terminal | null)[] }
  for (const stream of streams) if (stream?.tty) stream.tty.ops = { ...stream.tty.ops, put_char() {}, fsync() {} }
}
