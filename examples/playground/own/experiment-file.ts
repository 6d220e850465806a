// A whole experiment as one file: what is set, the nets with all that their training goes on from, the curves, and the
// reader's own pictures. What a file brings is checked before any of it is used.

import { type Design, isDesign } from '../builder/design.ts'
import { netNames, optimizerNames } from '../nets.ts'
import type { Race, RaceSettings, RaceState } from '../race.ts'
import { mostClasses, mostPictures, nothingOwn, type OwnData } from './own-data.ts'
import { fromFile, toFile } from './plain-file.ts'

/** A race as it is, with all that it takes to make it again. */
export interface SavedRace {
  readonly settings: RaceSettings
  readonly state: RaceState
  /** How its nets are built; null: as those of the page. */
  readonly design: Design | null
  /** What they learn; null: the digits. */
  readonly own: OwnData | null
}

export interface SavedExperiment {
  /** What the address keeps. */
  readonly link: string
  readonly race: SavedRace
  /** The builder's nets, if there are any. */
  readonly bench: SavedRace | null
  readonly own: OwnData
}

const version = 1

export const experimentFile = (saved: SavedExperiment): Uint8Array => toFile({ version, ...saved })

/** @throws Error for a file that is no experiment of this page, and says what is wrong with it */
export function readExperiment(bytes: Uint8Array): SavedExperiment {
  const found = fromFile(bytes) as Partial<SavedExperiment & { version: number }>
  if (found?.version !== version) throw new Error(`an experiment of version ${found?.version}, not ${version}`)
  const { link, race, bench = null, own = nothingOwn } = found
  const wrong = [
    typeof link === 'string' ? null : 'link',
    isRace(race) ? null : 'race',
    bench === null || isRace(bench) ? null : 'bench',
    isOwn(own) ? null : 'own',
  ].filter(part => part !== null)
  if (wrong.length > 0) throw new Error(`the experiment's ${wrong.join(', ')} cannot be read`)
  return { link, race, bench, own } as SavedExperiment
}

type Unknown<T> = { readonly [K in keyof T]?: unknown }
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const isWhole = (value: unknown, least = 0): value is number => Number.isSafeInteger(value) && Number(value) >= least

function isRace(value: unknown): value is SavedRace {
  if (!isObject(value)) return false
  const { settings, state, design, own } = value as Unknown<SavedRace>
  return (
    isSettings(settings) &&
    (design === null || isDesign(design)) &&
    (own === null || isOwn(own)) &&
    isObject(state) &&
    isWhole(state.epoch) &&
    isWhole(state.step) &&
    Array.isArray(state.history) &&
    state.history.every(isMeasured) &&
    isObject(state.nets) &&
    netNames.every(name => isObject((state.nets as Record<string, unknown>)[name]))
  )
}

function isSettings(value: unknown): value is RaceSettings {
  if (!isObject(value)) return false
  const { seed, optimizer, rate, batch, train, shifts } = value as Unknown<RaceSettings>
  const isOptimizer = optimizerNames.some(name => name === optimizer)
  return (
    isWhole(seed) &&
    isOptimizer &&
    Number(rate) > 0 &&
    isWhole(batch, 1) &&
    isWhole(train, 1) &&
    typeof shifts === 'boolean'
  )
}

const isMeasured = (value: unknown): boolean =>
  isObject(value) &&
  isWhole(value.epoch) &&
  isObject(value.nets) &&
  netNames.every(name => isObject((value.nets as Record<string, unknown>)[name]))

function isOwn(value: unknown): value is OwnData {
  if (!isObject(value)) return false
  const { classes, pictures } = value as Unknown<OwnData>
  return (
    Array.isArray(classes) &&
    classes.length <= mostClasses &&
    classes.every(name => typeof name === 'string') &&
    Array.isArray(pictures) &&
    pictures.length <= mostPictures &&
    pictures.every(
      picture =>
        isObject(picture) &&
        picture.pixels instanceof Float32Array &&
        picture.pixels.length === 64 &&
        isWhole(picture.label) &&
        picture.label < classes.length,
    )
  )
}

/** Whether a state is one of this race: the same arrays, of the same lengths. */
export function fits(race: Race, state: RaceState): boolean {
  const own = race.state()
  const sameLengths = (a: unknown, b: readonly Float32Array[]) =>
    Array.isArray(a) &&
    a.length === b.length &&
    b.every((array, i) => a[i] instanceof Float32Array && a[i].length === array.length)
  return (
    state.step < race.steps &&
    netNames.every(name => {
      const [given, made] = [state.nets[name], own.nets[name]]
      return (
        sameLengths(given.weights, made.weights) &&
        sameLengths(given.optimizer, made.optimizer) &&
        isWhole(given.iterations) &&
        Array.isArray(given.streams) &&
        given.streams.length === made.streams.length
      )
    })
  )
}
