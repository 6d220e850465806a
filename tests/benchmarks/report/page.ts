// docs/benchmarks.md, of the numbers of one run and nothing else.

import type { Goal } from '../cases.ts'
import type { CaseResult, Results } from '../results.ts'
import { axes } from '../sweep.ts'
import { bars, growth } from './charts.ts'
import { markdownTable } from './format.ts'
import {
  caseTable,
  directionTable,
  excuses,
  goalTable,
  importTable,
  limitTable,
  quantityName,
  stepTable,
  type Table,
} from './rows.ts'

export interface Page {
  readonly markdown: string
  /** Charts by file name, to lie in docs/images/. */
  readonly charts: Readonly<Record<string, string>>
}

export function page(results: Results, goals: readonly Goal[]): Page {
  const charts: Record<string, string> = {}
  const picture = (name: string, alt: string, svg: string | null): string[] => {
    if (svg === null) return []
    charts[`${name}.svg`] = svg
    return [`![${alt}](images/${name}.svg)`, '']
  }
  const lines = [
    '# Benchmarks',
    '',
    'How fast the locally connected layer is, beside what else one could take. This page is made by the benchmark;',
    'it is not edited by hand.',
    '',
    ...machineLines(results),
    '',
    ...howMeasured,
    '',
    ...section('## Goals', goalTable(results, goals), goalIntroduction),
    ...results.cases.flatMap(result => caseLines(result, picture)),
    ...sweepLines(results, picture),
    ...section('## Distance to what the machine can do', limitTable(results), limitIntroduction(results)),
    ...section('## Steps of training', stepTable(results), [
      'The limit of a step is its arithmetic at the speed above, and then the bytes that the update of the weights must move.',
      'The last column is a step of `trainOnBatch` on arrays over one of `fit`.',
    ]),
    ...section('## Backward beside forward', directionTable(results), [
      'Backward computes twice as much: the gradients of kernel and input.',
    ]),
    ...section('## Import', importTable(results), [
      'From the start of the import to its end, in a fresh process for every case.',
    ]),
  ]
  return { markdown: `${lines.join('\n').trimEnd()}\n`, charts }
}

type Picture = (name: string, alt: string, svg: string | null) => string[]

function machineLines({ date, command, machine, threads, engine, rounds, cases, sweep }: Results): string[] {
  const versions = [...cases, ...sweep].flatMap(({ entries }) => entries.map(({ version }) => version))
  const notes = [...new Set(cases.flatMap(({ entries }) => entries.flatMap(({ note }) => note ?? [])))]
  return [
    `- **Machine**: ${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 1e9).toFixed(0)} GB, ${machine.system}; Node ${machine.node}`,
    `- **Contenders**: ${[...new Set(versions.filter(version => version !== ''))].join('; ')}`,
    `- **Run**: ${date.slice(0, 10)}, \`${command}\`: ${threads} ${threads === 1 ? 'thread' : 'threads'} for everyone, ${rounds} rounds, engine of ours: ${engine}`,
    ...(notes.length > 0 ? [`- **They say**: ${notes.join('; ')}`] : []),
  ]
}

const howMeasured = [
  'Every contender is a process of its own. They get the same weights and inputs, and one whose results differ by more',
  'than float32 rounding is left out as an error. Then they take turns, round after round, so that whatever else the',
  'machine does meets all of them. Times are medians in milliseconds, the least in brackets. *Forward*: the input is',
  'where the contender keeps it. *Backward*: the gradients of kernel, bias and input, where that can be timed by itself.',
  "*Step*: forward, these gradients, and SGD's update. *Array to array*: forward from an array of the host to another.",
  '*An epoch*: of `fit`, shuffled. *A step on a batch*: `trainOnBatch` with arrays of the host, or what is like it.',
  '*One sample*: the prediction of one, from an array of the host to another.',
  '*First output*: from nothing, weights initialized and everything compiled. *Memory*: what the process holds after',
  'the runs, less what it had after its import. *Difference*: from the first contender, relative to the largest number.',
  '`/1`, `/2`, `/3` are implementations of the layer; JAX runs `conv_general_dilated_local`, PyTorch `unfold` and',
  '`baddbmm`, TensorFlow.js slices and a batched `matMul`. JAX trains with a compiled step on data that stay on the',
  'device, PyTorch with fused optimizers.',
]

const goalIntroduction = [
  "Ratio: the best peer's time over ours, by medians. More is better; above 1 we are faster. *By least times*: the same of",
  'the least times, which the other work of a shared machine disturbs least. *At the limit*: the ratio if we were as fast',
  'as this machine can compute and move memory, with all threads (below); a goal above it is out of reach.',
]

function limitIntroduction({ limits, threads }: Results): string[] {
  if (!limits) return []
  const gigaflops = (limits.operationsPerSecond / 1e9).toFixed(1)
  const gigabytes = (limits.bytesPerSecond / 1e9).toFixed(1)
  return [
    `A loop of WebAssembly SIMD multiplications and additions that never leaves the registers does ${gigaflops} GFLOP/s here on`,
    `${threads} ${threads === 1 ? 'thread' : 'threads'}; copying large arrays moves ${gigabytes} GB/s (read and written). The slower of the two is the limit of a`,
    'case; one whose numbers stay in a cache can be past it.',
  ]
}

function section(heading: string, { header, rows }: Table, introduction: readonly string[]): string[] {
  if (rows.length === 0) return []
  return [heading, '', ...introduction, '', ...markdownTable(header, rows), '']
}

function caseLines(result: CaseResult, picture: Picture): string[] {
  const { case: given } = result
  const { header, rows } = caseTable(result)
  const quantities =
    given.kind === 'layer' ? (['forward', 'step'] as const) : given.kind === 'fit' ? (['fit'] as const) : []
  const pictures = quantities.flatMap(quantity => {
    const title = quantityName(quantity)
    return picture(`benchmark-${given.id}-${quantity}`, `${given.title}: ${title}`, bars(result, quantity, title))
  })
  const left = excuses(result)
  return [
    `## ${given.title}`,
    '',
    ...pictures,
    ...(rows.length > 0 ? [...markdownTable(header, rows), ''] : []),
    ...(left.length > 0 ? [`Not measured: ${left.join('; ')}.`, ''] : []),
  ]
}

function sweepLines({ sweep }: Results, picture: Picture): string[] {
  if (sweep.length === 0) return []
  const pictures = axes.flatMap(({ name }) =>
    (['forward', 'step'] as const).flatMap(quantity =>
      picture(`benchmark-${name}-${quantity}`, `${quantity} by ${name}`, growth(sweep, name, quantity)),
    ),
  )
  const introduction =
    'Around 16×16×8 → 14×14×16, 3×3, batch 16: one size changes at a time. Both axes are logarithmic, so a cost in proportion is a straight line of slope one.'
  return ['## How the cost grows', '', introduction, '', ...pictures]
}
