// The program of the worker that reads files, as text (`#parse-worker`): bundlers copy files of workers in many ways, or
// not at all. `npm run build` defines it, from parse-worker.ts.

declare const parseWorkerText: string

export const parseWorker: string = parseWorkerText
