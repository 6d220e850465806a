// Threads of the engine live as long as their process, and each test file has its own: jest's processes would gather
// them until they take too long to end. Here they end with the test file.

import { afterAll } from '@jest/globals'

// Not by import: jest would keep the module as it is now.
const workerThreads = process.getBuiltinModule('node:worker_threads')
const { Worker } = workerThreads
const threads: InstanceType<typeof Worker>[] = []
workerThreads.Worker = class extends Worker {
  constructor(...start: ConstructorParameters<typeof Worker>) {
    super(...start)
    threads.push(this)
  }
}

afterAll(async () => {
  workerThreads.Worker = Worker
  await Promise.all(threads.map(thread => thread.terminate()))
})
