// Reading in a worker that can be stopped: a file that makes the reader hang, or fall over, ends in an error.

import { existsSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { parseWorker } from '#parse-worker'
import { ArgumentError, StateError } from '../core/errors.ts'
import { bytesOf } from '../keras/bytes.ts'
import { type ModelDescription, mostAtOnce, type OpenModelFile } from '../keras/model-file.ts'
import { openInThread } from '../keras/sources.ts'
import { fileSource } from './file-source.ts'
import type { ParseJob, ParseWorkerData } from './parse-worker.ts'

interface Message {
  readonly ready?: true
  readonly description?: ModelDescription
  /** How many numbers stand in the shared memory; 0: the array is through. */
  readonly count?: number
  readonly error?: string
  readonly name?: string
  readonly isKnown?: boolean
}

/** How long the worker may take to start, and to load the library, in milliseconds. */
const longestStart = 30_000
/** How long an answer may take on a free processor: less than two seconds, and as long as a slow disk takes for the file. */
const longestAnswer = (size: number) => machineLoad() * (1500 + size / 25_000)

/**
 * How many tasks wait for a turn on each of the machine's processors (1 to 8): a time in which a thread should be done is
 * that many times longer.
 */
export function machineLoad(): number {
  return Math.min(8, Math.max(1, loadavg()[0] / availableParallelism()))
}

/** @throws ArgumentError for a broken file, and for one that the reader can't cope with */
export async function openInWorker(
  job: ParseJob,
  size: number,
  program: URL = parseWorker,
): Promise<OpenModelFile> {
  if (!existsSync(fileURLToPath(program))) return openHere(job)
  const talk = new Talk(program, job, size)
  try {
    await talk.answer(longestStart)
    const { description } = await talk.answer(longestAnswer(size))
    if (!description) throw new Error('the worker gave no description')
    return {
      description,
      async read(id, target) {
        let at = 0
        talk.ask({ read: id })
        for (;;) {
          const { count = 0 } = await talk.answer(longestAnswer(size))
          if (count === 0 || at + count > target.length) break
          target.set(talk.room.subarray(0, count), at)
          at += count
          talk.ask({})
        }
        if (at !== target.length)
          throw new ArgumentError('source', `${at} numbers`, `${target.length}, as the array's shape says`)
      },
      close: () => talk.end(),
    }
  } catch (error) {
    await talk.end()
    throw error
  }
}

/** In this thread: where a bundler left the worker's program out. */
async function openHere({ path, bytes }: ParseJob): Promise<OpenModelFile> {
  if (path === null) return openInThread(bytesOf(bytes ?? new Uint8Array(0)))
  const file = fileSource(path)
  try {
    const open = await openInThread(file)
    return {
      ...open,
      async close() {
        await open.close()
        file.close()
      },
    }
  } catch (error) {
    file.close()
    throw error
  }
}

/** Questions and answers, one after the other. */
class Talk {
  /** Where the worker puts the parts of arrays. */
  readonly room = new Float32Array(new SharedArrayBuffer(4 * mostAtOnce))
  readonly #worker: Worker
  readonly #size: number
  readonly #came: Message[] = []
  #ended: Error | null = null
  #wake: (() => void) | null = null

  constructor(program: URL, job: ParseJob, size: number) {
    this.#size = size
    this.#worker = new Worker(program, {
      workerData: { ...job, shared: this.room.buffer } satisfies ParseWorkerData,
      ...{ stdout: true, stderr: true }, // they are read by nobody
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 8 },
    })
    const over = (error: Error) => {
      this.#ended ??= error
      this.#wake?.()
    }
    this.#worker.on('message', (message: Message) => {
      this.#came.push(message)
      this.#wake?.()
    })
    this.#worker.on('messageerror', over)
    this.#worker.on('error', error => over(this.#broken(error.message)))
    this.#worker.on('exit', () => over(this.#broken('its reader ended')))
  }

  ask(request: object): void {
    this.#worker.postMessage(request)
  }

  /** @throws ArgumentError where none comes in time, or the worker is no more */
  async answer(longest: number): Promise<Message> {
    if (this.#came.length === 0 && !this.#ended) await this.#change(longest)
    const message = this.#came.shift()
    if (!message) throw this.#ended ?? this.#broken(`no answer within ${Math.round(longest)} ms`)
    if (message.error === undefined) return message
    if (message.isKnown) throw Object.assign(new ArgumentError('', '', ''), { message: message.error })
    if (message.name === 'StateError') throw new StateError(message.error)
    throw this.#broken(message.error)
  }

  #change(longest: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#wake = null
        resolve()
      }
      this.#wake = done
      // A thread that was busy finds the time over before it finds the answer: it looks twice.
      const timer = setTimeout(() => setImmediate(() => setImmediate(done)), longest)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #broken(what: string): ArgumentError {
    return new ArgumentError('source', `a file of ${this.#size} bytes: ${what}`, 'a file that can be read')
  }
}
