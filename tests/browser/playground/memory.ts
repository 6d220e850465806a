// How much memory a page and its worker hold, after their garbage was collected. In bytes.

import type { CDPSession, Page } from 'playwright-core'

interface Usage {
  readonly usedSize: number
  /** Of array buffers and of WebAssembly. */
  readonly backingStorageSize?: number
}
export interface Memory {
  page(): Promise<number>
  worker(): Promise<number>
}

const total = ({ usedSize, backingStorageSize = 0 }: Usage) => usedSize + backingStorageSize

/** @param page with one worker */
export async function memoryOf(page: Page): Promise<Memory> {
  const session = await page.context().newCDPSession(page)
  const ask = await workerOf(session)
  return {
    async page() {
      await session.send('HeapProfiler.collectGarbage')
      return total(await session.send('Runtime.getHeapUsage'))
    },
    async worker() {
      await ask('HeapProfiler.collectGarbage')
      return total((await ask('Runtime.getHeapUsage')) as Usage)
    },
  }
}

/** A way to ask the worker's debugger. */
async function workerOf(session: CDPSession): Promise<(method: string) => Promise<unknown>> {
  const attached = new Promise<string>(resolve => {
    session.on('Target.attachedToTarget', ({ sessionId }) => resolve(sessionId))
  })
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false })
  const sessionId = await attached
  const waiting = new Map<number, (result: unknown) => void>()
  session.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message)
    waiting.get(id)?.(result)
  })
  let last = 0
  return method =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, resolve)
      const message = JSON.stringify({ id, method })
      session.send('Target.sendMessageToTarget', { sessionId, message }).catch(reject)
    })
}
