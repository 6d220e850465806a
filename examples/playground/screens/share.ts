// Screen 5: in the middle of training, the local net shares its weights, or takes over the convolution's.

import type { App, Screen } from '../app.ts'
import { button } from '../controls.ts'
import { h, percent, power, rich } from '../dom.ts'
import type { NetName } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import { gate } from '../questions.ts'
import { trainBar } from '../train-bar.ts'
import type { Answer } from '../worker-link.ts'

interface Done extends Answer<'share'> {
  readonly how: 'share' | 'untie'
}

export function share(app: App): Screen {
  const { t, store } = app
  const bar = trainBar(app)
  const pictures = { local: canvas(8, 8, t('mosaic.local.label')), conv: canvas(8, 8, t('mosaic.conv.label')) }
  const captions = { local: h('figcaption', {}), conv: h('figcaption', {}) }
  const said = h('p', { class: 'words', role: 'status' })
  const title = (name: NetName) => h('h3', {}, `${app.net(name)} · ${t('mosaic.filter')} ${app.state.filter}`)
  const mine = store.remember('share', () => ({ done: null as Done | null }))
  let isClosed = false

  function say(): void {
    const { done } = mine
    const score = store.status?.scores.local.accuracy ?? 0
    if (!done) said.textContent = t('share.start')
    else if (store.isNow(done.at)) {
      said.textContent = t(`share.${done.how}.done`, {
        before: percent(done.before.local),
        after: percent(done.after.local),
        conv: percent(done.after.conv),
        difference: power(done.difference),
      })
      said.dataset.difference = String(done.difference)
    } else said.textContent = t('share.since', { before: percent(done.before.local), now: percent(score) })
  }
  async function draw(): Promise<void> {
    const kernels = await store.ask('kernels', app.state.filter - 1)
    if (isClosed) return
    // A scale for each: a strong kernel of one net would leave the other one almost white.
    for (const [name, places] of [
      ['local', 6],
      ['conv', 1],
    ] as const) {
      const limit = largest(kernels[name])
      drawTiles(pictures[name], { places, window: 3, value: (place, k) => kernels[name][place][k] }, limit)
      captions[name].textContent = t('legend.strongest', { limit: limit.toFixed(2) })
    }
  }
  async function change(how: 'share' | 'untie'): Promise<void> {
    mine.done = { how, ...(await store.ask('share', how)) }
    store.changed()
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  const figure = (name: 'local' | 'conv') => h('figure', { class: name }, title(name), pictures[name], captions[name])

  return {
    element: h(
      'div',
      {},
      bar.element,
      gate(
        { class: 'actions' },
        button(t('share.share'), () => change('share'), { class: 'primary' }),
        button(t('share.untie'), () => change('untie'), { class: 'primary' }),
      ),
      said,
      h('div', { class: 'three two' }, figure('local'), figure('conv')),
      h('p', { class: 'note legend' }, t('legend.weights')),
      h('p', { class: 'why', 'data-control': 'why' }, ...rich(t('share.why'))),
    ),
    update() {
      bar.update()
      say()
      clearTimeout(timer)
      timer = setTimeout(draw, store.status?.playing ? 200 : 0)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
