// `#parse-worker` where the source runs: the worker's program as bundle-parse-worker.js made it.

import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

export const parseWorker = pathToFileURL(resolve('out/programs/parse-worker.mjs'))
