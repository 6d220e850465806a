// Reads files in a worker that can be terminated, so that a file that hangs or crashes the reader causes only an error.

import { availableParallelism, loadavg } from 'node:os'
import { Worker } from 'node:worker_threads'
import { parseWorker } from '#parse-worker'
import { ArgumentError, StateError } from '../core/errors.ts'
import { bytesOf } from '../files/bytes.ts'
import { type ModelDescription, mostAtOnce, type OpenModelFile } from '../keras/model-file.ts'
import { openInThread } from '../keras/sources.ts'
import { fileSource } from './file-source.ts'
import { locatePackage } from './locate-package.ts'
import type { ParseJob, ParseWorkerData } from './parse-worker.ts'
import { readable } from './settings.ts'

interface Message {
  readonly ready?: true
  readonly description?: ModelDescription
  /** The number of values in the shared memory; 0: the array is complete. */
  readonly count?: number
  readonly error?: string
  readonly name?: string
  readonly isKnown?: boolean
}

/** The longest time for the worker to start and load the library, in milliseconds. */
const longestStart = 30_000
/**
 * The longest time for an answer, in milliseconds: on an idle machine, 1.5 s plus the time to read the file at 25 MB/s, and
 * at 300 KB/s as much of it as may be small groups.
 */
const longestAnswer = (size: number) => machineLoad() * (1500 + size / 25_000 + Math.min(size, 4e6) / 300)

/**
 * The load average per processor, limited to 1 to 8. Multiply a time limit by this factor, because tasks take that many
 * times longer.
 */
export function machineLoad(): number {
  return Math.min(8, Math.max(1, readable(() => loadavg()[0] / availableParallelism()) ?? 1))
}

/**
 * Opens a file in a worker. Where that is not possible, in this thread, with a warning that says why.
 * @throws ArgumentError for a corrupt file, and for one that the reader cannot handle
 */
export async function openInWorker(
  job: ParseJob,
  size: number,
  program = parseWorker,
  locate = locatePackage,
): Promise<OpenModelFile> {
  const packages = { h5wasm: locate('h5wasm'), fflate: locate('fflate') }
  let talk: Talk
  try {
    talk = new Talk(program, { ...job, packages }, size)
  } catch (error) {
    return openHere(job, `no worker can be started (${(error as Error).message})`)
  }
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
    const missing = Object.entries(packages).flatMap(([name, url]) => (url === null ? [name] : []))
    if (!(error instanceof StateError) || missing.length === 0) throw error
    return openHere(job, `a worker finds no package ${missing.join(' and ')} on disk, as in a bundle that includes it`)
  }
}

/** Reads in this thread, which nothing can stop. @param reason why not in a worker */
async function openHere(job: ParseJob, reason: string): Promise<OpenModelFile> {
  const open = await openInThisThread(job)
  warn(reason)
  return open
}

const warned = new Set<string>()

function warn(reason: string): void {
  if (warned.has(reason)) return
  warned.add(reason)
  process.emitWarning(`model files are read without limits of time and memory: ${reason}`, {
    type: 'UnsharedWarning',
    code: 'UNSHARED_NO_WORKER',
    detail: 'Load only files that you trust, or leave h5wasm and fflate out of the bundle.',
  })
}

async function openInThisThread({ path, bytes }: ParseJob): Promise<OpenModelFile> {
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

/** An exchange of requests and answers with the worker, one at a time. */
class Talk {
  /** Shared memory into which the worker writes the parts of arrays. */
  readonly room = new Float32Array(new SharedArrayBuffer(4 * mostAtOnce))
  readonly #worker: Worker
  readonly #size: number
  readonly #came: Message[] = []
  #ended: Error | null = null
  #wake: (() => void) | null = null

  constructor(program: string, job: Omit<ParseWorkerData, 'shared'>, size: number) {
    this.#size = size
    this.#worker = new Worker(program, {
      eval: true,
      workerData: { ...job, shared: this.room.buffer } satisfies ParseWorkerData,
      stdout: true,
      stderr: true, // discard the worker's output
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

  /** @throws ArgumentError if no answer arrives in time, or the worker has ended */
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
      // If this thread was busy, the timer fires before the waiting answer is delivered; so check for it once more.
      const timer = setTimeout(() => setImmediate(() => setImmediate(done)), longest)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #broken(what: string): ArgumentError {
    return new ArgumentError('source', `a file of ${this.#size} bytes: ${what}`, 'a readable file')
  }
}
