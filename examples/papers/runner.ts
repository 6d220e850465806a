// Runs experiments: a thread takes one run after the other. Each result is kept in a file, so that an interrupted command
// continues where it was, and repeats only what has changed.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Experiment, Numbers, Plan, Run, Size } from './experiment.ts'
import { bundleProgram } from './programs.ts'

interface Task {
  readonly name: string
  readonly program: string
  /** Where the result is kept. */
  readonly file: string
  readonly model: string
  readonly seed: number
  readonly settings: unknown
  /** About how long it takes. */
  readonly cost: number
}

/** All runs of an experiment. */
export interface Finished {
  readonly experiment: Experiment
  readonly plan: Plan
  readonly runs: readonly Run[]
}

export interface RunOptions {
  readonly size: Size
  readonly threads: number
  /** For programs and results. */
  readonly folder: string
  /** Called before the first run and after each: the share of the work that is done, and the experiment at work. */
  readonly onProgress: (share: number, name: string) => void
}

export async function runAll(experiments: readonly Experiment[], options: RunOptions): Promise<Finished[]> {
  const planned: { experiment: Experiment; plan: Plan; tasks: Task[] }[] = []
  for (const experiment of experiments) {
    const plan = experiment.plan(options.size)
    planned.push({ experiment, plan, tasks: await tasksOf(experiment, plan, options.folder) })
  }
  await compute(
    planned.flatMap(({ tasks }) => tasks.filter(({ file }) => !existsSync(file))),
    options,
  )
  return planned.map(({ experiment, plan, tasks }) => ({
    experiment,
    plan,
    runs: tasks.map(({ file }) => JSON.parse(readFileSync(file, 'utf8')) as Run),
  }))
}

async function tasksOf({ name, seconds }: Experiment, plan: Plan, folder: string): Promise<Task[]> {
  const { path, hash } = await bundleProgram(name, join(folder, 'programs'))
  const { models, seeds, settings } = plan
  const settingsHash = createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12)
  const results = join(folder, 'results', name, `${hash}-${settingsHash}`)
  mkdirSync(results, { recursive: true })
  return seeds.flatMap(seed =>
    models.map((model, i) => ({
      name,
      program: path,
      file: join(results, `${i}-${seed}.json`),
      model,
      seed,
      settings,
      cost: seconds,
    })),
  )
}

/** Threads take the tasks in turn; a thread has one program at a time. */
async function compute(tasks: readonly Task[], { threads, onProgress }: RunOptions): Promise<void> {
  const total = tasks.reduce((sum, { cost }) => sum + cost, 0)
  const waiting = [...tasks]
  let done = 0
  if (tasks.length > 0) onProgress(0, tasks[0].name)
  const work = async () => {
    let program = ''
    let worker: Worker | null = null
    try {
      for (let task = waiting.shift(); task; task = waiting.shift()) {
        if (!worker || program !== task.program) {
          await worker?.terminate()
          program = task.program
          worker = new Worker(program)
        }
        const { numbers, seconds } = await answer(worker, task)
        keep(task.file, { model: task.model, seed: task.seed, numbers, seconds })
        done += task.cost
        onProgress(done / total, task.name)
      }
    } finally {
      waiting.length = 0 // where one fails, the others stop, too
      await worker?.terminate()
    }
  }
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work))
}

function answer(worker: Worker, { name, model, seed, settings }: Task): Promise<{ numbers: Numbers; seconds: number }> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off('message', arrived)
      worker.off('error', failed)
    }
    const arrived = (message: { numbers: Numbers; seconds: number }) => {
      end()
      resolve(message)
    }
    const failed = (cause: unknown) => {
      end()
      reject(new Error(`${name}, ${model}, seed ${seed} failed`, { cause }))
    }
    worker.on('message', arrived)
    worker.on('error', failed)
    worker.postMessage({ model, seed, settings })
  })
}

/** Writes the file as a whole, or not at all. */
function keep(file: string, run: Run): void {
  writeFileSync(`${file}.new`, JSON.stringify(run))
  renameSync(`${file}.new`, file)
}
