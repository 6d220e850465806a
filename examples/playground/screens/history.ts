// Screen 9: the five nets of 1989, trained here, beside the printed table.

import type { App, Screen } from '../app.ts'
import { button, table } from '../controls.ts'
import { h, rich, whole } from '../dom.ts'
import { printed } from '../printed-1989.ts'

export function history(app: App): Screen {
  const { t, trainer } = app
  const runs: number[][] = printed.map(() => [])
  const said = h('p', { class: 'words', role: 'status' }, t('history.start'))
  const results = h('div', {})
  const run = button(t('history.run'), train, { class: 'primary' })
  let isClosed = false

  async function train(): Promise<void> {
    run.disabled = true
    await trainer.pause()
    const seed = app.state.seed + runs[0].length
    for (const [index, { name }] of printed.entries()) {
      said.textContent = t('history.running', { name })
      const accuracy = await trainer.ask('net1989', index, seed)
      if (isClosed) return
      runs[index].push(accuracy)
      draw()
    }
    run.disabled = false
    run.textContent = t('history.again')
    said.textContent = t('history.done', { runs: runs[0].length })
  }
  function draw(): void {
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const rows = printed.map(({ name, links, weights, percent }, i) => [
      ...[
        name,
        t(`history.net${(i + 1) as 1 | 2 | 3 | 4 | 5}`),
        whole(links),
        whole(weights),
        percent.toFixed(1),
      ],
      runs[i].length > 0 ? (100 * mean(runs[i])).toFixed(1) : '–',
    ])
    const head = [
      '',
      t('history.design'),
      t('history.links'),
      t('history.weights'),
      t('history.printed'),
      t('history.here'),
    ]
    results.replaceChildren(table(t('history.table'), head, rows))
  }
  draw()
  return {
    element: h(
      'div',
      {},
      h('div', { class: 'actions' }, run),
      said,
      results,
      h('p', {}, ...rich(t('history.what'))),
    ),
    close() {
      isClosed = true
    },
  }
}
