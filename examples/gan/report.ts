// The report of a training as one page: generated digits by epoch, and both losses.

import { writeFileSync } from 'node:fs'
import type { Sequential, Tensor } from 'unshared'
import { lineChart } from '../digits/charts.ts'
import { type Html, html } from '../digits/html.ts'
import { page } from '../digits/page.ts'
import { digitPicture } from '../digits/pictures.ts'

/** Digits generated from the same noise after `epoch` epochs. */
export interface Stage {
  readonly epoch: number
  /** `[n, 8, 8, 1]`, from 0 (paper) to 1 (ink). */
  readonly images: Tensor
}

export interface Result {
  readonly gan: Sequential
  /** The real digits. */
  readonly images: Tensor
  readonly stages: readonly Stage[]
  /** By epoch, the means of its steps. */
  readonly losses: { readonly critic: readonly number[]; readonly generator: readonly number[] }
  readonly seed: string
  readonly seconds: number
}

export function writeReport(path: string, result: Result): void {
  writeFileSync(path, page('Digits made from noise', [headline(result), pictures(result), curves(result)]))
}

function headline({ gan, images, losses, seed, seconds }: Result): Html {
  const facts: [string, string | number][] = [
    ['Real digits', images.shape[0].toLocaleString('en')],
    ...gan.layers.map((model): [string, string] => [
      `Weights, ${model.name}`,
      model.countParams().toLocaleString('en'),
    ]),
    ['Epochs', losses.critic.length],
    ['Time', `${seconds.toFixed(0)} s`],
    ['Seed', seed],
  ]
  return html`<header>
<p class="eyebrow">unshared · two networks against each other</p>
<h1>Digits made from noise</h1>
<p class="lead">A generator makes pictures from random numbers. A critic learns to tell them from real digits, and the
generator learns what the critic takes for real. It never sees a real digit itself. Both have locally connected layers.</p>
<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
</header>`
}

function pictures({ images, stages }: Result): Html {
  const row = (pictures: Tensor, title: string) => html`<figure><h3>${title}</h3><div class="sample">
${Array.from({ length: stages[0].images.shape[0] }, (_, i) => digitPicture(pictures, i, `${title}: picture ${i + 1}`))}
</div></figure>`
  return html`<section>
<h2>What the generator made</h2>
<p>Each place shows what became of the same noise. In the last rows, the first real digits.</p>
${stages.map(({ epoch, images }) => row(images, epoch === 0 ? 'Before training' : `After epoch ${epoch}`))}
${row(images, 'Real digits')}
</section>`
}

function curves({ losses: { critic, generator } }: Result): Html {
  const end = (values: readonly number[]) => values[values.length - 1].toFixed(3)
  const ends = `critic ${end(critic)}, generator ${end(generator)}`
  const lines = [
    { color: 'var(--soft)', width: 1.5, values: critic },
    { color: 'var(--accent)', width: 2.5, values: generator },
  ]
  const label = `Line chart: the losses of critic and generator by epoch. At the end ${ends}.`
  return html`<section>
<h2>Neither wins</h2>
<p>Each loss is the mean crossentropy of an epoch. When the critic can only guess, both losses are log 2 ≈ 0.693. The
better it tells the pictures apart, the lower its loss and the higher the generator's.</p>
<ul class="key"><li style="--c: var(--soft); --w: 1.5px">critic</li><li style="--c: var(--accent); --w: 3px">generator</li></ul>
<div class="charts" style="max-width: 32rem"><figure>${lineChart(lines, { label, from: 0, format: value => value.toFixed(1) })}
<figcaption>At the end: ${ends}.</figcaption></figure></div>
</section>`
}
