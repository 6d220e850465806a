// Seeded random streams, which are passed as arguments, and draws from them. The same seed gives the same numbers on
// every platform, to the last bit.

// @ts-expect-error: the package has types only for all its generators together, not for this single file
import alea from 'seedrandom/lib/alea.js'
import { isObject } from './check.ts'
import { ArgumentError } from './errors.ts'
import { log64 } from './math.ts'

/** The seed of a random stream. */
export type Seed = number | string

/** A stream of numbers in [0, 1). Its position can be saved and resumed. */
export interface Random {
  (): number
  /** The stream's position, as plain JSON. */
  state(): object
}

/** Available in browsers and in Node. */
const { crypto } = globalThis as unknown as { crypto: { getRandomValues(numbers: Uint32Array): Uint32Array } }

const makeAlea = alea as (seed: string, options: { state: object | true }) => Random

/**
 * The stream for a seed and a path. The path names the purpose: layer index and weight name, or 'shuffle'.
 * The generator is Johannes Baagøe's Alea, from the package seedrandom.
 */
export function stream(seed: Seed, ...path: (string | number)[]): Random {
  for (const part of [seed, ...path])
    if (typeof part !== 'string' && !Number.isFinite(part))
      throw new ArgumentError(part === seed ? 'seed' : 'path', part, 'a finite number or a string')
  return makeAlea([seed, ...path].join('/'), { state: true })
}

/** Resumes a stream at the position saved in `state`. */
export function resume(state: object): Random {
  const numbers = isObject(state) ? Object.values(state) : []
  if (numbers.length !== 4 || !numbers.every(Number.isFinite))
    throw new ArgumentError('state', state, 'the position of a stream, from random.state()')
  return makeAlea('', { state })
}

/** A random seed, for users who give none. */
export function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]
}

/** Standard normal by Marsaglia's polar method, which needs only log and square root: the same bits everywhere. */
export function normal(random: Random): number {
  if (typeof random !== 'function') throw notRandom(random)
  for (let tries = 0; tries < mostTries; tries++) {
    const u = 2 * random() - 1
    const v = 2 * random() - 1
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * log64(s)) / s)
  }
  throw notRandom(random)
}

/** A stream of random numbers needs fewer in practically all cases: each try succeeds with probability 0.78. */
const mostTries = 1000
const notRandom = (random: unknown) => new ArgumentError('random', random, 'a stream of random numbers from 0 to 1')

/** Standard normal, redrawn while more than two standard deviations from 0. */
export function truncatedNormal(random: Random): number {
  for (let tries = 0; tries < mostTries; tries++) {
    const value = normal(random)
    if (value >= -2 && value <= 2) return value
  }
  throw notRandom(random)
}

/** Fisher–Yates shuffle, in place: every order is equally likely. */
export function shuffleInPlace<T extends Int32Array | Uint32Array | unknown[]>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
