// What takes long: each kind of run, what it is started with and what it finds.

import type { DataSet, Pictures } from './digits.ts'
import type { Measured } from './measured.ts'
import { firstWeights } from './nets.ts'
import { recipe, train1989 } from './nets-1989.ts'
import { netVoicesOf, placeRules, placeTask, voicesOf } from './place-rules.ts'
import { printed } from './printed-1989.ts'
import { Race, type RaceSettings } from './race.ts'
import type { Work } from './runs.ts'

/** The data that the worker has. */
export interface Given {
  readonly data: DataSet
  readonly forms: readonly Pictures[]
}

export interface PlaceResult {
  readonly epochs: number
  readonly history: readonly Measured[]
  /** 12 × 12 signs. */
  readonly rule: readonly number[]
  /** The local net's first kernel, as the library stores it. */
  readonly kernel: readonly number[]
  /** Pictures that no net has learned from. */
  readonly examples: readonly {
    readonly pixels: readonly number[]
    readonly isYes: boolean
    /** What each place says, by the rule and by the local net. */
    readonly rule: readonly number[]
    readonly net: readonly number[]
  }[]
}

export interface Result1989 {
  /** Of each run that is done: the shares of test pictures that the nets read. */
  readonly runs: readonly (readonly number[])[]
  /** The same of the run at work, as far as it is. */
  readonly now: { readonly found: readonly number[]; readonly epoch: number; readonly epochs: number } | null
}

export interface SeedsResult {
  readonly seeds: readonly number[]
  /** For each seed that was begun, what was measured after each epoch. */
  readonly runs: readonly (readonly Measured[])[]
}

const placeEpochs = 30

/** Every kind of long run by its name. */
export const kinds = {
  async place({ seed }: { readonly seed: number }, { tell, turn }: Work<PlaceResult>): Promise<void> {
    const rules = placeRules(seed)
    const settings = { seed, optimizer: 'adam', rate: 0.01, batch: 32, train: 4000, shifts: false } as const
    const race = new Race(settings, rules, placeTask)
    const pictures = [0, 1, 2].map(i => [...rules.test.images.subarray(i * 144, (i + 1) * 144)])
    const told = () =>
      tell({
        epochs: placeEpochs,
        history: race.history,
        rule: [...rules.rule],
        kernel: [...firstWeights(race.nets.local).kernel],
        examples: pictures.map((pixels, i) => ({
          pixels,
          isYes: rules.test.labels[i] === 1,
          rule: voicesOf(pixels, rules.rule),
          net: netVoicesOf(pixels, race.nets.local),
        })),
      })
    told()
    while (race.epoch < placeEpochs) {
      race.trainBatch()
      if (race.step === 0) told()
      await turn()
    }
  },

  /** Goes on from the runs in `done`. */
  async history(
    {
      seed,
      runs,
      done,
    }: { readonly seed: number; readonly runs: number; readonly done: readonly (readonly number[])[] },
    { tell, turn }: Work<Result1989>,
    { forms }: Given,
  ): Promise<void> {
    const all = [...done]
    while (all.length < runs) {
      const found: number[] = []
      for (const { name } of printed) {
        const { test } = await train1989(name, seed + all.length, forms, recipe, async epoch => {
          tell({ runs: [...all], now: { found: [...found], epoch: epoch + 1, epochs: recipe.epochs } })
          await turn()
        })
        found.push(test)
      }
      all.push(found)
      tell({ runs: [...all], now: null })
    }
  },

  /** The race with several seeds, one after the other. */
  async seeds(
    {
      settings,
      seeds,
      epochs,
    }: { readonly settings: RaceSettings; readonly seeds: readonly number[]; readonly epochs: number },
    { tell, turn }: Work<SeedsResult>,
    { data }: Given,
  ): Promise<void> {
    const done: (readonly Measured[])[] = []
    for (const seed of seeds) {
      const race = new Race({ ...settings, seed }, data)
      while (race.epoch < epochs) {
        race.trainBatch()
        if (race.step === 0) tell({ seeds, runs: [...done, race.history] })
        await turn()
      }
      done.push(race.history)
    }
  },
}

export type Kinds = typeof kinds
export type RunName = keyof Kinds
export type RunArgs<N extends RunName> = Parameters<Kinds[N]>[0]
export type RunResult<N extends RunName> = Parameters<Parameters<Kinds[N]>[1]['tell']>[0]
