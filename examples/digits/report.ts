// What the training gave, as one page to read: how well, how it went, which digits fool the model, what it learned.

import { writeFileSync } from 'node:fs'
import { type History, LocallyConnected2D, type Seed, type Sequential } from 'unshared'
import { lineChart } from './charts.ts'
import { confusion, kernelSpread, type Reading, readings, type Test, weightAt, worst } from './findings.ts'
import { type Content, type Html, html } from './html.ts'
import { page } from './page.ts'
import { digitPicture, filterMosaic } from './pictures.ts'

export interface Result {
  readonly model: Sequential
  readonly history: History
  readonly test: Test
  /** Of the test digits, as `evaluate` measured it. */
  readonly accuracy: number
  readonly seed: Seed
  readonly seconds: number
}

/** Writes the report. @throws Error when the accuracy isn't that of the predictions */
export function writeReport(path: string, result: Result): void {
  const all = readings(result.test)
  const right = all.filter(({ truth, read }) => truth === read).length
  if (!(Math.abs(result.accuracy - right / all.length) < 1e-4))
    throw new Error(`accuracy: expected ${right} of ${all.length}, received ${result.accuracy}`)
  const sections = [
    headline(result, all, right),
    learningCurves(result.history),
    confusionMatrix(all, result.test.predictions.shape[1]),
    worstMistakes(result.test, all),
    ...learnedFilters(result.model),
    modelSummary(result.model),
    runAgain(result),
  ]
  writeFileSync(path, page(`${percent(right / all.length)} of the test digits read correctly`, sections))
}

function headline(
  { model, history, test, seed, seconds }: Result,
  all: readonly Reading[],
  right: number,
): Html {
  const local = model.layers.filter(layer => layer instanceof LocallyConnected2D).length
  const epochs = history.epoch.length
  const sample = test.predictions.shape[1]
  const firsts = Array.from({ length: sample }, (_, digit) => all.find(({ truth }) => truth === digit))
  const facts: [string, string | number][] = [
    ['Test digits', count(all.length)],
    ['Mistakes', count(all.length - right)],
    ['Weights', count(model.countParams())],
    ['Epochs', count(epochs)],
    ['Time', duration(seconds)],
    ['Seed', seed],
  ]
  return html`<header>
<p class="eyebrow">unshared · handwritten digits</p>
<h1><strong>${percent(right / all.length)}</strong> of the test digits read correctly</h1>
<p class="lead">A network with ${several(local, 'locally connected layer')} learned to read handwritten digits in
${several(epochs, 'epoch')}, and then named ${count(right)} of ${count(all.length)} digits it had not learned from.
Guessing would get one in ${sample}.</p>
<figure>
<div class="sample">${firsts.flatMap(first =>
    first ? digitPicture(test.images, first.index, `A handwritten ${first.truth}`) : [],
  )}</div>
<figcaption>All that the network sees: ${test.images.shape[1]} × ${test.images.shape[2]} pixels. The first test digit of each kind.</figcaption>
</figure>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`
}

// ---- How it went --------------------------------------------------------------------------------------------------

function learningCurves({ history }: History): Html {
  const chart = (name: string, title: string, from: number, format: (value: number) => string): Html => {
    const training = history[name] ?? []
    const test = history[`val_${name}`] ?? []
    const lines = [
      { color: 'var(--soft)', width: 1.5, values: training },
      { color: 'var(--accent)', width: 2.5, values: test },
    ]
    const ends = [
      ...(training.length > 0 ? [`${format(training.at(-1) as number)} in training`] : []),
      ...(test.length > 0 ? [`${format(test.at(-1) as number)} on test digits`] : []),
    ].join(', ')
    const label = `Line chart: ${name} by epoch. At the end ${ends}.`
    const short = (value: number) => format(value).replace(/\.?0+(%?)$/, '$1')
    return html`<figure><h3>${title}</h3>
${lineChart(
  lines.filter(({ values }) => values.length > 0),
  { label, from, format: short },
)}
<figcaption>At the end: ${ends}.</figcaption></figure>`
  }
  const accuracies = [...(history.accuracy ?? []), ...(history.val_accuracy ?? [])]
  const lowest = Math.floor(Math.min(...accuracies.filter(Number.isFinite), 0.9) * 10) / 10
  return html`<section>
<h2>How it learned</h2>
<p>After every pass over the training digits (an epoch) the network was tested, without learning from the test. The
loss says how surprised it was by the right answers: lower is better.</p>
<ul class="key"><li style="--c: var(--soft); --w: 1.5px">training</li><li style="--c: var(--accent); --w: 3px">test</li></ul>
<div class="charts">
${chart('loss', 'Loss', 0, value => value.toFixed(3))}
${accuracies.length > 0 ? chart('accuracy', 'Accuracy', lowest, percent) : ''}
</div>
${epochTable(history)}
</section>`
}

