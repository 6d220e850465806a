// Communication between threads, through shared integers. A job is one kernel on one memory. The caller takes the first
// part of the job's index for itself; the rest is divided into chunks, which helpers, and then the caller too, take one
// by one.

/** Integers on different cache lines are so far apart. Moving a line between cores takes time, so there are only two. */
const APART = 32

/** The index of each integer. */
export const at = {
  /**
   * The number of the current job (24 bits), and of its chunks that are left to take (8 bits). They are one integer, so
   * that a late thread cannot take a chunk of another job.
   */
  JOB: 0,
  /** The number of chunks that helpers have done, and of those that threw an error there. */
  DONE: 1,
  FAILED: 2,
  /** The job: its kernel, memory, index length, the caller's part of it, chunk length, and threads. */
  KERNEL: 3,
  MEMORY: 4,
  LENGTH: 5,
  OWN: 6,
  CHUNK: 7,
  THREADS: 8,
  /** The address of thread 0's scratch, and the distance between the scratches of consecutive threads. */
  SCRATCH: 9,
  SCRATCH_STEP: 10,
  /** The number of helpers that sleep, and 1 if the caller sleeps: a thread that is awake needs no notification. */
  ASLEEP: APART,
  WAITING: APART + 1,
} as const

export const CONTROL_LENGTH = 2 * APART
export const MOST_CHUNKS = 255
