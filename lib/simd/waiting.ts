// Waits for the chunks that other threads have taken.

import { now } from '#platform'
import { at } from './control.ts'

/** About the time that a round trip to another thread takes; sleeping takes longer. */
const SPINS = 10_000

/** Waits until `chunks` chunks are done. Returns false if none completes for `patience` milliseconds. */
export function areDone(chunks: number, control: Int32Array, patience: number): boolean {
  for (let i = 0; i < SPINS && Atomics.load(control, at.DONE) < chunks; i++);
  for (;;) {
    const done = Atomics.load(control, at.DONE)
    if (done >= chunks) return true
    if (!changes(control, done, patience)) return false
  }
}

let maySleep: boolean | null = null

/** Whether the number of chunks done changes from `done` in time. */
function changes(control: Int32Array, done: number, milliseconds: number): boolean {
  maySleep ??= canSleep(control)
  if (maySleep) return Atomics.wait(control, at.DONE, done, milliseconds) !== 'timed-out'
  const end = now() + milliseconds
  while (now() < end) if (Atomics.load(control, at.DONE) !== done) return true
  return false
}

/** Whether `Atomics.wait` is allowed; on the main thread of a page, it throws. */
function canSleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, at.DONE, -1, 0)
    return true
  } catch {
    return false
  }
}
