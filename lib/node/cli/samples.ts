// Samples for a model, from files of several formats, which are told apart by their content.

import { sizeOf } from '../../core/check.ts'
import { ArgumentError } from '../../core/errors.ts'
import { Tensor, type TensorLike } from '../../core/tensor.ts'
import { fromNpy, fromNpz } from '../../data/index.ts'
import { decodeUtf8 } from '../../files/bytes.ts'
import { Failure } from './command.ts'
import { isPng, readPng } from './png.ts'
import { readBytes, standard } from './streams.ts'

/** An input of a model: its name, and the shape of one sample. */
export interface InputOf {
  readonly name: string
  readonly shape: readonly number[]
}

/** The samples for each input. @throws Failure where they don't fit the model */
export async function readSamples(path: string, inputs: readonly InputOf[]): Promise<Tensor[]> {
  const name = path === standard ? 'standard input' : path
  const bytes = await readBytes(path)
  try {
    return await samplesIn(bytes, inputs, name)
  } catch (error) {
    throw error instanceof ArgumentError ? new Failure(`${name}: ${error.message}`) : error
  }
}

async function samplesIn(bytes: Uint8Array, inputs: readonly InputOf[], name: string): Promise<Tensor[]> {
  const first = String.fromCharCode(...bytes.subarray(0, 6))
  if (first.startsWith('PK')) return byName(await fromNpz(bytes), inputs, name)
  if (first === '\x93NUMPY') return [onlyInput(fromNpy(bytes), inputs, name)]
  if (isPng(bytes)) return [await readPng(bytes, name, single(inputs, name).shape)]
  const text = textOf(bytes, name).trim()
  if (/^[[{]/.test(text)) return readJson(text, inputs, name)
  return [readCsv(text, single(inputs, name), name)]
}

function textOf(bytes: Uint8Array, name: string): string {
  try {
    return decodeUtf8(bytes)
  } catch {
    throw new Failure(`${name}: expected npy, npz, csv, json or png`)
  }
}

/** The input of a model that has only one. */
function single(inputs: readonly InputOf[], name: string): InputOf {
  if (inputs.length === 1) return inputs[0]
  const names = inputs.map(input => input.name).join(', ')
  throw new Failure(`${name}: expected samples for each of ${names}: an .npz file, or JSON, with these names`)
}

const onlyInput = (tensor: Tensor, inputs: readonly InputOf[], name: string): Tensor =>
  asBatch(tensor, single(inputs, name), name)

function byName(tensors: Readonly<Record<string, Tensor>>, inputs: readonly InputOf[], name: string): Tensor[] {
  const names = Object.keys(tensors)
  if (inputs.length === 1 && names.length === 1) return [asBatch(tensors[names[0]], inputs[0], name)]
  return inputs.map(input => {
    if (Object.hasOwn(tensors, input.name)) return asBatch(tensors[input.name], input, `${name}, ${input.name}`)
    throw new Failure(`${name}: expected an array ${input.name}, received ${names.join(', ') || 'none'}`)
  })
}

function readJson(text: string, inputs: readonly InputOf[], name: string): Tensor[] {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new Failure(`${name}: ${(error as Error).message}`)
  }
  const isNamed = !Array.isArray(json) && !('data' in Object(json) && 'shape' in Object(json))
  if (!isNamed) return [onlyInput(Tensor.from(json as TensorLike), inputs, name)]
  const named = Object.entries(json as Record<string, TensorLike>)
  return byName(Object.fromEntries(named.map(([key, value]) => [key, Tensor.from(value)])), inputs, name)
}

/** Rows of numbers, one for each sample; a first row without numbers names the columns. */
function readCsv(text: string, input: InputOf, name: string): Tensor {
  const size = sizeOf(input.shape)
  const lines = text.split(/\r?\n/).map((line, i) => ({ line, number: i + 1 }))
  const separator = [',', ';', '\t'].find(mark => lines[0].line.includes(mark)) ?? ','
  const cells = (line: string) => line.split(separator).map(cell => cell.trim().replace(/^"(.*)"$/, '$1'))
  const hasHeader = cells(lines[0].line).every(cell => Number.isNaN(Number(cell)) && !/^nan$/i.test(cell))
  const rows = lines.slice(hasHeader ? 1 : 0).filter(({ line }) => line.trim() !== '')
  const data = new Float32Array(rows.length * size)
  rows.forEach(({ line, number }, row) => {
    const values = cells(line)
    if (values.length !== size)
      throw new Failure(`${name}, line ${number}: expected ${size} numbers, received ${values.length}`)
    values.forEach((cell, i) => {
      const value = /^nan$/i.test(cell) ? Number.NaN : Number(cell)
      if (cell === '' || (Number.isNaN(value) && !/^nan$/i.test(cell)))
        throw new Failure(`${name}, line ${number}: expected numbers, received ${JSON.stringify(cell)}`)
      data[row * size + i] = value
    })
  })
  return new Tensor([rows.length, ...input.shape], data)
}

const withoutOnes = (shape: readonly number[]) => shape.filter(n => n !== 1).join()

/**
 * A batch of samples. A single sample becomes a batch of one; rows may be flat, and axes of size 1 may be missing. Other
 * shapes are refused: their numbers may be in another order.
 */
function asBatch(tensor: Tensor, { shape }: InputOf, name: string): Tensor {
  const [rows = 1, ...rest] = tensor.shape
  const size = sizeOf(shape)
  const isFlat = rest.length === 1 && rest[0] === size
  if (isFlat || withoutOnes(rest) === withoutOnes(shape)) return new Tensor([rows, ...shape], tensor.data)
  if (withoutOnes(tensor.shape) === withoutOnes(shape)) return new Tensor([1, ...shape], tensor.data)
  const [own, expected] = [tensor.shape, ['batch', ...shape]].map(list => `[${list.join(', ')}]`)
  throw new Failure(`${name}: expected samples of shape ${expected}, received ${own}`)
}
