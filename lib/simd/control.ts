// Communication between threads: 16 shared integers. A job is one kernel on one memory; its index is divided into
// chunks, which threads take one by one until none is left.

/** The index of each integer. */
export const at = {
  /** The number of the current job; threads wait for it to change. */
  JOB: 0,
  /**
   * The job's number (24 bits) and the next chunk to take (8 bits) in one integer, so that a late thread cannot take a
   * chunk of another job.
   */
  NEXT: 1,
  /** The number of chunks done. */
  DONE: 2,
  /** The number of chunks that threw an error on a helper. */
  FAILED: 3,
  /** The job: its kernel, memory, index length, chunk length, and maximum number of helpers. */
  KERNEL: 4,
  MEMORY: 5,
  LENGTH: 6,
  CHUNK: 7,
  HELPERS: 8,
  /** The address of thread 0's scratch, and the distance between the scratches of consecutive threads. */
  SCRATCH: 9,
  SCRATCH_STEP: 10,
} as const

export const CONTROL_LENGTH = 16
export const MOST_CHUNKS = 255
