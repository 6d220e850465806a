// `#platform` for Node: Keras' configuration file, printing, timing and threads.

import { readFileSync } from 'node:fs'
import { availableParallelism, homedir } from 'node:os'
import { join } from 'node:path'
import { ArgumentError } from '../core/errors.ts'
import type { DataFormat } from '../core/geometry.ts'
import { readable, variable } from './settings.ts'

let format: DataFormat | null = null

/** `image_data_format` of Keras' configuration file, `$KERAS_HOME/keras.json` or `~/.keras/keras.json`; read once. */
export function imageDataFormat(): DataFormat {
  format ??= readDataFormat(configFile())
  return format
}

function configFile(): string | null {
  const folder = variable('KERAS_HOME') ?? readable(() => join(homedir(), '.keras'))
  return folder === undefined ? null : join(folder, 'keras.json')
}

/** The format set in a configuration file. An invalid file results in channels_last and a warning. */
export function readDataFormat(file: string | null): DataFormat {
  if (file === null) return 'channels_last'
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return 'channels_last'
  }
  try {
    const { image_data_format: named = 'channels_last' } = JSON.parse(text)
    if (named === 'channels_last' || named === 'channels_first') return named
  } catch {}
  process.emitWarning(`${file} sets no known image_data_format: using channels_last`)
  return 'channels_last'
}

export const print = (line: string): void => console.log(line)

export const now = (): number => performance.now()

export const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** The largest number of threads. More would spend more time waiting for each other than they save. */
export const mostThreads = 64

/** `UNSHARED_THREADS`, or the machine's available parallelism, up to 8. */
export function defaultThreads(): number {
  const named = variable('UNSHARED_THREADS')
  if (named === undefined || named === '') return Math.min(readable(availableParallelism) ?? 1, 8)
  const threads = Number(named)
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads) return threads
  throw new ArgumentError('UNSHARED_THREADS', named, `an integer from 1 to ${mostThreads}`)
}

export { startThread } from './threads.ts'
