// What threads say to each other: 16 integers that all of them see. A job is one kernel on one memory; its index is cut
// into chunks, which threads take one after the other until none is left.

/** Counts the jobs; threads wait for it to change. */
export const JOB = 0
/**
 * The job's number (24 bits) and the next chunk to take (8 bits) in one integer, so that a thread which comes late can't
 * take a chunk of another job.
 */
export const NEXT = 1
/** Chunks done. */
export const DONE = 2
/** Chunks that threw. */
export const FAILED = 3
/** The job: which kernel, which memory, how long its index, how long a chunk, how many threads may help. */
export const KERNEL = 4
export const MEMORY = 5
export const LENGTH = 6
export const CHUNK = 7
export const HELPERS = 8
/** Where the scratch of thread 0 is, and how far apart scratches are. */
export const SCRATCH = 9
export const SCRATCH_STEP = 10

export const CONTROL_LENGTH = 16
export const MOST_CHUNKS = 255
