// How the caller waits for the chunks that other threads have taken.

import { now } from '#platform'
import { DONE } from './control.ts'

/** About as long as another thread needs to be told, and to tell: sleeping takes longer. */
const SPINS = 10_000

/** Waits until so many chunks are done. False if none gets done for as long as patience lasts, in milliseconds. */
export function areDone(chunks: number, control: Int32Array, patience: number): boolean {
  for (let i = 0; i < SPINS && Atomics.load(control, DONE) < chunks; i++);
  for (;;) {
    const done = Atomics.load(control, DONE)
    if (done >= chunks) return true
    if (!changes(control, done, patience)) return false
  }
}

let maySleep: boolean | null = null

/** Whether the number of chunks done becomes another one than `done` in time. */
function changes(control: Int32Array, done: number, milliseconds: number): boolean {
  maySleep ??= canSleep(control)
  if (maySleep) return Atomics.wait(control, DONE, done, milliseconds) !== 'timed-out'
  const end = now() + milliseconds
  while (now() < end) if (Atomics.load(control, DONE) !== done) return true
  return false
}

/** The main thread of a page may not: it throws. */
function canSleep(control: Int32Array): boolean {
  try {
    Atomics.wait(control, DONE, -1, 0)
    return true
  } catch {
    return false
  }
}
