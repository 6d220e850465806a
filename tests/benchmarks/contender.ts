// A contender is a process that lives through a case and answers one line of JSON with another. So contenders take
// turns, whatever else the machine does meets all of them, and one that dies takes nobody along.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'

export interface Memory {
  /** Bytes in memory now. */
  readonly resident: number
  /** The most since the process started. */
  readonly peak: number
}

export interface Answer {
  readonly error?: string
  readonly version: string
  readonly importMs: number
  readonly memory: Memory
  readonly firstMs: number
  readonly quantities: readonly string[]
  readonly ms: readonly number[]
  readonly results: Readonly<Record<string, string>>
  readonly note?: string
}

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export class ContenderError extends Error {}

/** No answer in time. */
export class TooSlow extends ContenderError {}

export class Contender {
  readonly #process: ChildProcess
  readonly #lines: Interface
  readonly #waiting: ((line: string | null) => void)[] = []
  readonly #patience: number
  readonly #gone: Promise<void>
  #over = false
  #isTooSlow = false
  #errors = ''

  /** @param patience how long an answer may take, in milliseconds */
  constructor({ file, args, env = {} }: Command, patience: number) {
    this.#patience = patience
    this.#process = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream })
    this.#lines.on('line', line => this.#waiting.shift()?.(line))
    this.#process.stderr?.on('data', text => {
      this.#errors = (this.#errors + text).slice(-2000)
    })
    this.#process.stdin?.on('error', () => {}) // it died: `close` tells
    this.#gone = new Promise(resolve => {
      const end = () => {
        this.#over = true
        for (const answer of this.#waiting.splice(0)) answer(null)
        resolve()
      }
      this.#process.on('close', end)
      this.#process.on('error', error => {
        this.#errors += error.message
        end()
      })
    })
  }

  /** Resolves with the next answer. @throws ContenderError with what the process says, when it dies; TooSlow */
  async next(): Promise<Answer> {
    if (this.#over) throw new ContenderError(this.#epitaph())
    let timer: NodeJS.Timeout | undefined
    const line = await new Promise<string | null>(resolve => {
      this.#waiting.push(resolve)
      timer = setTimeout(() => {
        this.#isTooSlow = true
        this.#process.kill('SIGKILL')
      }, this.#patience)
    })
    clearTimeout(timer)
    if (this.#isTooSlow) throw new TooSlow(`no answer within ${this.#patience / 1000} s`)
    if (line === null) throw new ContenderError(this.#epitaph())
    const answer = JSON.parse(line) as Answer
    if (answer.error !== undefined) throw new ContenderError(answer.error)
    return answer
  }

  ask(command: object): Promise<Answer> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`)
    return this.next()
  }

  /** Ends the process; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#process.stdin?.end()
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 2000)
    await this.#gone
    clearTimeout(timer)
  }

  #epitaph(): string {
    const { exitCode, signalCode } = this.#process
    const last = this.#errors.trim().split('\n').slice(-3).join(' / ')
    return `the process ended (${signalCode ?? `exit code ${exitCode}`})${last && `: ${last}`}`
  }
}
