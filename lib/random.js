// Chance is an argument: seeded streams, and what is drawn from them. The same seed gives the same numbers
// everywhere, to the last bit.
// @ts-expect-error: the package's types describe all its generators at once; this file is one of them
import alea from 'seedrandom/lib/alea.js'
import { log64 } from './math.ts'

/** Of every browser, and of Node. */
const { crypto } = globalThis
const makeAlea = alea
/**
 * The stream of a seed and a path. A path names what the stream is for: layer index and weight name, or 'shuffle'.
 * The generator is Johannes Baagøe's Alea, of the package seedrandom.
 */
export function stream(seed, ...path) {
  return makeAlea([seed, ...path].join('/'), { state: true })
}
/** A stream that goes on where `state` was taken. */
export function resume(state) {
  return makeAlea('', { state })
}
/** A seed for those who gave none. */
export function drawSeed() {
  return crypto.getRandomValues(new Uint32Array(1))[0]
}
/** Standard normal by Marsaglia's polar method: log and square root only, so the same bits everywhere. */
export function normal(random) {
  for (;;) {
    const u = 2 * random() - 1
    const v = 2 * random() - 1
    const s = u * u + v * v
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * log64(s)) / s)
  }
}
/** Standard normal, drawn again while it is more than two standard deviations from 0. */
export function truncatedNormal(random) {
  for (;;) {
    const value = normal(random)
    if (value >= -2 && value <= 2) return value
  }
}
/** Fisher and Yates: every order is equally likely. */
export function shuffle(items, random) {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = items[i]
    items[i] = items[j]
    items[j] = item
  }
  return items
}
