// What the kernels of implementation 2 spare. Its weights are a dense matrix, most of which connects nothing: the gradient
// is +0 there. So a gradient is cleared once, and a step runs over those lines that hold connected weights, where it would
// leave the others as they are, to the last bit and be it −0.
//
// This holds while kernels alone write. Other writers say so to the block (engine.ts): `open` and `set` arrive here.

import { type Geometry, inputIndex } from '../core/geometry.ts'
import { LINE } from './layout.ts'

/** Lines of an array: pairs of a first line and the line after the last, ascending, no two of them touching. */
export type Stretches = Int32Array

/** Where a step leaves everything as it is when the gradient is +0. */
export interface Resting {
  /** The slots that stay, seen as an integer: from +0 up to this number. */
  readonly slots: number
  /** Whether the last number keeps the step from dividing 0 by 0. */
  readonly epsilon: boolean
}

const zero: Resting = { slots: 0, epsilon: true }
/** A step divides by the root of the slot, whatever it is. */
const finite: Resting = { slots: 0x7f7fffff, epsilon: true }
const undivided: Resting = { slots: 0, epsilon: false }

/** Not here: momentum, which turns −0 into +0; Ftrl, which makes weights of its slots. */
export const restingOf: Readonly<Partial<Record<string, Resting>>> = {
  ...{ sgd: undivided, lion: undivided, adagrad: finite, rmsprop: zero, adadelta: zero },
  ...{ adam: zero, amsgrad: zero, adamax: zero, nadam: zero },
}

/** Up to here no product with 0 becomes NaN on its way. */
const moderate = 1e30

/** What is known of the arrays of a memory, by their addresses. */
export class Sparing {
  readonly #gradients = new Map<number, Geometry>() // +0 where this one connects nothing
  readonly #slots = new Map<number, Stretches | null>() // at rest outside of these; null: they have moved
  readonly #open = new Set<number>()

  /** Somebody may write there, now or later. */
  open(address: number): void {
    this.changed(address)
    this.#open.add(address)
  }

  /** Somebody has written there. */
  changed(address: number): void {
    this.#gradients.delete(address)
    this.#slots.delete(address)
  }

  /** The memory is given back. */
  forget(address: number): void {
    this.changed(address)
    this.#open.delete(address)
  }

  /** Whether a gradient is +0 where nothing is connected. */
  isCleared({ byteOffset }: Float32Array, g: Geometry): boolean {
    return this.#gradients.get(byteOffset) === g
  }

  /** It is from now on. */
  cleared({ byteOffset }: Float32Array, g: Geometry): void {
    if (!this.#open.has(byteOffset)) this.#gradients.set(byteOffset, g)
  }

  /**
   * The stretches that a step has to run over; null: all there is.
   * @param args the weight, its slots, and as the last of `arrays` the gradient; then its length, and numbers
   */
  within(args: readonly (Float32Array | number)[], arrays: number, resting: Resting): Stretches | null {
    if (this.#gradients.size + this.#slots.size === 0) return null
    const g = this.#gradients.get((args[arrays - 1] as Float32Array).byteOffset)
    let stretches = g ? stretchesOf(g) : null
    for (let i = arrays + 1; i < args.length; i++) if (!((args[i] as number) <= moderate)) stretches = null
    if (resting.epsilon && !((args[args.length - 1] as number) >= 1 / moderate)) stretches = null
    for (let i = 1; i < arrays - 1; i++)
      if (stretches && !this.#rests(args[i] as Float32Array, stretches, resting.slots)) stretches = null
    if (!stretches) for (let i = 1; i < arrays - 1; i++) this.#moves((args[i] as Float32Array).byteOffset)
    return stretches
  }

  #rests(slot: Float32Array, stretches: Stretches, most: number): boolean {
    const { byteOffset } = slot
    if (this.#open.has(byteOffset)) return false
    const known = this.#slots.get(byteOffset)
    if (known === stretches || known === null) return known !== null
    const rests = staysBelow(most, slot, stretches)
    if (rests) this.#slots.set(byteOffset, stretches)
    return rests
  }

  #moves(address: number): void {
    if (this.#slots.has(address)) this.#slots.set(address, null)
  }
}

/** Whether all numbers outside of the stretches, seen as integers, are from 0 to `most`: no sign, no NaN. */
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

/** The lines that hold connected weights; null where one run over everything is no slower. */
export function connectedStretches(g: Geometry): Stretches | null {
  const { inputSize, outputSize, F, outputPlace, outputFilter } = g
  const places: number[][] = Array.from({ length: inputSize }, () => [])
  for (let p = 0; p < g.P; p++)
    for (let k = 0; k < g.K; k++) {
      const i = inputIndex(g, Math.floor(p / g.OW), p % g.OW, k)
      if (i >= 0) places[i].push(p)
    }
  const [rows, length] = outputFilter === 1 ? [1, F] : [F, 1] // where a place's filters are neighbours, or places are
  const list = new StretchList()
  for (let i = 0; i < inputSize; i++)
    for (let f = 0; f < rows; f++)
      for (const p of places[i]) list.add(i * outputSize + p * outputPlace + f * outputFilter, length)
  return list.stretches(inputSize * outputSize)
}

/** Gathers stretches from parts of an array that come in ascending order. */
export class StretchList {
  readonly #lines: number[] = []
  #covered = 0

  /** Numbers `first` … `first + length − 1`. */
  add(first: number, length: number): void {
    const lines = this.#lines
    const from = Math.floor(first / LINE)
    const to = Math.ceil((first + length) / LINE)
    const end = lines.at(-1) ?? -1
    this.#covered += to - Math.max(from, end)
    if (from <= end) lines[lines.length - 1] = to
    else lines.push(from, to)
  }

  /** Those of an array of `size` numbers; null where they cost more: each costs about as much as this many lines. */
  stretches(size: number, costOfOne = 32): Stretches | null {
    const cost = this.#covered + (costOfOne * this.#lines.length) / 2
    return cost < size / LINE ? Int32Array.from(this.#lines) : null
  }
}
