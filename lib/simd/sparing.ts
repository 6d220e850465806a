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
  /** Whether the step may divide by one of its arguments, so that none may be 0. */
  readonly divides: boolean
}

const zero: Resting = { slots: 0, divides: true }
const undivided: Resting = { slots: 0, divides: false }
/** Slots may be any finite number ≥ +0; the step only divides by their root. */
const finite: Resting = { slots: 0x7f7fffff, divides: true }

/** Not included: momentum, which turns −0 into +0, and Ftrl, which computes weights from its slots. */
export const restingOf: Readonly<Partial<Record<string, Resting>>> = {
  sgd: undivided,
  lion: undivided,
  adagrad: finite,
  rmsprop: zero,
  adadelta: zero,
  adam: zero,
  amsgrad: zero,
  adamax: zero,
  nadam: zero,
}

/** Arguments up to this size cannot overflow in intermediate results, which would make a product with 0 NaN. */
const moderate = 1e30

/** A slot is at rest outside these stretches, by this limit of its bits. */
interface Rest {
  readonly stretches: Stretches
  readonly most: number
}

type Argument = Float32Array | number | null

/** The facts known about the arrays of a memory, by address. */
export class Sparing {
  readonly #gradients = new Map<number, Geometry>() // +0 where this geometry has no connection
  readonly #slots = new Map<number, Rest>()
  readonly #open = new Set<number>()

  /** A writer other than a kernel may write to the block, now or later. */
  open(address: number): void {
    this.changed(address)
    this.#open.add(address)
  }

  /** The block was written, other than by a step that left the rest as it was. */
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

  #stretchesFor(args: readonly Argument[], arrays: number, { slots, divides }: Resting): Stretches | null {
    const g = this.#gradients.get((args[arrays - 1] as Float32Array).byteOffset)
    const stretches = g ? stretchesOf(g) : null
    if (!stretches) return null
    for (let i = arrays + 1; i < args.length; i++) {
      const n = args[i] as number
      if (!(n >= 1 / moderate && n <= moderate) && (divides || !Object.is(n, 0))) return null
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
  const lines = new Uint8Array(Math.ceil((g.inputSize * g.outputSize) / LINE))
  for (let p = 0; p < g.P; p++)
    for (let k = 0; k < g.K; k++) {
      const i = inputIndex(g, Math.floor(p / g.OW), p % g.OW, k)
      if (i < 0) continue
      const first = i * g.outputSize + p * g.outputPlace
      for (let f = 0; f < g.F; f++) lines[Math.floor((first + f * g.outputFilter) / LINE)] = 1
    }
  return stretchesIn(lines)
}

/** @param lines 1 where a line is needed @param costOfOne the cost of a stretch, in lines */
export function stretchesIn(lines: Uint8Array, costOfOne = 32): Stretches | null {
  const ends: number[] = []
  let covered = 0
  for (let i = 0; i <= lines.length; i++) {
    const [before, now] = [lines[i - 1] ?? 0, lines[i] ?? 0]
    if (before !== now) ends.push(i)
    covered += now
  }
  return covered + (costOfOne * ends.length) / 2 < lines.length ? Int32Array.from(ends) : null
}
