// One corrupt file: its outcome, duration and memory.

import { ArgumentError, StateError } from 'unshared'
import type { ModelSource } from 'unshared/keras'
import { machineLoad } from '../../lib/node/parse-in-worker.ts'
import { restartPeak, usedMemory } from '../support/memory.ts'
import { type Format, streamOf } from './formats.ts'

export interface Outcome {
  readonly number: number
  readonly what: string
  readonly end: 'named error' | 'load' | 'other'
  readonly message: string
  readonly milliseconds: number
  /** Beyond what the process had before, and the file's size; `null` where the system doesn't tell. */
  readonly megabytes: number | null
}

export interface Limits {
  /** With a processor free; more, in the same measure as the reader's own limit, on a machine that is busy. */
  readonly milliseconds: number
  readonly megabytes: number
}
export const limits: Limits = { milliseconds: 2000, megabytes: 256 }

export async function trial(name: string, format: Format, number: number, most: Limits = limits): Promise<Outcome> {
  const { what, bytes } = format.mutant(streamOf(name, number))
  const before = restartPeak()
  const start = performance.now()
  let [end, message]: [Outcome['end'], string] = ['load', '']
  try {
    await format.load(bytes)
  } catch (error) {
    end = error instanceof ArgumentError || error instanceof StateError ? 'named error' : 'other'
    message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
  const milliseconds = performance.now() - start
  const after = usedMemory('VmHWM')
  const megabytes = before === null || after === null ? null : Math.max(0, after - before - sizeOfFile(bytes))
  if (milliseconds > most.milliseconds * machineLoad() || (megabytes ?? 0) > most.megabytes) {
    message = `${Math.round(milliseconds)} ms, ${Math.round(megabytes ?? 0)} MB; ${message}`
    end = 'other'
  }
  return { number, what, end, message, milliseconds, megabytes }
}

const sizeOfFile = (source: ModelSource) =>
  (source instanceof Uint8Array ? source.length : JSON.stringify(source).length) / 1e6
