// `unshared/core` alone: the main entry would make all names known to it.

import * as core from 'unshared/core'
import * as simd from 'unshared/simd'
import { runTasks } from './worker.ts'

runTasks({ 'unshared/core': core, 'unshared/simd': simd })