const columnNames: Record<string, string> = {
  loss: 'training loss',
  accuracy: 'training accuracy',
  val_loss: 'test loss',
  val_accuracy: 'test accuracy',
}

function epochTable(history: History['history']): Html {
  const names = Object.keys(columnNames).filter(name => history[name])
  const rows = history.loss.map(
    (_, epoch) =>
      html`\n<tr><th scope="row">${epoch + 1}</th>${names.map(name => html`<td>${history[name][epoch].toFixed(4)}</td>`)}</tr>`,
  )
  const head = names.map(name => html`<th scope="col">${columnNames[name]}</th>`)
  return details(
    'The numbers of every epoch',
    html`<table><caption>Loss and accuracy by epoch</caption>
<thead><tr><th scope="col">epoch</th>${head}</tr></thead><tbody>${rows}</tbody></table>`,
  )
}

// ---- What it gets wrong ---------------------------------------------------------------------------------------------

function confusionMatrix(all: readonly Reading[], classes: number): Html {
  const counts = confusion(all, classes)
  const errors = counts.flatMap((row, truth) =>
    row.map((n, read) => ({ truth, read, n })).filter(({ read }) => read !== truth),
  )
  const most = errors.reduce((a, b) => (b.n > a.n ? b : a))
  const cell = (n: number, isRight: boolean) => {
    if (isRight) return html`<td class="right">${n}</td>`
    if (n === 0) return html`<td class="none">0</td>`
    return html`<td class="wrong" style="--share: ${(0.2 + (0.45 * n) / most.n).toFixed(2)}">${n}</td>`
  }
  const digits = counts.map((_, digit) => html`<th scope="col">${digit}</th>`)
  const rows = counts.map(
    (row, truth) =>
      html`\n<tr><th scope="row">${truth}</th>${row.map((n, read) => cell(n, read === truth))}</tr>`,
  )
  const remark =
    most.n === 0
      ? 'There are no mistakes.'
      : `The most frequent mistake: ${most.truth} read as ${most.read}, ${most.n === 1 ? 'once' : `${most.n} times`}${errors.filter(({ n }) => n === most.n).length > 1 ? ' (and others as often)' : ''}.`
  return html`<section>
<h2>What was read as what</h2>
<p>Each row is a digit as it was meant, each column what the network read. Blue cells on the diagonal are right; orange
cells are mistakes, the stronger the more. ${remark}</p>
<figure><table class="confusion"><caption>Test digits by meaning (rows ↓) and reading (columns →)</caption>
<thead><tr><td></td>${digits}</tr></thead><tbody>${rows}</tbody></table></figure>
</section>`
}

const shown = 12

function worstMistakes({ images }: Test, all: readonly Reading[]): Html {
  const mistakes = worst(all)
  const intro =
    mistakes.length === 0
      ? 'There are none: every test digit was read correctly.'
      : `${mistakes.length > shown ? `The ${shown} of ${count(mistakes.length)} mistakes` : `All ${several(mistakes.length, 'mistake')}`} with the highest loss first: here the network was surest of something else. Some would puzzle a person too.`
  return html`<section>
<h2>The worst mistakes</h2>
<p>${intro}</p>
<ol class="mistakes">${mistakes.slice(0, shown).map(
    ({ index, truth, read, pRead, pTruth }) => html`
<li>${digitPicture(images, index, `A ${truth} that was read as ${read}`)}
<p><strong>${truth}, read as ${read}</strong> ${read}: ${chance(pRead)}<br>${truth}: ${chance(pTruth)}</p></li>`,
  )}</ol>
</section>`
}

// ---- What it learned ------------------------------------------------------------------------------------------------

const mosaics = 4

