// What every kind of model file comes down to: a config, and named arrays whose numbers are read when they are wanted.

import type { Shape } from '../core/check.ts'

/** What stands in a JSON text. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }

export type FileKind = 'h5' | 'keras' | 'weights.h5' | 'tfjs' | 'safetensors'

/** An array of a file. Its numbers aren't read yet, unless it is a single one. */
export interface StoredArray {
  /** As the file names it: `dense/kernel:0`, or `layers/dense/vars/0`. */
  readonly name: string
  readonly shape: Shape
  /** By which `read` finds it. */
  readonly id: number
  /** The number of an array without axes. */
  readonly value?: number
}

/** The weights of one layer, in Keras' order. */
export interface StoredLayer {
  readonly name: string
  readonly arrays: readonly StoredArray[]
}

/** A file, without the numbers: plain data, which can be sent from a worker. */
export interface ModelDescription {
  readonly kind: FileKind
  /** Keras' version, where the file tells it. */
  readonly version: string | null
  /** `{ class_name, config }`, as Keras writes it; `null` in files of weights alone. */
  readonly config: JsonObject | null
  /** What `compile` was given, as Keras writes it. */
  readonly training: JsonObject | null
  /** The layers that have weights. */
  readonly layers: readonly StoredLayer[]
  /** What their names are: the layers' own, or, as in `.weights.h5`, made of class and number. */
  readonly named: 'layer' | 'container'
  /** The optimizer's variables, in its order. */
  readonly optimizer: readonly StoredArray[]
}

/** How many numbers are read at once. */
export const mostAtOnce = 2 ** 18

/** An open file. */
export interface ModelReader {
  readonly description: ModelDescription
  /** The numbers of an array, in parts of at most `mostAtOnce`; each is to be copied before the next is asked for. */
  read(id: number): Iterable<Float32Array>
  close(): void
}

/** The same from afar: the reading may happen in a worker. */
export interface OpenModelFile {
  readonly description: ModelDescription
  /** Fills `target`, which has the array's size. */
  read(id: number, target: Float32Array): Promise<void>
  close(): Promise<void>
}
