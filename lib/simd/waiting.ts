// Waits for the chunks that helpers have taken.

import { now } from '#platform'
import { at } from './control.ts'

/** Milliseconds before the caller sleeps: waking takes almost as long. */
const AWAKE = 0.1
/** Looks at the number of chunks between two looks at the clock. */
const LOOKS = 100

/** Waits until `chunks` chunks are done. Returns false if none completes for `patience` milliseconds. */
export function areDone(chunks: number, control: Int32Array, patience: number): boolean {
  const done = () => Atomics.load(control, at.DONE)
  if (changesBefore(AWAKE, () => done() >= chunks)) return true
  Atomics.store(control, at.WAITING, 1)
  try {
    for (let before = done(); before < chunks; before = done()) if (!changes(control, before, patience)) return false
    return true
  } finally {
    Atomics.store(control, at.WAITING, 0)
  }
}

function changesBefore(milliseconds: number, hasChanged: () => boolean): boolean {
  for (let i = 0; i < LOOKS; i++) if (hasChanged()) return true
  const end = now() + milliseconds
  while (now() < end) for (let i = 0; i < LOOKS; i++) if (hasChanged()) return true
  return false
}

let maySleep: boolean | null = null

/** Whether the number of chunks done changes from `before` in time. */
function changes(control: Int32Array, before: number, milliseconds: number): boolean {
  maySleep ??= canSleep(control)
  if (maySleep) return Atomics.wait(control, at.DONE, before, milliseconds) !== 'timed-out'
  return changesBefore(milliseconds, () => Atomics.load(control, at.DONE) !== before)
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
