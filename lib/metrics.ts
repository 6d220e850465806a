// What is measured of a model: means over all samples since the last reset.

import { knownOptions, type Shape, sizeOf } from './check.ts'
import { ArgumentError } from './errors.ts'
import type { CamelCase } from './names.ts'
import {
  type Config,
  type KerasSerialized,
  registry,
  type Serializable,
  type Serialized,
} from './registry.ts'
import { Tensor, type TensorLike } from './tensor.ts'

type KerasName = 'accuracy' | 'acc' | 'categorical_accuracy' | 'sparse_categorical_accuracy'
type ClassName = 'CategoricalAccuracy' | 'SparseCategoricalAccuracy'
export type MetricName = KerasName | CamelCase<KerasName> | ClassName

/** A name, a config or a metric. */
export type MetricIdentifier = MetricName | Serialized | KerasSerialized | Metric

export interface MetricOptions {
  /** The key in `history`. Default: the class's name in snake_case. */
  readonly name?: string
}

export abstract class Metric implements Serializable {
  abstract readonly className: string
  readonly name: string

  constructor(defaultName: string, options: MetricOptions) {
    this.name = options.name ?? defaultName
  }

  abstract resetState(): void
  abstract result(): number | Tensor

  /** Takes a batch in. @param sampleWeight one a sample, or `null` */
  abstract update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    targetShape: Shape,
    sampleWeight: Float32Array | null,
  ): void

  updateState(yTrue: TensorLike, yPred: TensorLike, sampleWeight?: TensorLike): void {
    const [t, p] = [Tensor.from(yTrue), Tensor.from(yPred)]
    const weights = sampleWeight === undefined ? null : Tensor.from(sampleWeight).data
    this.update(t.data, p.data, p.shape, t.shape, weights)
  }

  getConfig(): Config {
    return { name: this.name, dtype: 'float32' }
  }
}

/** A metric that is a mean over rows; each row counts as its sample does. */
abstract class MeanOfRows extends Metric {
  #sum = 0
  #count = 0

  resetState(): void {
    this.#sum = 0
    this.#count = 0
  }

  result(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count
  }

  update(
    yTrue: Float32Array,
    yPred: Float32Array,
    shape: Shape,
    _target: Shape,
    weights: Float32Array | null,
  ): void {
    const length = shape[shape.length - 1]
    const rows = sizeOf(shape) / length
    const perSample = rows / shape[0]
    for (let r = 0; r < rows; r++) {
      const weight = weights ? weights[Math.floor(r / perSample)] : 1
      this.#sum += weight * this.row(yTrue, yPred, r, length)
      this.#count += weight
    }
  }

  /** The value of one row. */
  protected abstract row(yTrue: Float32Array, yPred: Float32Array, row: number, length: number): number
}

/** The index of the first largest number of a row. */
function argmax(x: Float32Array, row: number, length: number): number {
  let best = row * length
  for (let i = best + 1; i < (row + 1) * length; i++) if (x[i] > x[best]) best = i
  return best - row * length
}

/** How often the largest output is where the largest target is. */
export class CategoricalAccuracy extends MeanOfRows {
  readonly className = 'CategoricalAccuracy'

  constructor(options: MetricOptions = {}) {
    knownOptions('CategoricalAccuracy', options, ['name', 'dtype'])
    super('categorical_accuracy', options)
  }

  protected row(yTrue: Float32Array, yPred: Float32Array, row: number, length: number): number {
    return argmax(yTrue, row, length) === argmax(yPred, row, length) ? 1 : 0
  }
}

/** How often the largest output is that of the target class. */
export class SparseCategoricalAccuracy extends MeanOfRows {
  readonly className = 'SparseCategoricalAccuracy'

  constructor(options: MetricOptions = {}) {
    knownOptions('SparseCategoricalAccuracy', options, ['name', 'dtype'])
    super('sparse_categorical_accuracy', options)
  }

  protected row(yTrue: Float32Array, yPred: Float32Array, row: number, length: number): number {
    return argmax(yPred, row, length) === yTrue[row] ? 1 : 0
  }
}

/** Metrics by name. */
export const metrics = registry<Metric>(
  'metric',
  {
    CategoricalAccuracy: config => new CategoricalAccuracy(config),
    SparseCategoricalAccuracy: config => new SparseCategoricalAccuracy(config),
  },
  { categorical_accuracy: 'CategoricalAccuracy', sparse_categorical_accuracy: 'SparseCategoricalAccuracy' },
  value => value instanceof Metric,
)

/** The metric of an identifier; 'accuracy' and 'acc' mean the one that suits the shapes. */
export function resolveMetric(identifier: MetricIdentifier, outputShape: Shape, targetShape: Shape): Metric {
  if (identifier !== 'accuracy' && identifier !== 'acc') {
    const metric = metrics.get(identifier)
    return metric
  }
  const sparse = targetShape.length < outputShape.length || targetShape[targetShape.length - 1] === 1
  if (outputShape[outputShape.length - 1] === 1)
    throw new ArgumentError('metrics', identifier, 'several outputs')
  return sparse
    ? new SparseCategoricalAccuracy({ name: identifier })
    : new CategoricalAccuracy({ name: identifier })
}
