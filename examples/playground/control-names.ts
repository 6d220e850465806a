// What a teacher's link can hide: screens, and controls by the name in their `data-control`.

import { type ScreenName, screenNames } from './screen-names.ts'
import type { Key } from './texts/en.ts'

/** Controls, and the texts that name them in the teacher's dialog. */
const controls = {
  play: 'bar.play',
  step: 'bar.step',
  epoch: 'bar.epoch',
  reset: 'bar.reset',
  undo: 'bar.undo',
  scores: 'bar.accuracy',
  settings: 'race.settings',
  train: 'race.train',
  optimizer: 'race.optimizer',
  rate: 'race.rate',
  batch: 'race.batch',
  seed: 'race.seed',
  epochs: 'race.epochs',
  shifts: 'race.shifts',
  curves: 'race.curves',
  zoom: 'race.zoom',
  keep: 'race.keep',
  seeds: 'teacher.seeds',
  numbers: 'teacher.numbers',
  why: 'teacher.why',
  code: 'check.code',
  language: 'page.language',
  teacher: 'teacher.open',
} as const satisfies Record<string, Key>

export type ControlName = keyof typeof controls

/** All that can be hidden, in the order of the dialog, with their texts. Screens are named with a capital letter. */
export const hidable: readonly (readonly [name: string, text: Key])[] = [
  ...screenNames.map(name => [nameOf(name), `${name}.title`] as const),
  ...Object.entries(controls),
]

/** A screen's name among those of controls: `Race`. */
export function nameOf(screen: ScreenName): string {
  return screen[0].toUpperCase() + screen.slice(1)
}
