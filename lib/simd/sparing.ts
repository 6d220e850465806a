// Work that can be skipped for implementation 2. Its weights are a dense matrix, most of which is unconnected: the
// gradient there is +0. So the gradient is cleared only once, and an optimizer step runs only over the lines with
// connected weights, provided that it would leave all others unchanged to the last bit, even −0.
//
// This is valid only while kernels are the only writers. Other writers call `open` or `set` of the block (engine.ts),
// which notify this class.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import { LINE } from './layout.ts'

/** Lines of an array: pairs of a first line and the line after the last, ascending, with gaps between the pairs. */
export type Stretches = Int32Array

/** The conditions under which a step with gradient +0 changes nothing. */
export interface Resting {
  /** Slots must be between +0 and this number, both read as the integer of their bits. */
  readonly slots: number
  /** The arguments that must not be 0, because the step may divide by them; epsilon is the last one. */
  readonly divisors: 'none' | 'epsilon' | 'all'
}

const zero: Resting = { slots: 0, divisors: 'epsilon' }
const corrected: Resting = { slots: 0, divisors: 'all' }
const undivided: Resting = { slots: 0, divisors: 'none' }
/** Slots may be any finite number ≥ +0; the step only divides by their root. */
const finite: Resting = { slots: 0x7f7fffff, divisors: 'epsilon' }

/** Not included: momentum, which turns −0 into +0, and Ftrl, which computes weights from its slots. */
export const restingOf: Readonly<Partial<Record<string, Resting>>> = {
  sgd: undivided,
  lion: undivided,
  adagrad: finite,
  rmsprop: zero,
  adadelta: zero,
  adam: zero,
  amsgrad: zero,
  adamax: corrected,
  nadam: corrected,
}

/** Arguments up to this size cannot overflow in intermediate results, which would make a product with 0 NaN. */
const moderate = 1e30

/** A slot is at rest outside these stretches, by this limit of its bits. */
interface Rest {
  readonly stretches: Stretches
  readonly most: number
}

type Argument = Float32Array | number | null

/** What is known about the arrays of a memory, by address. */
export class Sparing {
  readonly #gradients = new Map<number, Geometry>() // +0 where this geometry has no connection
  readonly #slots = new Map<number, Rest>()
  readonly #open = new Set<number>()

  /** A writer other than a kernel may write to the block, now or later. */
  open(address: number): void {
    this.changed(address)
    this.#open.add(address)
  }

  /** A writer other than a kernel has written to the block. */
  changed(address: number): void {
    this.#gradients.delete(address)
    this.#slots.delete(address)
  }

  /** The block is released. */
  forget(address: number): void {
    this.changed(address)
    this.#open.delete(address)
  }

  /** Whether a gradient is known to be +0 where nothing is connected. */
  isCleared({ byteOffset }: Float32Array, g: Geometry): boolean {
    return this.#gradients.get(byteOffset) === g
  }

