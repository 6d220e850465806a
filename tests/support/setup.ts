// Tests must not read the Keras configuration of the person who runs them: this folder does not exist.
import { resolve } from 'node:path'
import { jest } from '@jest/globals'
import fc from 'fast-check'
import { isLong, runs } from './runs.ts'

process.env.KERAS_HOME = resolve('out/no-keras-home')

fc.configureGlobal({ numRuns: runs(100) })
if (isLong) jest.setTimeout(600_000)