/** Nothing if there is no locally connected layer whose kernel is stored place by place. */
function learnedFilters(model: Sequential): Html[] {
  const layer = model.layers.find(l => l instanceof LocallyConnected2D && l.implementation === 1)
  if (!(layer instanceof LocallyConnected2D)) return []
  const { OH, OW, KH, KW, C, F } = layer.geometry
  const filters = Array.from({ length: Math.min(mosaics, F) }, (_, f) => f)
  const weight = weightAt(layer)
  const limit = Math.max(
    ...filters.flatMap(f => windows(OH, OW, KH, KW, (...at) => Math.abs(weight(...at, f)))),
    Number.MIN_VALUE,
  )
  const { distance, length } = kernelSpread(layer)
  const section = html`<section>
<h2>A filter for every place</h2>
<p>The first layer looks at the picture through ${OH} × ${OW} windows of ${KH} × ${KW} pixels. Every tile below is what one window
looks for, drawn where the window is. A convolution would show the same tile everywhere; this layer shares nothing, so
every place has a filter of its own.</p>
<div class="mosaics">${filters.map(
    f => html`
<figure>${filterMosaic(layer, f, limit, `Filter ${f + 1}: ${OH} by ${OW} tiles of ${KH} by ${KW} weights`)}
<figcaption>Filter ${f + 1} of ${F}${C > 1 ? ', first channel' : ''}</figcaption></figure>`,
  )}</div>
<div class="scale"><i></i><ol>
<li><b>−${limit.toFixed(2)}</b> ink here speaks against</li><li><b>0</b></li><li><b>+${limit.toFixed(2)}</b> ink here speaks for</li>
</ol></div>
<p class="measure">Neighbouring kernels are <strong>${distance.toFixed(2)}</strong> apart on average, and a kernel is ${length.toFixed(2)} long
(Euclidean; all ${F} filters). In a convolution the distance is 0.</p>
${details(
  'The weights in numbers',
  filters.map(f => weightTable(layer, f)),
)}
</section>`
  return [section]
}

function weightTable(layer: LocallyConnected2D, filter: number): Html {
  const { OH, OW, KH, KW } = layer.geometry
  const weight = weightAt(layer)
  const head = windows(1, 1, KH, KW, (_oh, _ow, kh, kw) => html`<th scope="col">${kh + 1}, ${kw + 1}</th>`)
  const rows = windows(OH, OW, 1, 1, (oh, ow) => {
    const cells = windows(1, 1, KH, KW, (_oh, _ow, kh, kw) => {
      return html`<td>${weight(oh, ow, kh, kw, filter).toFixed(3)}</td>`
    })
    return html`\n<tr><th scope="row">${oh + 1}, ${ow + 1}</th>${cells}</tr>`
  })
  return html`<table><caption>Filter ${filter + 1}: row, column of the place, and of the pixel in its window</caption>
<thead><tr><th scope="col">place</th>${head}</tr></thead><tbody>${rows}</tbody></table>`
}

/** Something for every place and every pixel of its window. */
function windows<T>(
  OH: number,
  OW: number,
  KH: number,
  KW: number,
  make: (oh: number, ow: number, kh: number, kw: number) => T,
): T[] {
  const made: T[] = []
  for (let oh = 0; oh < OH; oh++)
    for (let ow = 0; ow < OW; ow++)
      for (let kh = 0; kh < KH; kh++) for (let kw = 0; kw < KW; kw++) made.push(make(oh, ow, kh, kw))
  return made
}

function modelSummary(model: Sequential): Html {
  const lines: string[] = []
  model.summary({ print: line => lines.push(line) })
  return html`<section>
<h2>The model</h2>
<p>Its layers in order, the shape of what each gives, and how many numbers each learns.</p>
<pre role="img" tabindex="0" aria-label="Table of the model's layers">${lines.join('\n')}</pre>
</section>`
}

// ---- Once more ------------------------------------------------------------------------------------------------------

function runAgain({ history, seed }: Result): Html {
  return html`<section>
<h2>Run it again</h2>
<p>The same seed gives the same weights, and so this report, to the last bit; another seed gives another run.</p>
<pre><code>npm start -- --seed ${shellWord(String(seed))} --epochs ${history.epoch.length}</code></pre>
</section>
<footer>
<p class="note">Data: <a href="https://doi.org/10.24432/C50P49">Optical Recognition of Handwritten Digits</a>, E. Alpaydin and C. Kaynak,
UCI Machine Learning Repository, 1998, <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>; as carried by
<a href="https://scikit-learn.org/">scikit-learn</a> (BSD-3-Clause).</p>
</footer>`
}

const shellWord = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

const details = (title: string, content: Content): Html =>
  html`<details><summary>${title}</summary><div class="scroll" tabindex="0">${content}</div></details>`

const count = (n: number) => n.toLocaleString('en')
const several = (n: number, noun: string) => `${count(n)} ${noun}${n === 1 ? '' : 's'}`
const percent = (share: number) => `${(100 * share).toFixed(2)}%`
const chance = (p: number) => (p < 0.001 ? '< 0.1%' : `${(100 * p).toFixed(1)}%`)
const duration = (seconds: number) =>
  seconds < 90 ? `${seconds.toFixed(0)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
