// Screen 9: the five nets of 1989, trained here, beside the printed table.

import type { App, Screen } from '../app.ts'
import { table } from '../controls.ts'
import { h, rich, whole } from '../dom.ts'
import { printed } from '../printed-1989.ts'
import { runBar } from '../run-bar.ts'
import { summarize } from '../runs-1989.ts'

const runsAtOnce = 20

export function history(app: App): Screen {
  const { t, store } = app
  const found = () => store.run('history')?.result ?? null
  const bar = runBar(app, 'history', {
    label: run => t(run?.result?.runs.length ? 'history.again' : 'history.run'),
    start: run => {
      // Runs of another seed are another experiment.
      const done = run?.args.seed === app.state.seed ? (run.result?.runs ?? []) : []
      store.start('history', { seed: app.state.seed, done, runs: done.length + runsAtOnce })
    },
    progress: ({ args, result, phase }) => {
      const now = result?.now
      const done = result?.runs.length ?? 0
      const part = now ? (now.found.length + now.epoch / now.epochs) / printed.length : 0
      const share = (done + part - args.done.length) / (args.runs - args.done.length)
      if (!now || (phase !== 'running' && phase !== 'paused')) return { share, text: '' }
      const { name } = printed[now.found.length]
      return { share, text: t('history.running', { name, run: done + 1, epoch: now.epoch, epochs: now.epochs }) }
    },
  })
  const said = h('p', { class: 'words' })
  const results = h('div', {})

  function draw(): void {
    const runs = found()?.runs ?? []
    const now = found()?.now?.found ?? []
    const sum = runs.length > 0 ? summarize(runs) : null
    const per = (value: number | undefined) =>
      value === undefined || Number.isNaN(value) ? '–' : (100 * value).toFixed(1)
    const rows = printed.map(({ name, links, weights, percent }, i) => [
      h('span', {}, name, h('small', {}, t(`history.net${(i + 1) as 1 | 2 | 3 | 4 | 5}`))),
      ...[whole(links), whole(weights), percent.toFixed(1)],
      h('b', {}, per(sum?.mean[i])),
      ...[per(sum?.deviation[i]), per(now[i] ?? runs.at(-1)?.[i])],
    ])
    const head = [
      t('history.design'),
      ...[t('history.links'), t('history.weights'), t('history.printed')],
      ...[t('history.here'), t('history.deviation'), t('history.newest')],
    ]
    results.replaceChildren(table(t('history.table'), head, rows))
    if (!sum) {
      said.textContent = t('history.start')
      return
    }
    const { inOrder, lastBest, meansInOrder } = sum
    said.textContent = app.join([
      t('history.done', { runs: runs.length, inOrder, lastBest }),
      ...(runs.length > 1 ? [t(meansInOrder ? 'history.means' : 'history.means.not')] : []),
    ])
  }
  return {
    element: h(
      'div',
      {},
      bar.element,
      said,
      results,
      h('p', { class: 'why' }, ...rich(t('history.what'))),
      h('p', { class: 'why', 'data-control': 'why' }, ...rich(t('history.luck'))),
      h('p', { class: 'note why' }, t('history.source')),
    ),
    update() {
      bar.update()
      draw()
    },
  }
}
