// Screen 12: pictures of one's own, drawn, dropped or from a table, for the builder's nets to learn.

import type { App, Screen } from '../app.ts'
import { button } from '../controls.ts'
import { freshId, h, percent } from '../dom.ts'
import { drawingPad } from '../drawing-pad.ts'
import { netNames } from '../nets.ts'
import { fileButton, pixelsOf, takesDrops } from '../own/files.ts'
import {
  classOf,
  isForTest,
  nothingOwn,
  type OwnData,
  OwnDataError,
  readTable,
  withoutClass,
  withPictures,
} from '../own/own-data.ts'
import { canvas, drawDigit, drawRow } from '../pictures.ts'
import { type Stroke, toPixels } from '../strokes.ts'

const shown = 12 // pictures of a class

export function own(app: App): Screen {
  const { t, bench, store } = app
  const mine = store.remember('own', () => ({ name: '', strokes: [] as Stroke[] }))
  const problem = h('p', { class: 'warning', role: 'alert', hidden: true })
  const said = h('p', { class: 'words', role: 'status' })
  const list = h('div', { class: 'classes' })
  const answers = h('ul', { class: 'scores' })
  const preview = canvas(8, 8, t('draw.preview'))
  const name = h('input', { type: 'text', id: freshId(), maxlength: 24, value: mine.name, autocomplete: 'off' })
  name.addEventListener('input', () => {
    mine.name = name.value
    add.disabled = mine.strokes.length === 0 || mine.name.trim() === ''
  })
  const add = button(t('own.add'), () => {
    if (take(() => withPictures(bench.own, [{ name: mine.name, pixels: toPixels(mine.strokes) }]))) clear()
  })
  add.className = 'primary'
  const learn = button(t('own.learn'), () => {
    app.set({ 'b.data': 'own', screen: 'build' })
    app.show()
  })
  const pad = drawingPad({ label: t('draw.pad'), keys: t('draw.keys') }, mine.strokes, strokes => {
    mine.strokes = [...strokes]
    look()
  })
  let isClosed = false

  function clear(): void {
    pad.clear()
    mine.strokes = []
    look()
  }

  /** Shows what is drawn, and what the builder's nets say of it if they have learned the reader's pictures. */
  async function look(): Promise<void> {
    const pixels = toPixels(mine.strokes)
    drawDigit(preview, pixels)
    add.disabled = mine.strokes.length === 0 || mine.name.trim() === ''
    const status = bench.isOpen ? bench.store.status : null
    const learned = status && status.epoch > 0 ? bench.ownOf(status) : null
    if (!learned || mine.strokes.length === 0) return answers.replaceChildren()
    const read = await bench.store.ask('read', [...pixels])
    if (isClosed) return
    answers.replaceChildren(
      ...netNames.map(net => {
        const best = read[net].indexOf(Math.max(...read[net]))
        return h(
          'li',
          { class: net },
          app.net(net),
          h('b', {}, `${learned.classes[best]} (${percent(read[net][best])})`),
        )
      }),
    )
  }

  /** @returns whether it could be done; else it says why not */
  function take(change: () => OwnData): boolean {
    problem.hidden = true
    try {
      bench.own = change()
    } catch (error) {
      complain(error)
      return false
    }
    draw()
    return true
  }

  function complain(error: unknown, file = ''): void {
    const text = error instanceof OwnDataError ? t(`own.error.${error.key}`, error.values) : t('own.error.file')
    problem.textContent = file ? `${file}: ${text}` : text
    problem.hidden = false
  }

  async function takeFiles(files: readonly File[]): Promise<void> {
    const found: { name: string; pixels: Float32Array }[] = []
    for (const file of files) {
      try {
        if (/\.(csv|tsv|txt)$/i.test(file.name)) found.push(...readTable(await file.text()))
        else {
          const named = classOf(file.webkitRelativePath || file.name)
          found.push({ name: named || mine.name || '?', pixels: await pixelsOf(file) })
        }
      } catch (error) {
        return complain(error, file.name)
      }
    }
    take(() => withPictures(bench.own, found))
  }

  function draw(): void {
    const { classes, pictures } = bench.own
    const row = (name: string, label: number) => {
      const ofClass = pictures.filter(picture => picture.label === label)
      const strip = canvas(9 * shown, 9, t('own.pictures', { name, pictures: ofClass.length }))
      drawRow(
        strip,
        ofClass.slice(-shown).map(({ pixels }) => pixels),
        shown,
      )
      return h(
        'div',
        { class: 'class' },
        h('h3', {}, name, h('span', { class: 'note' }, ` ${ofClass.length}`)),
        strip,
        button(t('own.remove'), () => take(() => withoutClass(bench.own, label)), {
          'aria-label': t('own.remove.what', { name }),
        }),
      )
    }
    list.replaceChildren(...classes.map(row))
    const counts = classes.map((_, label) => pictures.filter(picture => picture.label === label).length)
    const tests = counts.reduce((sum, n) => sum + Array.from({ length: n }, (_, i) => i).filter(isForTest).length, 0)
    learn.disabled = !bench.canLearnOwn
    said.textContent = t(bench.canLearnOwn ? 'own.ready' : 'own.missing', {
      pictures: pictures.length,
      classes: classes.length,
      train: pictures.length - tests,
      tests,
    })
    removeAll.disabled = pictures.length === 0
  }
  const removeAll = button(t('own.remove.all'), () => take(() => nothingOwn))

  const drop = h(
    'div',
    { class: 'drop' },
    fileButton(t('own.choose'), 'image/*,.csv,.tsv,.txt', takeFiles),
    h('p', { class: 'note' }, t('own.formats')),
  )
  const element = h(
    'div',
    { class: 'own' },
    h(
      'div',
      { class: 'drawing' },
      h(
        'div',
        { class: 'column' },
        h('div', { class: 'field' }, h('label', { for: name.id }, t('own.class')), name),
        pad.element,
        h('div', { class: 'actions' }, add, button(t('draw.clear'), clear)),
        answers,
        h('figure', { class: 'beside' }, preview, h('figcaption', {}, t('draw.preview'))),
      ),
      h('div', {}, drop, problem, said, h('div', { class: 'actions' }, learn, removeAll), list),
    ),
  )
  takesDrops(element, takeFiles)
  draw()
  look()
  return {
    element,
    close() {
      isClosed = true
    },
  }
}
