// Communication between threads: 16 shared integers. A job is one kernel on one memory; its index is divided into
// chunks, which threads take one by one until none is left.

/** The number of the current job; threads wait for it to change. */
export const JOB = 0
/**
 * The job's number (24 bits) and the next chunk to take (8 bits) in one integer, so that a late thread cannot take a
 * chunk of another job.
 */
export const NEXT = 1
/** The number of chunks done. */
export const DONE = 2
/** The number of chunks that threw an error on a helper. */
export const FAILED = 3
/** The job: its kernel, memory, index length, chunk length, and maximum number of helpers. */
export const KERNEL = 4
export const MEMORY = 5
export const LENGTH = 6
export const CHUNK = 7
export const HELPERS = 8
/** The address of thread 0's scratch, and the distance between the scratches of consecutive threads. */
export const SCRATCH = 9
export const SCRATCH_STEP = 10

export const CONTROL_LENGTH = 16
export const MOST_CHUNKS = 255
