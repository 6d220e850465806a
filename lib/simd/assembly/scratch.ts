// The layout of the memory that JavaScript provides for a call. All offsets and sizes are in bytes.

/** The arguments of a call, at most 14. Each takes 4 bytes: an address, an integer or a float32 number. */
const ARGUMENTS: usize = 0

/** The geometry of a call. */
export const CALL: usize = 56

// Offsets in the scratch of a thread: the parameters of a product, the result of `fetch`, lists of runs and of patch
// elements, a row of initial values, and two panels.
export const PRODUCT: usize = 0
export const FETCHED: usize = 48
export const RUNS: usize = 64
export const RUNS_SIZE: usize = 1 << 16
export const ELEMENTS: usize = RUNS + RUNS_SIZE
export const ELEMENTS_SIZE: usize = 1 << 18
export const INITIAL: usize = ELEMENTS + ELEMENTS_SIZE
export const INITIAL_SIZE: usize = 1 << 10
export const PANEL: usize = INITIAL + INITIAL_SIZE
export const PANEL_SIZE: usize = 1 << 19
export const WEIGHTS: usize = PANEL + PANEL_SIZE
export const WEIGHTS_SIZE: usize = 1 << 20
/** At least WEIGHTS + WEIGHTS_SIZE. */
export const SCRATCH_SIZE: usize = 1 << 21

// @ts-ignore: decorator
@inline
export function address(i: usize): usize {
  return load<usize>(ARGUMENTS + 4 * i)
}

// @ts-ignore: decorator
@inline
export function integer(i: usize): i32 {
  return load<i32>(ARGUMENTS + 4 * i)
}

// @ts-ignore: decorator
@inline
export function float(i: usize): f32 {
  return load<f32>(ARGUMENTS + 4 * i)
}
