// The .npz format of NumPy: a zip of .npy files.

import { boolean, knownOptions, positiveInteger } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Tensor, TensorLike } from '../core/tensor.ts'
import { openArchive } from './archive.ts'
import { bytesOf } from './bytes.ts'
import { givenBytes, type NpyOptions, readNpy, toNpy } from './npy.ts'
import { fflate } from './packages.ts'

/** The options of `toNpz`. */
export interface NpzOptions extends NpyOptions {
  /** Whether to compress, as `np.savez_compressed` does. Default false, as `np.savez`. */
  readonly compressed?: boolean
}

/** The options of `fromNpz`. */
export interface FromNpzOptions {
  /** The most bytes of all arrays together, unpacked. Default 2³¹, 2 GiB. */
  readonly maxBytes?: number
}

/** No zip packs better than 1032 : 1, so larger claims are false. */
const bestPacking = 1032

/**
 * The bytes of an .npz file, as `np.savez` writes it: `np.load(path)[name]` is the tensor of that name. Needs the package
 * fflate.
 *
 * @throws ArgumentError for what `toNpy` throws it for. StateError without fflate
 */
export async function toNpz(
  tensors: Readonly<Record<string, TensorLike>>,
  options: NpzOptions = {},
): Promise<Uint8Array> {
  knownOptions('options', options, ['dtype', 'compressed'])
  const { compressed = false, ...npyOptions } = options
  if (typeof tensors !== 'object' || tensors === null || Array.isArray(tensors))
    throw new ArgumentError('tensors', tensors, 'tensors by name')
  boolean('compressed', compressed)
  const parts = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${name}.npy`, toNpy(tensor, npyOptions)]),
  )
  const { zipSync } = await fflate('.npz files')
  return zipSync(parts, { level: compressed ? 6 : 0, mtime: new Date(1980, 0, 1) }) // the same tensors give the same bytes
}

/**
 * The arrays in an .npz file by name, rounded to float32. Compressed ones need the package fflate.
 *
 * @throws ArgumentError unless it is an intact .npz file of arrays that `fromNpy` reads, and for more than `maxBytes`.
 * StateError without fflate
 */
export async function fromNpz(
  source: Uint8Array | ArrayBuffer,
  options: FromNpzOptions = {},
): Promise<Record<string, Tensor>> {
  knownOptions('options', options, ['maxBytes'])
  const { maxBytes = 2 ** 31 } = options
  let left = positiveInteger('maxBytes', maxBytes)
  const most = (packed: number) => Math.min(left, bestPacking * packed + 64)
  const archive = openArchive(bytesOf(givenBytes(source)), { kind: '.npz', most })
  const tensors: [string, Tensor][] = []
  for (const name of archive.names) {
    const part = await archive.part(name)
    left -= part.size
    if (left < 0)
      throw new ArgumentError('source', 'more', `at most ${maxBytes} bytes`, 'The option maxBytes sets the limit')
    tensors.push([name.replace(/\.npy$/, ''), readNpy(part, `${name} as an .npy file`)])
  }
  return Object.fromEntries(tensors)
}