  /** Records that the gradient has been cleared. */
  cleared({ byteOffset }: Float32Array, g: Geometry): void {
    if (!this.#open.has(byteOffset)) this.#gradients.set(byteOffset, g)
  }

  /**
   * Must be called before every kernel of the optimizers.
   * @param args arrays (the weight, its slots, the gradient), their length, then numbers
   * @param resting null if the kernel may change anything: all of its arrays count as written
   * @returns the stretches that the kernel has to run over; null: the whole arrays
   */
  before(args: readonly Argument[], resting: Resting | null): Stretches | null {
    if (this.#gradients.size + this.#slots.size === 0) return null
    let arrays = 0
    while (typeof args[arrays] !== 'number') arrays++
    const stretches = resting && this.#stretchesFor(args, arrays, resting)
    const read = resting ? arrays - 1 : arrays // the gradient is read only
    for (let i = 0; i < read; i++) {
      const array = args[i] as Float32Array | null
      if (array && (i === 0 || !stretches)) this.changed(array.byteOffset)
    }
    return stretches
  }

  #stretchesFor(args: readonly Argument[], arrays: number, { slots, divisors }: Resting): Stretches | null {
    const g = this.#gradients.get((args[arrays - 1] as Float32Array).byteOffset)
    const stretches = g ? stretchesOf(g) : null
    if (!stretches) return null
    for (let i = arrays + 1; i < args.length; i++) {
      const divides = divisors === 'all' || (divisors === 'epsilon' && i === args.length - 1)
      const n = args[i] as number
      const isInRange = n <= moderate && (divides ? n >= 1 / moderate : n > 0 || Object.is(n, 0))
      if (!isInRange) return null
    }
    for (let i = 1; i < arrays - 1; i++) if (!this.#rests(args[i] as Float32Array, stretches, slots)) return null
    return stretches
  }

  #rests(slot: Float32Array, stretches: Stretches, most: number): boolean {
    const { byteOffset } = slot
    if (this.#open.has(byteOffset)) return false
    const known = this.#slots.get(byteOffset)
    if (known && known.stretches === stretches && known.most <= most) return true
    const rests = staysBelow(most, slot, stretches)
    if (rests) this.#slots.set(byteOffset, { stretches, most })
    return rests
  }
}

/** Whether all numbers outside the stretches have bits from 0 to `most`, read as integers: not negative, not NaN. */
export function staysBelow(most: number, array: Float32Array, stretches: Stretches): boolean {
  const bits = new Uint32Array(array.buffer, array.byteOffset, array.length)
  let from = 0
  for (let i = 0; i <= stretches.length; i += 2) {
    const to = i < stretches.length ? stretches[i] * LINE : bits.length
    for (let j = from; j < to; j++) if (bits[j] > most) return false
    from = stretches[i + 1] * LINE
  }
  return true
}

const known = new WeakMap<Geometry, Stretches | null>()
function stretchesOf(g: Geometry): Stretches | null {
  let stretches = known.get(g)
  if (stretches === undefined) known.set(g, (stretches = connectedStretches(g)))
  return stretches
}

/** The lines with connected weights; null if a run over the whole array is no slower. */
export function connectedStretches(g: Geometry): Stretches | null {
  const { inputSize, outputSize, F, outputPlace, outputFilter } = g
  const places: number[][] = Array.from({ length: inputSize }, () => [])
  for (let p = 0; p < g.P; p++)
    for (let k = 0; k < g.K; k++) {
      const i = inputIndex(g, Math.floor(p / g.OW), p % g.OW, k)
      if (i >= 0) places[i].push(p)
    }
  const [rows, length] = outputFilter === 1 ? [1, F] : [F, 1] // contiguous: the filters of a place, or single numbers
  const list = new StretchList()
  for (let i = 0; i < inputSize; i++)
    for (let f = 0; f < rows; f++)
      for (const p of places[i]) list.add(i * outputSize + p * outputPlace + f * outputFilter, length)
  return list.stretches(inputSize * outputSize)
}

/** Collects stretches from parts of an array, in ascending order. */
export class StretchList {
  readonly #lines: number[] = []
  #covered = 0

  /** Adds the numbers `first` … `first + length − 1`. */
  add(first: number, length: number): void {
    const lines = this.#lines
    const from = Math.floor(first / LINE)
    const to = Math.ceil((first + length) / LINE)
    const end = lines.at(-1) ?? -1
    this.#covered += to - Math.max(from, end)
    if (from <= end) lines[lines.length - 1] = to
    else lines.push(from, to)
  }

  /**
   * The stretches of an array of `size` numbers; null if they cost as much as the whole array.
   * @param costOfOne the overhead of one stretch, in lines
   */
  stretches(size: number, costOfOne = 32): Stretches | null {
    const cost = this.#covered + (costOfOne * this.#lines.length) / 2
    return cost < size / LINE ? Int32Array.from(this.#lines) : null
  }
}
