// Where the worker's program stands (`#parse-worker`): beside this file, once the library is built.

export const parseWorker = new URL('./parse-worker.js', import.meta.url)
