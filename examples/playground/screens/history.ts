// Screen 9: the five nets of 1989, trained here, beside the printed table.

import type { App, Screen } from '../app.ts'
import { button, table } from '../controls.ts'
import { h, rich, whole } from '../dom.ts'
import { printed } from '../printed-1989.ts'
import { summarize } from '../runs-1989.ts'

const runsAtOnce = 20

export function history(app: App): Screen {
  const { t, trainer } = app
  const runs: number[][] = []
  const said = h('p', { class: 'words', role: 'status' }, t('history.start'))
  const now = h('p', { class: 'note' })
  const results = h('div', {})
  const run = button(t('history.run'), () => (isRunning ? stop() : train()), { class: 'primary' })
  let isRunning = false
  let isClosed = false

  function stop(): void {
    isRunning = false
    run.textContent = t(runs.length > 0 ? 'history.again' : 'history.run')
  }
  async function train(): Promise<void> {
    isRunning = true
    run.textContent = t('bar.pause')
    await trainer.pause()
    for (const goal = runs.length + runsAtOnce; isRunning && runs.length < goal; ) {
      const accuracies: number[] = []
      for (const [index, { name }] of printed.entries()) {
        now.textContent = t('history.running', { name, run: runs.length + 1 })
        accuracies.push(await trainer.ask('net1989', index, app.state.seed + runs.length))
        if (isClosed) return
      }
      runs.push(accuracies)
      draw()
    }
    now.textContent = ''
    stop()
  }
  function draw(): void {
    const found = runs.length > 0 ? summarize(runs) : null
    const per = (values: readonly number[] | undefined, i: number) =>
      values && !Number.isNaN(values[i]) ? (100 * values[i]).toFixed(1) : '–'
    const rows = printed.map(({ name, links, weights, percent }, i) => [
      name,
      t(`history.net${(i + 1) as 1 | 2 | 3 | 4 | 5}`),
      ...[whole(links), whole(weights), percent.toFixed(1)],
      ...[per(found?.mean, i), per(found?.deviation, i)],
    ])
    const head = [
      '',
      ...[t('history.design'), t('history.links'), t('history.weights'), t('history.printed')],
      ...[t('history.here'), t('history.deviation')],
    ]
    results.replaceChildren(table(t('history.table'), head, rows))
    if (!found) return
    const { inOrder, lastBest, meansInOrder } = found
    said.textContent = app.join([
      t('history.done', { runs: runs.length, inOrder, lastBest }),
      ...(runs.length > 1 ? [t(meansInOrder ? 'history.means' : 'history.means.not')] : []),
    ])
  }
  draw()
  return {
    element: h(
      'div',
      {},
      h('div', { class: 'actions' }, run, now),
      said,
      results,
      h('p', {}, ...rich(t('history.what'))),
      h('p', {}, ...rich(t('history.luck'))),
      h('p', { class: 'note' }, t('history.source')),
    ),
    close() {
      isClosed = true
      isRunning = false
    },
  }
}
