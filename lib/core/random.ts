// Chance is an argument: seeded streams, and what is drawn from them. The same seed gives the same numbers
// everywhere, to the last bit.

// @ts-expect-error: the package's types describe all its generators at once; this file is one of them
import alea from 'seedrandom/lib/alea.js'
import { log64 } from './math.ts'

/** What a stream of random numbers begins with. */
export type Seed = number | string

/** A stream of numbers in [0, 1), whose position can be kept and taken up again. */
export interface Random {
  (): number
  /** The stream's position: plain JSON. */
  state(): object
}

/** Of every browser, and of Node. */
const { crypto } = globalThis as unknown as { crypto: { getRandomValues(numbers: Uint32Array): Uint32Array } }

const makeAlea = alea as (seed: string, options: { state: object | true }) => Random

/**
 * The stream of a seed and a path. A path names what the stream is for: layer index and weight name, or 'shuffle'.
 * The generator is Johannes Baagøe's Alea, of the package seedrandom.
 */
export function stream(seed: Seed, ...path: (string | number)[]): Random {
  return makeAlea([seed, ...path].join('/'), { state: true })
}

/** A stream that goes on where `state` was taken. */
export function resume(state: object): Random {
  return makeAlea('', { state })
}

/** A seed for those who gave none. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]
}

/** Standard normal by Marsaglia's polar method: log and square root only, so the same bits everywhere. */
export function normal(random: Random): number {
  for (;;) {
    const u = 2 * random() - 1
    const v = 2 * random() - 1
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * log64(s)) / s)
  }
}

/** Standard normal, drawn again while it is more than two standard deviations from 0. */
export function truncatedNormal(random: Random): number {
  for (;;) {
    const value = normal(random)
    if (value >= -2 && value <= 2) return value
  }
}

/** Fisher and Yates: every order is equally likely. */
export function shuffle<T extends Int32Array | Uint32Array | unknown[]>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
