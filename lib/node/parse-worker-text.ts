// The URL of the worker's program (`#parse-worker`): next to this file, in the built library.

export const parseWorker = new URL('./parse-worker.js', import.meta.url)
