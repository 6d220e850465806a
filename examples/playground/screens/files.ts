// Screen 13: what can be taken along: the whole experiment, trained nets, a link.

import type { App, Screen } from '../app.ts'
import { codeBlock } from '../code-block.ts'
import { button, select } from '../controls.ts'
import { h } from '../dom.ts'
import { type NetName, netNames } from '../nets.ts'
import { download, fileButton, read, takesDrops } from '../own/files.ts'
import { toH5 } from '../own/to-h5.ts'
import type { Key } from '../texts/en.ts'

type Values = Record<string, string>

export function files(app: App): Screen {
  const { t, store, bench } = app
  const mine = store.remember('files', () => ({
    of: 'race' as 'race' | 'bench',
    net: 'local' as NetName,
    said: ['files.start', {}] as [Key, Values],
  }))
  const said = h('p', { class: 'words', role: 'status' }, t(...mine.said))
  const say = (key: Key, values: Values = {}) => {
    mine.said = [key, values]
    said.textContent = t(key, values)
  }
  const from = () => (mine.of === 'bench' && bench.isOpen ? bench.store : store)

  async function tell(what: () => Promise<void>): Promise<void> {
    try {
      await what()
    } catch (error) {
      say('files.failed', { error: error instanceof Error ? error.message : String(error) })
    }
  }
  const save = (format: 'safetensors' | 'tfjs') =>
    tell(async () => {
      const made = await from().ask('netFiles', mine.net, format)
      for (const file of made) download(file)
      say('files.saved', { files: made.map(({ name }) => name).join(', ') })
    })
  const loadNet = (chosen: readonly File[]) =>
    tell(async () => {
      const given = await Promise.all(chosen.map(read))
      await from().loadNet(mine.net, given)
      say('files.net.loaded', { net: app.net(mine.net) })
    })
  const loadAll = ([file]: readonly File[]) =>
    tell(async () => {
      await app.load(await read(file), () => say('files.loaded', { files: file.name }))
    })
  const link = h('input', { type: 'text', readonly: true, value: location.href, 'aria-label': t('files.link') })
  const section = (title: string, ...children: HTMLElement[]) =>
    h('section', { class: 'panel' }, h('h3', {}, title), ...children)
  const whole = section(
    t('files.whole'),
    h('p', {}, t('files.whole.what')),
    h(
      'div',
      { class: 'actions' },
      button(
        t('files.save'),
        () =>
          tell(async () => {
            const file = await app.save()
            download(file)
            say('files.saved', { files: file.name })
          }),
        { class: 'primary' },
      ),
      fileButton(t('files.load'), '.safetensors', loadAll, false),
    ),
  )
  takesDrops(whole, loadAll)
  const nets = section(
    t('files.nets'),
    h(
      'div',
      { class: 'controls' },
      select(
        t('files.of'),
        [['race', t('files.of.race')], ...(bench.isOpen ? ([['bench', t('files.of.bench')]] as const) : [])] as const,
        mine.of,
        of => {
          mine.of = of
        },
      ),
      select(
        t('files.net'),
        netNames.map(name => [name, app.net(name)] as const),
        mine.net,
        net => {
          mine.net = net
        },
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      button('safetensors', () => save('safetensors')),
      button('TensorFlow.js', () => save('tfjs')),
      fileButton(t('files.load'), '.safetensors,.json,.bin', loadNet),
    ),
    h('p', { class: 'note' }, t('files.nets.what')),
  )
  takesDrops(nets, loadNet)
  return {
    element: h(
      'div',
      { class: 'files' },
      said,
      h('div', { class: 'split even' }, whole, nets),
      section(t('files.link'), h('p', {}, t('files.link.what')), link),
      section(t('files.h5'), h('p', {}, t('files.h5.what')), codeBlock(app, 'Node', toH5)),
    ),
  }
}
