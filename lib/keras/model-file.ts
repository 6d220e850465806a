// The common form of all model files: a config, and named arrays whose values are read on demand.

import type { Shape } from '../core/check.ts'

/** A parsed JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export type FileKind = 'h5' | 'keras' | 'weights.h5' | 'tfjs' | 'safetensors'

/** An array in a file. Its values are not read yet, unless it is a scalar. */
export interface StoredArray {
  /** The name in the file: `dense/kernel:0`, or `layers/dense/vars/0`. */
  readonly name: string
  readonly shape: Shape
  /** Identifies the array for `read`. */
  readonly id: number
  /** The value of a scalar. */
  readonly value?: number
}

/** The weights of one layer, in Keras' order. */
export interface StoredLayer {
  readonly name: string
  readonly arrays: readonly StoredArray[]
  /** The layers inside a model that is a layer of the file's model, if their names are known. */
  readonly inner?: readonly StoredLayer[]
}

/** The content of a file without the arrays' values: plain data, which a worker can send. */
export interface ModelDescription {
  readonly kind: FileKind
  /** The version of Keras, if the file has it. */
  readonly version: string | null
  /** The library that computed, in Keras 2: 'tensorflow', 'theano' …, if the file has it. */
  readonly backend: string | null
  /** `{ class_name, config }`, as Keras writes it; `null` in weights files. */
  readonly config: JsonObject | null
  /** The arguments of `compile`, as Keras writes them; `null` if there are none. */
  readonly training: JsonObject | null
  /** The layers with weights. */
  readonly layers: readonly StoredLayer[]
  /** The origin of the layers' names: their own, or, as in `.weights.h5`, derived from class and number. */
  readonly named: 'layer' | 'container'
  /** The optimizer's variables, in its order. */
  readonly optimizer: readonly StoredArray[]
}

/** The number of values to read at once. */
export const mostAtOnce = 2 ** 18

/** An open file. */
export interface ModelReader {
  readonly description: ModelDescription
  /** The values of an array, in parts (in a worker, at most `mostAtOnce`). Copy each part before requesting the next. */
  read(id: number): Iterable<Float32Array>
  close(): void
}

/** Like ModelReader, but asynchronous: a worker may do the reading. */
export interface OpenModelFile {
  readonly description: ModelDescription
  /** Reads an array into `target`, which must have the array's size. */
  read(id: number, target: Float32Array): Promise<void>
  close(): Promise<void>
}
