// The interface of experiments: a file of this folder exports one, and the function `train`, which runs for every model
// and every seed.

import type { Key } from './bibliography.ts'
import type { Claim } from './statistics.ts'

/** 'full': as published on the page. 'quick': whether it works. 'mini': for the tests, in seconds. */
export type Size = 'full' | 'quick' | 'mini'

/** The numbers that `train` returns, by name: the same on every machine. */
export type Numbers = Readonly<Record<string, number | readonly number[]>>

/** The runs of an experiment: every model with every seed. */
export interface Plan<S = unknown> {
  readonly models: readonly string[]
  /** The same for all models, so that differences are paired. */
  readonly seeds: readonly number[]
  readonly settings: S
}

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  /** The heading of the table: one line. */
  readonly caption: string
}

export interface Series {
  readonly name: string
  /** `low` and `high` are the ends of the interval. */
  readonly points: readonly {
    readonly x: string | number
    readonly y: number
    readonly low?: number
    readonly high?: number
  }[]
  /** Numbers of a paper: hollow, in the colour of our series with the same place among ours. */
  readonly isPaper?: boolean
}

export interface Chart {
  readonly kind: 'chart'
  readonly label: string
  /** Names at the x axis; or the type of a numeric one. */
  readonly x: { readonly name: string; readonly type: 'category' | 'log' | 'value'; readonly base?: number }
  readonly y: { readonly name: string; readonly type?: 'log' | 'value'; readonly min?: number; readonly max?: number }
  readonly series: readonly Series[]
}

/** Grey pictures beside each other, each with a title. */
export interface Pictures {
  readonly kind: 'pictures'
  readonly label: string
  readonly pictures: readonly {
    readonly title: string
    /** Row after row, from 0 to 1. */
    readonly pixels: readonly number[]
    readonly width: number
    /** Lines are drawn after every so many pixels. */
    readonly cell: number
  }[]
}

export type Figure = Chart | Pictures

/** The evaluation of all runs. */
export interface Findings {
  /** The answer, in sentences with the numbers of these runs. */
  readonly answer: string
  readonly tables: readonly Table[]
  readonly claims: readonly Claim[]
  readonly figures: readonly Figure[]
}

export interface Experiment<S = unknown> {
  /** The name of its file. */
  readonly name: string
  readonly title: string
  /** The question, the data and the nets: one paragraph. */
  readonly question: string
  /** The differences from the paper, each a sentence or two. */
  readonly differences: readonly string[]
  /** Keys of the bibliography. */
  readonly references: readonly Key[]
  /** Whether it runs without `--all`. */
  readonly isDefault: boolean
  /** Whether it reads MNIST. */
  readonly needsMnist?: boolean
  /** About how long one run of the full size takes, in seconds: for the progress bar. */
  readonly seconds: number
  plan(size: Size): Plan<S>
  findings(results: Results, plan: Plan<S>): Findings
}

/** One run: a model trained with a seed. */
export interface Run {
  readonly model: string
  readonly seed: number
  readonly numbers: Numbers
  /** The time on one core. */
  readonly seconds: number
}

/** The runs of an experiment, by model and seed. */
export class Results {
  readonly #runs: ReadonlyMap<string, Run>
  readonly seeds: readonly number[]

  constructor(runs: readonly Run[]) {
    this.#runs = new Map(runs.map(run => [`${run.model}/${run.seed}`, run]))
    this.seeds = [...new Set(runs.map(({ seed }) => seed))]
  }

  /** A number of one model, for each seed. @throws Error for one that was not measured */
  of(model: string, name: string): number[] {
    return this.seeds.map(seed => {
      const value = this.#runs.get(`${model}/${seed}`)?.numbers[name]
      if (typeof value !== 'number') throw new Error(`${model}, seed ${seed}: no number ${name}`)
      return value
    })
  }

  /** A list of numbers of one model, for each seed. @throws Error for one that was not measured */
  lists(model: string, name: string): (readonly number[])[] {
    return this.seeds.map(seed => {
      const value = this.#runs.get(`${model}/${seed}`)?.numbers[name]
      if (!Array.isArray(value)) throw new Error(`${model}, seed ${seed}: no list ${name}`)
      return value
    })
  }

  /** A list of numbers of one model with the first seed. */
  listOf(model: string, name: string): readonly number[] {
    const value = this.#runs.get(`${model}/${this.seeds[0]}`)?.numbers[name]
    if (!Array.isArray(value)) throw new Error(`${model}: no list ${name}`)
    return value
  }
}

/** `count` seeds, from `first` on. */
export const seedsFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
