// The real Keras as a process: commands to keras_side.py, and its answers.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { Tensor } from 'unshared'

export interface PlainTensor {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
export const plain = ({ shape, data }: Tensor): PlainTensor => ({ shape, data: [...data] })
export const tensorOf = ({ shape, data }: PlainTensor): Tensor => new Tensor([...shape], Float32Array.from(data))

export interface Answer {
  readonly y: readonly PlainTensor[]
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly iterations: number
  readonly error?: string
}

const folder = resolve('tests/keras')

/** A Python with tf-keras: that of UNSHARED_PYTHON, or one that is made in tests/keras/.venv. */
function python(): string {
  const given = process.env.UNSHARED_PYTHON
  if (given) return given
  const venv = join(folder, '.venv')
  const found = join(venv, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  if (!existsSync(found)) {
    console.log('making tests/keras/.venv with tf-keras …')
    execFileSync('python3', ['-m', 'venv', venv], { stdio: 'inherit' })
    const packages = ['-r', join(folder, 'requirements.txt')]
    execFileSync(found, ['-m', 'pip', 'install', '--quiet', ...packages], { stdio: 'inherit' })
  }
  return found
}

export class Keras {
  readonly #process: ChildProcess
  readonly #answers: AsyncIterator<string>

  private constructor(child: ChildProcess) {
    this.#process = child
    this.#answers = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]()
  }

  static async start(): Promise<{ keras: Keras; version: string }> {
    const child = spawn(python(), [join(folder, 'keras_side.py')], { stdio: ['pipe', 'pipe', 'ignore'] })
    const keras = new Keras(child)
    const { ready } = (await keras.#next()) as unknown as { ready: string }
    return { keras, version: ready }
  }

  /** @throws Error with what Keras said */
  async ask(command: object): Promise<Answer> {
    this.#process.stdin?.write(`${JSON.stringify(command)}\n`)
    const answer = await this.#next()
    if (answer.error)
      throw new Error(
        `Keras: ${answer.error
          .split('\n')
          .filter(line => line.trim() !== '')
          .at(-1)}`,
      )
    return answer
  }

  stop(): void {
    this.#process.stdin?.end()
  }

  async #next(): Promise<Answer> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('Keras ended: is tf-keras installed in the Python of UNSHARED_PYTHON?')
    return JSON.parse(value)
  }
}
