// Play, pause, step, epoch, reset: the same bar on every screen whose nets learn.

import type { App } from './app.ts'
import { button } from './controls.ts'
import { h, percent } from './dom.ts'
import { netNames } from './nets.ts'

export function trainBar(app: App): { element: HTMLElement; update(): void } {
  const { t, trainer } = app
  const epoch = () => trainer.status?.epoch ?? 0
  /** After the last epoch, another press trains as many again. */
  const goal = () => Math.max(1, Math.ceil((epoch() + 1) / app.state.epochs)) * app.state.epochs
  const play = button(t('bar.play'), () => {
    if (trainer.status?.playing) trainer.pause()
    else trainer.play(goal())
  })
  play.className = 'primary'
  const where = h('p', { class: 'where' })
  const scores = h(
    'ul',
    { class: 'scores' },
    h('li', {}, t('bar.accuracy')),
    ...netNames.map(name => h('li', { class: name }, h('span', {}, app.net(name)), h('b', {}))),
  )
  const element = h(
    'div',
    { class: 'bar', role: 'group', 'aria-label': t('bar.label') },
    play,
    button(t('bar.step'), () => trainer.step()),
    button(t('bar.epoch'), () => trainer.play(epoch() + 1)),
    button(t('bar.reset'), () => app.set({})),
    where,
    scores,
  )
  let saidAt = 0
  let wasPlaying = false
  return {
    element,
    update() {
      const { status } = trainer
      if (!status) return
      const { playing, step, steps } = status
      play.textContent = t(playing ? 'bar.pause' : 'bar.play')
      where.textContent = t('bar.where', { epoch: epoch(), step, steps })
      const texts = netNames.map(name => percent(status.scores[name]))
      texts.forEach((text, i) => {
        ;(scores.children[i + 1].lastChild as HTMLElement).textContent = text
      })
      const [dense, local, conv] = texts
      if (wasPlaying && (!playing || performance.now() - saidAt > 3000)) {
        app.say(t('bar.said', { epoch: epoch(), dense, local, conv }))
        saidAt = performance.now()
      }
      wasPlaying = playing
    },
  }
}
