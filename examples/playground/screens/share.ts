// Screen 5: in the middle of training, the local net shares its weights, or takes over the convolution's.

import type { App, Screen } from '../app.ts'
import { button } from '../controls.ts'
import { h, percent, power, rich } from '../dom.ts'
import type { NetName } from '../nets.ts'
import { canvas, drawTiles, largest } from '../pictures.ts'
import { trainBar } from '../train-bar.ts'

export function share(app: App): Screen {
  const { t, trainer } = app
  const bar = trainBar(app)
  const local = canvas(8, 8, t('mosaic.local.label'))
  const conv = canvas(8, 8, t('mosaic.conv.label'))
  const strongest = h('p', { class: 'note legend' })
  const said = h('p', { class: 'words', role: 'status' }, t('share.start'))
  const title = (name: NetName) => h('h3', {}, `${app.net(name)} · ${t('mosaic.filter')} ${app.state.filter}`)
  let isClosed = false

  async function draw(): Promise<void> {
    const kernels = await trainer.ask('kernels', app.state.filter - 1)
    if (isClosed) return
    const limit = largest([...kernels.local, ...kernels.conv]) // one scale, to compare
    drawTiles(local, { places: 6, window: 3, value: (place, k) => kernels.local[place][k] }, limit)
    drawTiles(conv, { places: 1, window: 3, value: (_, k) => kernels.conv[0][k] }, limit)
    strongest.textContent = `${t('legend.weights')} · ${t('legend.strongest', { limit: limit.toFixed(2) })}`
  }
  async function change(how: 'share' | 'untie'): Promise<void> {
    await trainer.pause()
    const { before, after, difference } = await trainer.ask('share', how)
    said.textContent = t(`share.${how}.done`, {
      before: percent(before.local),
      after: percent(after.local),
      conv: percent(after.conv),
      difference: power(difference),
    })
    said.dataset.difference = String(difference)
    draw()
  }
  let timer: ReturnType<typeof setTimeout> | undefined

  return {
    element: h(
      'div',
      {},
      bar.element,
      h(
        'div',
        { class: 'actions' },
        button(t('share.share'), () => change('share'), { class: 'primary' }),
        button(t('share.untie'), () => change('untie'), { class: 'primary' }),
        button(t('share.undo'), async () => {
          await trainer.pause()
          const { local } = await trainer.ask('undo')
          said.textContent = t('share.undone', { local: percent(local) })
          draw()
        }),
      ),
      said,
      h(
        'div',
        { class: 'three two' },
        h('figure', { class: 'local' }, title('local'), local),
        h('figure', { class: 'conv' }, title('conv'), conv),
      ),
      strongest,
      h('p', {}, ...rich(t('share.why'))),
    ),
    update() {
      bar.update()
      clearTimeout(timer)
      timer = setTimeout(draw, 200)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
    },
  }
}
