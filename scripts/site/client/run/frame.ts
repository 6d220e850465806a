// The frame in which snippets run. It is sandboxed, has no origin and may load nothing: each run is a worker of its own,
// made from the text in this file, which can be stopped at any time.

import type { Task } from './messages.ts'

const packed = document.getElementById('worker')?.textContent ?? ''

async function unpack(): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), character => character.charCodeAt(0))
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  return URL.createObjectURL(new Blob([await new Response(stream).text()], { type: 'text/javascript' }))
}

const url = unpack()
let worker: Worker | undefined

addEventListener('message', async ({ source, data }: MessageEvent<Task | 'stop'>) => {
  if (source !== parent) return
  worker?.terminate()
  if (data === 'stop') return
  const started = new Worker(await url)
  worker = started
  started.onmessage = message => parent.postMessage(message.data, '*')
  started.onerror = event => parent.postMessage({ kind: 'error', block: -1, text: event.message }, '*')
  started.postMessage(data)
})
parent.postMessage('ready', '*')
