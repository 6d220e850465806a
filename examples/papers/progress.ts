// The progress of all runs: a bar in a terminal, otherwise a line for each tenth.

import cliProgress from 'cli-progress'

export interface ProgressView {
  readonly update: (share: number, name: string) => void
  readonly stop: () => void
}

export function showProgress(): ProgressView {
  if (!process.stderr.isTTY) return plainLines()
  const bar = new cliProgress.SingleBar({
    format: '[{bar}] {percentage} % | {eta_formatted} left | {name}',
    stream: process.stderr,
    hideCursor: true,
    etaBuffer: 30,
  })
  let started = false
  return {
    update(share, name) {
      if (!started) bar.start(1, 0, { name })
      started = true
      bar.update(share, { name })
    },
    stop: () => bar.stop(),
  }
}

function plainLines(): ProgressView {
  let tenths = -1
  return {
    update(share, name) {
      const now = Math.floor(10 * share + 1e-9)
      if (now > tenths) console.error(`${10 * now} % (${name})`)
      tenths = Math.max(tenths, now)
    },
    stop() {},
  }
}
