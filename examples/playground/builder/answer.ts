// The race's answer: which net is ahead, by the numbers of this run, and why.

import type { App } from '../app.ts'
import { h, percent, rich, whole } from '../dom.ts'
import { netNames } from '../nets.ts'
import type { Status } from '../worker.ts'
import { type Finish, type Sentence, verdictOf } from './verdict.ts'

export function answer(app: App): {
  element: HTMLElement
  draw(status: Status, of: Pick<Finish, 'sizes' | 'tests' | 'pools'>): void
} {
  const { t } = app
  const content = h('div', {})
  const element = h('section', { class: 'verdict' }, h('h3', {}, t('verdict.title')), content)
  const per = <T>(values: Readonly<Record<(typeof netNames)[number], T>>, shown: (value: T) => string) =>
    Object.fromEntries(netNames.map(name => [name, shown(values[name])]))

  return {
    element,
    draw(status, of) {
      const { latest, scores, settings, epoch } = status
      if (!latest || epoch === 0) {
        content.replaceChildren(h('p', { class: 'words' }, t('verdict.wait')))
        return
      }
      const sentence = (each: Sentence): string => {
        const weights = per(of.sizes, ({ weights }) => whole(weights))
        if (each.say === 'ahead')
          return t('verdict.ahead', { net: app.net(each.first), ...per(scores, s => percent(s.accuracy)) })
        if (each.say === 'level')
          return t('verdict.level', { tests: of.tests, ...per(scores, s => percent(s.accuracy)) })
        if (each.say === 'memory')
          return t(
            'verdict.memory',
            per(each.gaps, gap => (100 * gap).toFixed(1)),
          )
        return t(`verdict.${each.say}`, { train: whole(settings.train), ...weights })
      }
      const [first, ...reasons] = verdictOf({ settings, training: latest, test: scores, ...of })
      content.replaceChildren(
        h('p', { class: 'words' }, ...rich(sentence(first))),
        h('ul', { class: 'why' }, ...reasons.map(each => h('li', {}, ...rich(sentence(each))))),
      )
    },
  }
}
