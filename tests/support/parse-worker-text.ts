// `#parse-worker` where the source runs: the worker's program as bundle-parse-worker.js made it.

import { readFileSync } from 'node:fs'

export const parseWorker = readFileSync('out/programs/parse-worker.js', 'utf8')
