// Benchmark of the three implementations of a locally connected layer: which is best for a given shape, by time and
// memory?

import { nextTurn, now } from '#platform'
import { finite, knownOptions, oneOf, positiveInteger, type Shape, shape, sizeOf } from '../core/check.ts'
import { ArgumentError } from '../core/errors.ts'
import type { Implementation } from '../kernels/local2d.ts'
import type { Pass } from '../layers/call.ts'
import { optionsOf } from '../layers/kernel-bias.ts'
import { LocallyConnected } from '../layers/locally-connected.ts'
import { memory } from '../models/costs.ts'
import { Sequential } from '../models/model.ts'
import type { EngineOptions } from '../simd/choose-engine.ts'
import { Zeros } from '../weights/initializers.ts'

/** The options of `benchmarkImplementations`. */
export interface BenchmarkOptions extends EngineOptions {
  /** Samples per batch. Default 32. */
  readonly batchSize?: number
  /** The implementations to measure. Default `[1, 2, 3]`. */
  readonly implementations?: readonly Implementation[]
  /** Milliseconds for all rounds together; there are at least three rounds. Default 1000. */
  readonly timeBudget?: number
  /** The largest size of kernel plus gradient in bytes; an implementation that needs more is not built. Default 2³⁰. */
  readonly memoryLimit?: number
  /** A clock in milliseconds. Default: `performance.now`. */
  readonly clock?: () => number
}

/** Milliseconds per batch, over all rounds. */
export interface Timing {
  /** The fastest round. */
  readonly min: number
  /** The median of all rounds. */
  readonly median: number
}

/** The measurement of one implementation. */
export interface ImplementationMeasurement {
  /** Which implementation was measured. */
  readonly implementation: Implementation
  /** The shape in which it stores the kernel. */
  readonly kernelShape: Shape
  /** Bytes of the stored kernel. */
  readonly kernelBytes: number
  /** Bytes of the kernel's gradient, which training also needs. */
  readonly gradientBytes: number
  /** A forward pass of one batch. `null` if the implementation was not built. */
  readonly forward: Timing | null
  /** A backward pass: the gradients of kernel, bias and input. `null` if the implementation was not built. */
  readonly backward: Timing | null
  /** Why the implementation was not built; `null` if it was. */
  readonly skipped: string | null
}

/** The measurements of all implementations. */
export interface ImplementationBenchmark {
  /** The implementation to use; `null` if none could be built. */
  readonly recommended: Implementation | null
  /** The reason for the recommendation, in one sentence. */
  readonly reason: string
  /** Samples in a batch. */
  readonly batchSize: number
  /** How many times each implementation was timed. */
  readonly rounds: number
  /** One for each implementation. */
  readonly measurements: readonly ImplementationMeasurement[]
  /** A line for each implementation, then the reason. */
  toString(): string
}

const leastRounds = 3
/** If times differ by less than this factor, memory decides. */
const closeCall = 1.1

/**
 * Measures the implementations of a locally connected layer for a given shape, and recommends one. Measures fresh copies
 * of the layer; the layer itself is not modified and need not be built. Every round runs each implementation once, so that
 * other load on the machine affects all of them alike.
 *
 * ```ts
 * const layer = new LocallyConnected2D({ filters: 64, kernelSize: 3 })
 * const { recommended, reason } = await benchmarkImplementations(layer, [32, 32, 3], { batchSize: 32 })
 * ```
 *
 * @param layer a LocallyConnected1D or LocallyConnected2D
 * @param inputShape the shape of one sample: `[32, 32, 3]`
 * @throws ArgumentError for any other layer, a shape that does not suit it, and unknown options
 */
export async function benchmarkImplementations(
  layer: LocallyConnected<readonly number[]>,
  inputShape: Shape,
  options: BenchmarkOptions = {},
): Promise<ImplementationBenchmark> {
  const known = ['batchSize', 'implementations', 'timeBudget', 'memoryLimit', 'clock', 'engine', 'threads']
  knownOptions('benchmarkImplementations', options, known)
  if (!(layer instanceof LocallyConnected))
    throw new ArgumentError('layer', layer, 'a LocallyConnected1D or LocallyConnected2D')
  const sample = shape('inputShape', inputShape, 1)
  const batchSize = positiveInteger('batchSize', options.batchSize ?? 32)
  const timeBudget = finite('timeBudget', options.timeBudget ?? 1000, 0)
  const memoryLimit = finite('memoryLimit', options.memoryLimit ?? 2 ** 30, 0)
  const { implementations = [1, 2, 3], clock = now, engine, threads } = options
  if (!Array.isArray(implementations) || implementations.length === 0)
    throw new ArgumentError('implementations', implementations, 'a list with some of 1, 2, 3')
  for (const implementation of implementations) oneOf('implementations', implementation, [1, 2, 3])
  const engineOptions = { ...(engine && { engine }), ...(threads !== undefined && { threads }) }

  const trials = implementations.map(implementation => {
    const trial = new Trial(layer, implementation, sample)
    const bytes = trial.kernelBytes + trial.gradientBytes
    if (bytes > memoryLimit)
      trial.skip(`kernel and gradient take ${memory(bytes)}; the limit is ${memory(memoryLimit)}`)
    else trial.build(layer, sample, batchSize, engineOptions)
    return trial
  })
  const running = trials.filter(({ skipped }) => skipped === null)
  for (const trial of running) trial.run(clock, false) // to warm up the compilers
  const start = clock()
  let rounds = 0
  while (running.length > 0 && (rounds < leastRounds || clock() - start < timeBudget)) {
    for (const trial of running) trial.run(clock, true)
    rounds++
    await nextTurn()
  }
  const measurements = trials.map(trial => trial.measurement())
  return report(measurements, batchSize, rounds)
}

