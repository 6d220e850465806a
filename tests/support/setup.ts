// Before each test file.
import { resolve } from 'node:path'
import { jest } from '@jest/globals'
import fc from 'fast-check'
import { withAll } from '../../lib/entries/with-names.ts'
import { isLong, runs } from './runs.ts'

// Tests import modules of `lib` by themselves; names and the fast engine are known as in `unshared`.
withAll(null)

// Tests must not read the Keras configuration of the person who runs them: this folder does not exist.
process.env.KERAS_HOME = resolve('out/no-keras-home')

fc.configureGlobal({ numRuns: runs(100) })
if (isLong) jest.setTimeout(600_000)
