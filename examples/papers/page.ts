// The page of the results, which the command writes: what stands on it comes from the runs, and from the experiments'
// own texts.

import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, posix, relative } from 'node:path'
import { bibliography, type Key, type Work } from './bibliography.ts'
import { draw, themes } from './charts.ts'
import type { Run, Size } from './experiment.ts'
import { experiments } from './experiments.ts'
import { claimTable, comesOut, findingsOf, markdownTable, timeAndSeeds } from './report.ts'
import type { Finished } from './runner.ts'

export interface ExperimentResults {
  readonly name: string
  readonly runs: readonly Run[]
}

/** The results of a command, as its file keeps them. */
export interface PageResults {
  readonly size: Size
  readonly experiments: readonly ExperimentResults[]
}

export const resultsOf = ({ experiment, runs }: Finished): ExperimentResults => ({
  name: experiment.name,
  runs: runs.map(run => ({ ...run, seconds: Math.round(100 * run.seconds) / 100 })),
})

export interface Page {
  readonly markdown: string
  /** The figures by file name, each for light and dark pages. */
  readonly figures: Readonly<Record<string, string>>
}

/** @param images the folder of the figures, as the page names it */
export function page({ size, experiments: results }: PageResults, images: string): Page {
  const figures: Record<string, string> = {}
  const sections = results.flatMap(({ name, runs }) => {
    const experiment = experiments.find(one => one.name === name)
    if (!experiment) throw new Error(`results of an unknown experiment, ${name}`)
    return sectionOf({ experiment, plan: experiment.plan(size), runs }, images, figures)
  })
  return { markdown: `${[...introduction(size), ...sections, ...literature()].join('\n').trimEnd()}\n`, figures }
}

const introduction = (size: Size) => [
  '# What the field found, and what comes out here',
  '',
  'Papers about locally connected nets make claims; this page has those that fit on two cores, repeated with this library.',
  'It is written by `npm run papers -- --all` and not edited by hand. `npm run papers` runs the shorter experiments',
  'and shows the same tables. Each experiment is a file of [examples/papers](../examples/papers) to read',
  'and change; results are the same on every machine, to the last bit.',
  ...(size === 'full'
    ? []
    : ['', '**This is a trial run, with fewer seeds and less training than the experiments need.**']),
  '',
  'Every model of an experiment is trained with the same seeds, so differences are paired. *p* is of a one-sided paired t',
  'test, after Holm’s correction for all tests of the experiment; a claim with a p value comes out if it is below 0.01 and',
  'the mean difference has the size claimed. Intervals are of 95 %. Settings were fixed on other seeds than those shown. A',
  'claim that does not come out is listed as such.',
  '',
]

function sectionOf(finished: Finished, images: string, figures: Record<string, string>): string[] {
  const { experiment } = finished
  const { name, title, question, differences, references } = experiment
  const { answer, tables, claims, figures: drawn } = findingsOf(finished)
  const pictures = drawn.flatMap((figure, i) => {
    const file = (theme: string) => `papers-${name}${drawn.length > 1 ? `-${i + 1}` : ''}-${theme}.svg`
    for (const theme of themes) figures[file(theme)] = draw(figure, theme)
    const path = (theme: string) => posix.join(images, file(theme))
    return [
      '<picture>',
      `<source media="(prefers-color-scheme: dark)" srcset="${path('dark')}">`,
      `<img alt="${figure.label}" src="${path('light')}">`,
      '</picture>',
      '',
    ]
  })
  return [
    `## ${title}`,
    '',
    `${question} ${references.map(cite).join('; ')}.`,
    '',
    `**${comesOut(claims)} claims come out.** ${answer}`,
    '',
    ...tables.flatMap(markdownTable),
    ...pictures,
    ...markdownTable(claimTable(claims)),
    'What differs from the paper:',
    '',
    ...differences.map(difference => `- ${difference}`),
    '',
    `Program: [${name}.ts](../examples/papers/${name}.ts). ${timeAndSeeds(finished)}.`,
    '',
  ]
}

const shortAuthors = ({ authors }: Work) => {
  const names = authors.split(/, (?=\p{L}[^,.]*,)| and (?=\p{L}[^,.]*,)/u).map(author => author.split(',')[0])
  return names.length > 2 ? `${names[0]} et al.` : names.join(' and ')
}

const cite = (key: Key) => {
  const work: Work = bibliography[key]
  const name = `${shortAuthors(work)} ${work.year}`
  return work.url ? `[${name}](${work.url})` : name
}

function literature(): string[] {
  const works: Work[] = Object.values(bibliography)
  works.sort((a, b) => a.year - b.year || (a.authors < b.authors ? -1 : 1))
  return [
    '## Literature of the layer',
    '',
    'What each work found about local connections and weight sharing.',
    '',
    ...works.map(({ authors, year, title, venue, url, found }) => {
      const dot = /[.?!]$/.test(title) ? '' : '.'
      return `- ${authors} (${year}). ${url ? `[${title}](${url})` : title}${dot} *${venue}*. ${found}`
    }),
  ]
}

/** Writes the page and its figures, and removes figures of earlier runs. @returns the path of the page */
export function writePage(results: PageResults, path: string, images: string): string {
  const { markdown, figures } = page(results, relative(dirname(path), images).replaceAll('\\', '/'))
  mkdirSync(images, { recursive: true })
  for (const file of readdirSync(images)) if (/^papers-.*\.svg$/.test(file)) rmSync(join(images, file))
  for (const [file, svg] of Object.entries(figures)) writeFileSync(join(images, file), svg)
  writeFileSync(path, markdown)
  return path
}