/** The timings of one implementation. */
class Trial {
  readonly implementation: Implementation
  readonly kernelShape: Shape
  skipped: string | null = null
  readonly #forward: number[] = []
  readonly #backward: number[] = []
  #model: Sequential | null = null
  #pass: Pass = { batch: 0, training: true, inputGradient: true, penalties: false, frozen: null }

  constructor(layer: LocallyConnected<readonly number[]>, implementation: Implementation, sample: Shape) {
    this.implementation = implementation
    this.kernelShape = layer.kernelShape(implementation, sample)
  }

  get kernelBytes(): number {
    return 4 * sizeOf(this.kernelShape)
  }

  get gradientBytes(): number {
    return this.kernelBytes
  }

  skip(reason: string): void {
    this.skipped = reason
  }

  /** Builds a copy of the layer with constant weights: drawing them could take longer than all rounds. */
  build(layer: LocallyConnected<readonly number[]>, sample: Shape, batchSize: number, engine: EngineOptions): void {
    const { name: _, batchInputShape: __, ...config } = optionsOf(layer)
    const Class = layer.constructor as new (config: unknown) => LocallyConnected<readonly number[]>
    const { implementation } = this
    const copy = new Class({ ...config, implementation, kernelInitializer: new Zeros(), biasInitializer: new Zeros() })
    try {
      const model = new Sequential([copy], { seed: 0, ...engine })
      model.build([null, ...sample])
      copy.parameters.forEach(({ value }) => {
        value.fill(0.01)
      })
      this.#pass.batch = batchSize
      model.reserve(batchSize, true)
      model.graph.begin(this.#pass)
      fill(model.graph.inputs[0].y)
      fill(model.graph.outputGradient(0))
      this.#model = model
    } catch (error) {
      this.skip(error instanceof Error ? error.message : String(error)) // memory could not be allocated
    }
  }

  run(clock: () => number, counts: boolean): void {
    const model = this.#model
    if (!model) return
    const start = clock()
    model.graph.propagate()
    const forward = clock() - start
    const turn = clock()
    model.graph.backpropagate()
    const backward = clock() - turn
    if (!counts) return
    this.#forward.push(forward)
    this.#backward.push(backward)
  }

  measurement(): ImplementationMeasurement {
    const { implementation, kernelShape, kernelBytes, gradientBytes, skipped } = this
    const [forward, backward] = [timing(this.#forward), timing(this.#backward)]
    return { implementation, kernelShape, kernelBytes, gradientBytes, forward, backward, skipped }
  }
}

/** Fills an array with numbers of ordinary size, none of them 0. */
function fill(array: Float32Array): void {
  for (let i = 0; i < array.length; i++) array[i] = ((i % 17) - 7.5) / 8
}

function timing(ms: readonly number[]): Timing | null {
  if (ms.length === 0) return null
  const sorted = [...ms].sort((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return { min: sorted[0], median: (low + high) / 2 }
}

const both = ({ forward, backward }: ImplementationMeasurement): number =>
  (forward?.median ?? Infinity) + (backward?.median ?? Infinity)

function report(
  measurements: readonly ImplementationMeasurement[],
  batchSize: number,
  rounds: number,
): ImplementationBenchmark {
  const byTime = measurements.filter(({ skipped }) => skipped === null).sort((a, b) => both(a) - both(b))
  const fastest = byTime.at(0)
  const close = byTime.filter(m => fastest && both(m) <= closeCall * both(fastest))
  const best = close.sort((a, b) => a.kernelBytes - b.kernelBytes || a.implementation - b.implementation).at(0)
  const reason = reasonFor(best, fastest, byTime, measurements)
  const lines = [...measurements.map(line), reason]
  return {
    recommended: best?.implementation ?? null,
    reason,
    batchSize,
    rounds,
    measurements,
    toString: () => lines.join('\n'),
  }
}

function reasonFor(
  best: ImplementationMeasurement | undefined,
  fastest: ImplementationMeasurement | undefined,
  byTime: readonly ImplementationMeasurement[],
  measurements: readonly ImplementationMeasurement[],
): string {
  if (!best || !fastest) return 'none could be built: raise memoryLimit, or use a smaller layer'
  const others = byTime.filter(m => m !== best).map(m => `${m.implementation} takes ${inMilliseconds(both(m))}`)
  const left = measurements.filter(({ skipped }) => skipped !== null).map(m => `${m.implementation} was not built`)
  const told = [...others, ...left].join(', ')
  const time = `forward and backward take ${inMilliseconds(both(best))}`
  const size = best.kernelBytes < fastest.kernelBytes ? 'smaller' : 'no larger'
  const why = best === fastest ? time : `${time}, about as long as the fastest, and its kernel is ${size}`
  return `implementation ${best.implementation}: ${why}${told && `; ${told}`}`
}

function line({ implementation, kernelBytes, forward, backward, skipped }: ImplementationMeasurement): string {
  const kernel = `implementation ${implementation}: kernel ${memory(kernelBytes)}`
  if (!forward || !backward) return `${kernel}; not built: ${skipped}`
  const show = ({ median, min }: Timing) => `${inMilliseconds(median)} (least ${inMilliseconds(min)})`
  return `${kernel}, forward ${show(forward)}, backward ${show(backward)}`
}

const inMilliseconds = (ms: number): string => `${ms < 10 ? ms.toPrecision(2) : ms.toFixed(0)} ms`
