// The report on a training, as one page: the accuracy, the curves, the digits that fool the model, and what it learned.

import { writeFileSync } from 'node:fs'
import { type History, LocallyConnected2D, type Seed, type Sequential } from 'unshared'
import { lineChart } from './charts.ts'
import { learnedFilters } from './filters.ts'
import { confusion, type Reading, readings, type Test, worst } from './findings.ts'
import { type Html, html } from './html.ts'
import { details, page } from './page.ts'
import { digitPicture } from './pictures.ts'

export interface Result {
  readonly model: Sequential
  readonly history: History
  readonly test: Test
  /** Of the test digits, as `evaluate` measured it. */
  readonly accuracy: number
  readonly seed: Seed
  readonly seconds: number
  /** Where the playground is, seen from the report. */
  readonly playground?: string
  /** What a reader of the learning curves should know. */
  readonly remark?: string
}

/** Writes the report. @throws Error when the accuracy isn't that of the predictions */
export function writeReport(path: string, result: Result): void {
  const all = readings(result.test)
  const right = all.filter(({ truth, read }) => truth === read).length
  if (!(Math.abs(result.accuracy - right / all.length) < 1e-4))
    throw new Error(`accuracy: expected ${right} of ${all.length}, received ${result.accuracy}`)
  const sections = [
    headline(result, all, right),
    learningCurves(result),
    confusionMatrix(all, result.test.predictions.shape[1]),
    worstMistakes(result.test, all),
    learnedFilters(result.model),
    modelSummary(result.model),
    runAgain(result),
  ]
  writeFileSync(path, page(`${percent(right / all.length)} of the test digits read correctly`, sections))
}

function headline({ model, history, test, seed, seconds }: Result, all: readonly Reading[], right: number): Html {
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
${several(epochs, 'epoch')}, and then named ${count(right)} of ${count(all.length)} new digits correctly. Guessing would
get one in ${sample} right.</p>
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

function learningCurves({ history: { history }, remark = '' }: Result): Html {
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
  const lowest = Math.floor(Math.min(...accuracies.filter(Number.isFinite), 0.8) * 5) / 5 // the axis has a line every 20 %
  return html`<section>
<h2>How it learned</h2>
<p>After each pass over the training digits (an epoch), the network was tested; it did not learn from the test. The loss
is high where it found the right answers improbable: lower is better. ${remark}</p>
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
    return html`<td class="wrong" style="--share: ${(0.15 + (0.4 * n) / most.n).toFixed(2)}">${n}</td>`
  }
  const digits = counts.map((_, digit) => html`<th scope="col">${digit}</th>`)
  const rows = counts.map(
    (row, truth) => html`\n<tr><th scope="row">${truth}</th>${row.map((n, read) => cell(n, read === truth))}</tr>`,
  )
  return html`<section>
<h2>What was read as what</h2>
<p>Each row is a digit as it was meant, each column what the network read. Blue cells on the diagonal are right; orange
cells are mistakes: the more there are, the stronger the colour. ${mostFrequent(errors)}</p>
<figure><table class="confusion"><caption>Test digits by meaning (rows ↓) and reading (columns →)</caption>
<thead><tr><td></td>${digits}</tr></thead><tbody>${rows}</tbody></table></figure>
</section>`
}

/** Which mistake was made most often, in words. */
function mostFrequent(errors: readonly { truth: number; read: number; n: number }[]): string {
  const most = Math.max(...errors.map(({ n }) => n))
  if (most === 0) return 'There are no mistakes.'
  if (most === 1) return 'No mistake was made twice.'
  const pairs = errors.filter(({ n }) => n === most).map(({ truth, read }) => `${truth} read as ${read}`)
  const often = most === 2 ? 'twice' : `${most} times`
  if (pairs.length === 1) return `The most frequent mistake: ${pairs[0]}, ${often}.`
  return `The most frequent mistakes: ${pairs.slice(0, -1).join(', ')} and ${pairs.at(-1)}, ${often} each.`
}

const shown = 12

function worstMistakes({ images }: Test, all: readonly Reading[]): Html {
  const mistakes = worst(all)
  const intro =
    mistakes.length === 0
      ? 'There are none: every test digit was read correctly.'
      : `${mistakes.length > shown ? `The ${shown} of ${count(mistakes.length)} mistakes` : `All ${several(mistakes.length, 'mistake')}`} in the order of their loss: first those where the network gave the true digit the lowest probability.`
  return html`<section>
<h2>The worst mistakes</h2>
<p>${intro}</p>
<ol class="mistakes">${mistakes.slice(0, shown).map(
    ({ index, truth, read, pRead, pTruth }) => html`
<li>${digitPicture(images, index, `A ${truth} that was read as ${read}`)}
<p><strong>${truth}, read as ${read}</strong> ${chance(pRead)} for ${read}<br>${chance(pTruth)} for ${truth}</p></li>`,
  )}</ol>
</section>`
}

// ---- What it is -----------------------------------------------------------------------------------------------------

function modelSummary(model: Sequential): Html {
  const lines: string[] = []
  model.summary({ lineLength: 100, print: line => lines.push(line) })
  return html`<section>
<h2>The model</h2>
<p>Its layers in order, the shape of each layer's output, and how many numbers it learns.</p>
<pre role="region" tabindex="0" aria-label="Table of the model's layers">${lines.join('\n')}</pre>
</section>`
}

// ---- Once more ------------------------------------------------------------------------------------------------------

function runAgain({ history, seed, playground }: Result): Html {
  const more =
    playground === undefined
      ? ''
      : html`
<p><a href="${playground}">The playground</a> shows a dense, a locally connected and a convolutional network learning side by side, in your browser.</p>`
  return html`<section>
<h2>Run it again</h2>
<p>The same seed gives the same weights to the last bit, and so the same readings. Another seed gives another run.</p>
<pre><code>npm start -- --seed ${shellWord(String(seed))} --epochs ${history.epoch.length}</code></pre>${more}
</section>`
}

const shellWord = (text: string) => (/^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

const count = (n: number) => n.toLocaleString('en')
const several = (n: number, noun: string) => `${count(n)} ${noun}${n === 1 ? '' : 's'}`
const percent = (share: number) => `${(100 * share).toFixed(2)}%`
const chance = (p: number) => (p < 0.001 ? '< 0.1%' : `${(100 * p).toFixed(1)}%`)
const duration = (seconds: number) =>
  seconds < 90 ? `${seconds.toFixed(0)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
