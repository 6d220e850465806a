// Screen 8: are the gradients right? And the same net as code.

import type { App, Screen } from '../app.ts'
import { kerasCode, typescriptCode } from '../code.ts'
import { codeBlock } from '../code-block.ts'
import { button, opens, table } from '../controls.ts'
import { h, power, whole } from '../dom.ts'
import { gate } from '../questions.ts'
import { trainBar } from '../train-bar.ts'
import type { Answer } from '../worker-link.ts'

/** The text of lib/kernels/local2d-loop.ts, which the build puts here. */
declare const kernelSource: string

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

export function check(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const said = h('p', { class: 'words', role: 'status' })
  const results = h('div', {})
  const mine = store.remember('check', () => ({ found: null as Answer<'check'> | null, isRunning: false }))

  async function run(): Promise<void> {
    mine.isRunning = true
    store.changed()
    mine.found = await store.ask('check')
    mine.isRunning = false
    store.changed()
  }
  /** The largest error over all parts is given as it was measured, not as the tolerance. */
  function words({ at, passed, checks }: Answer<'check'>): string {
    const skipped = sum(checks.map(({ skipped }) => skipped))
    const entries = whole(sum(checks.map(({ entries }) => entries)) - skipped)
    const tolerance = 100 * Math.max(...checks.map(({ tolerance }) => tolerance))
    const of = { epoch: at.epoch, step: at.step }
    return app.join([
      t(store.isNow(at) ? 'check.now' : 'check.before', of),
      t(passed ? 'check.passed' : 'check.failed', { entries, tolerance }),
      ...(skipped > 0 ? [t('check.skipped', { skipped })] : []),
    ])
  }
  let drawn: Answer<'check'> | null = null
  function draw(): void {
    const { found, isRunning } = mine
    said.textContent = isRunning ? t('check.running') : found ? words(found) : t('check.start')
    if (!found || found === drawn) return
    drawn = found
    results.replaceChildren(
      table(
        t('check.table'),
        [t('check.what'), t('check.entries'), t('check.analytic'), t('check.numeric'), t('check.error')],
        found.checks.map(({ name, entries, worst, error }, i) => [
          i === 0 ? t('check.input') : `${name} ${i < 3 ? 1 : 2}`,
          whole(entries),
          worst.analytic.toPrecision(4).replace('-', '−'),
          worst.numeric.toPrecision(4).replace('-', '−'),
          power(error),
        ]),
      ),
      h('p', { class: 'note' }, t('check.criterion')),
    )
  }
  const lines = opens(t('check.lines'), () =>
    h('pre', { tabindex: 0, role: 'region', 'aria-label': t('check.lines') }, kernelSource),
  )
  return {
    element: h(
      'div',
      {},
      bar.element,
      gate({ class: 'actions' }, button(t('check.run'), run, { class: 'primary' })),
      said,
      results,
      lines.element,
      h(
        'div',
        { class: 'why', 'data-control': 'code' },
        h('h3', { class: 'later' }, t('check.code')),
        h(
          'div',
          { class: 'split even' },
          codeBlock(app, 'TypeScript', typescriptCode(app.state)),
          codeBlock(app, 'Python (Keras 2)', kerasCode(app.state)),
        ),
      ),
    ),
    update() {
      bar.update()
      draw()
    },
  }
}
