// Play, pause, step, epoch, reset: the same bar on every screen whose nets learn.

import type { App } from './app.ts'
import { button } from './controls.ts'
import { h, percent } from './dom.ts'
import type { Action } from './experiment.ts'
import { netNames } from './nets.ts'
import { gate } from './questions.ts'

export function trainBar(app: App): { element: HTMLElement; update(): void } {
  const { t, store } = app
  const epoch = () => store.status?.epoch ?? 0
  /** After the last epoch, another press trains as many again. */
  const goal = () => Math.max(1, Math.ceil((epoch() + 1) / app.state.epochs)) * app.state.epochs
  const play = button(t('bar.play'), () => {
    if (store.status?.playing) store.pause()
    else store.play(goal())
  })
  play.className = 'primary'
  play.dataset.control = 'play'
  const undo = button('↶', () => store.undo(), { 'data-control': 'undo' })
  const redo = button('↷', () => store.redo(), { 'data-control': 'undo' })
  /** What it would take back is said, too. */
  const offer = (to: HTMLButtonElement, key: 'bar.undo' | 'bar.redo', action: Action | null) => {
    const label = action ? t(`${key}.what`, { action: t(`action.${action}`) }) : t(key)
    to.disabled = action === null
    to.title = label
    to.setAttribute('aria-label', label)
  }
  const where = h('p', { class: 'where' })
  const scores = h(
    'ul',
    { class: 'scores', 'data-control': 'scores' },
    h('li', {}, t('bar.accuracy')),
    ...netNames.map(name => h('li', { class: name }, h('span', {}, app.net(name)), h('b', {}))),
  )
  const element = gate(
    { class: 'bar', 'aria-label': t('bar.label') },
    play,
    button(t('bar.step'), () => store.step(), { 'data-control': 'step' }),
    button(t('bar.epoch'), () => store.play(epoch() + 1), { 'data-control': 'epoch' }),
    button(t('bar.reset'), () => app.reset(), { 'data-control': 'reset' }),
    undo,
    redo,
    where,
    scores,
  )
  let saidAt = 0
  let wasPlaying = false
  return {
    element,
    update() {
      const { status } = store
      if (!status) return
      const { playing, step, steps } = status
      play.textContent = t(playing ? 'bar.pause' : 'bar.play')
      where.textContent = t('bar.where', { epoch: epoch(), step, steps })
      const texts = netNames.map(name => percent(status.scores[name].accuracy))
      offer(undo, 'bar.undo', status.undoes)
      offer(redo, 'bar.redo', status.redoes)
      texts.forEach((text, i) => {
        const shown = scores.children[i + 1].lastChild as HTMLElement
        shown.textContent = text
        shown.dataset.value = String(status.scores[netNames[i]].accuracy)
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
