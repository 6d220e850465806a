// Runs the snippets of a page as one program: types are taken away, imports become look-ups in the library that is here,
// and what the program prints is written as Node writes it.

import { format } from 'node-inspect-extracted'
import { transform } from 'sucrase'
import type { Report, Task } from './messages.ts'

export function runTasks(modules: Record<string, unknown>): void {
  const tell = (report: Report) => postMessage(report)
  let block = 0

  function find(name: string): unknown {
    if (Object.hasOwn(modules, name)) return modules[name]
    throw new Error(`'${name}' is not here: a page has ${Object.keys(modules).join(', ')}`)
  }

  const print = (...values: unknown[]) => tell({ kind: 'print', block, text: format(...values) })
  Object.assign(console, { log: print, info: print, warn: print, error: print })

  const explain = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error))
  addEventListener('unhandledrejection', ({ reason }) => tell({ kind: 'error', block, text: explain(reason) }))

  addEventListener('message', async ({ data }: MessageEvent<Task>) => {
    try {
      const source = data.blocks.map((code, i) => `;begin(${i});${code}`).join('\n')
      const { code } = transform(source, { transforms: ['typescript', 'imports'], production: true })
      const AsyncFunction = (async () => {}).constructor as new (
        ...texts: string[]
      ) => (...values: unknown[]) => Promise<void>
      const begin = (i: number) => {
        block = i
      }
      await new AsyncFunction('require', 'exports', 'begin', code)(find, {}, begin)
    } catch (error) {
      tell({ kind: 'error', block, text: explain(error) })
    }
    tell({ kind: 'done' })
  })
}
