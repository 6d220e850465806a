// Start, pause, go on, stop, and how far it is: the same bar for every long run.

import type { App } from './app.ts'
import { button } from './controls.ts'
import { h } from './dom.ts'
import type { RunName } from './long-runs.ts'
import { gate } from './questions.ts'
import type { Phase } from './runs.ts'
import type { RunState } from './store.ts'

const speakEvery = 5000 // ms

export function runBar<N extends RunName>(
  app: App,
  name: N,
  {
    label,
    start,
    progress,
  }: {
    /** What starts it; by what it has found so far. */
    readonly label: (run: RunState<N> | null) => string
    readonly start: (run: RunState<N> | null) => void
    /** How much of it is done, and a text that says so. */
    readonly progress: (run: RunState<N>) => { readonly share: number; readonly text: string }
  },
): { element: HTMLElement; update(): void } {
  const { store, t } = app
  const main = button(
    '',
    () => {
      const run = store.run(name)
      if (run?.phase === 'running') store.pauseRun(name)
      else if (run?.phase === 'paused') store.resumeRun(name)
      else start(run)
    },
    { class: 'primary' },
  )
  const stop = button(t('run.stop'), () => store.stopRun(name))
  const meter = h('progress', { max: 1, value: 0, 'aria-label': t('run.progress') })
  const said = h('span', { class: 'note' })
  let spokenAt = 0
  let spoken = store.run(name)?.phase
  /** To those who listen: every change of phase, and now and then how far it is. */
  const speak = (phase: Phase | undefined, text: string) => {
    const isNews = phase !== spoken || (phase === 'running' && performance.now() - spokenAt > speakEvery)
    if (!isNews || !phase) return
    ;[spoken, spokenAt] = [phase, performance.now()]
    app.say([t(`run.${phase}`), text].join(' '))
  }
  const update = () => {
    const run = store.run(name)
    const isActive = run?.phase === 'running' || run?.phase === 'paused'
    main.textContent =
      run?.phase === 'running' ? t('bar.pause') : run?.phase === 'paused' ? t('run.resume') : label(run)
    main.dataset.phase = run?.phase ?? 'none'
    stop.disabled = !isActive
    meter.hidden = !isActive
    const { share, text } = run ? progress(run) : { share: 0, text: '' }
    meter.value = share
    said.textContent = run?.phase === 'failed' ? t('page.failed', { error: run.error ?? '' }) : text
    speak(run?.phase, said.textContent)
  }
  update()
  return { element: gate({ class: 'actions run' }, main, stop, meter, said), update }
}
