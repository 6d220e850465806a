// What the numbers of a race say about its question: which net was ahead, and why. Only what these numbers show is said.

import { netNames, type PerNet } from '../nets.ts'
import type { RaceSettings, Score } from '../race.ts'
import type { NetSize } from './design.ts'

export interface Finish {
  readonly settings: Pick<RaceSettings, 'train' | 'shifts'>
  readonly sizes: PerNet<NetSize>
  /** On the pictures that the nets learn from. */
  readonly training: PerNet<Score>
  readonly test: PerNet<Score>
  /** How many test pictures there are. */
  readonly tests: number
  /** Whether pooling comes before the answers. */
  readonly pools: boolean
}

/** The sentences, by the names of their texts: `verdict.ahead`, … */
export type Sentence =
  | { readonly say: 'level' }
  | { readonly say: 'ahead'; readonly first: keyof PerNet<unknown> }
  | { readonly say: 'few' | 'centred' | 'moved' | 'unshared' | 'ceiling' | 'fewest' | 'most' | 'pooled' | 'local' }
  | { readonly say: 'memory'; readonly gaps: PerNet<number> }

/** As far apart as chance alone can bring two nets: two standard errors of the difference. */
export function noise(a: number, b: number, tests: number): number {
  return 2 * Math.sqrt((a * (1 - a) + b * (1 - b)) / tests)
}

export function verdictOf({ settings, sizes, training, test, tests, pools }: Finish): Sentence[] {
  const order = [...netNames].sort((a, b) => test[b].accuracy - test[a].accuracy)
  const [first, second] = order
  const lead = test[first].accuracy - test[second].accuracy
  const isLevel = lead <= noise(test[first].accuracy, test[second].accuracy, tests)
  const byWeights = [...netNames].sort((a, b) => sizes[b].weights - sizes[a].weights)
  const gap = (name: keyof PerNet<unknown>) => Math.max(0, training[name].accuracy - test[name].accuracy)
  const gaps = { dense: gap('dense'), local: gap('local'), conv: gap('conv') }
  const reasons: Sentence[] = []
  if (Math.max(...Object.values(gaps)) > 0.03) reasons.push({ say: 'memory', gaps })
  if (settings.train <= 200) reasons.push({ say: 'few' })
  if (netNames.every(name => test[name].accuracy > 0.9)) reasons.push({ say: 'ceiling' })
  if (!settings.shifts) reasons.push({ say: 'centred' })
  else if (first === 'conv') reasons.push({ say: 'moved' })
  else if (sizes.dense.weights > 2 * sizes.conv.weights) reasons.push({ say: 'unshared' })
  if (pools && first === 'conv') reasons.push({ say: 'pooled' })
  const clear = (a: keyof PerNet<unknown>, b: keyof PerNet<unknown>) => sizes[a].weights > 1.2 * sizes[b].weights
  if (!isLevel && first === byWeights[0] && clear(first, byWeights[1])) reasons.push({ say: 'most' })
  if (!isLevel && first === byWeights[2] && clear(byWeights[1], first)) reasons.push({ say: 'fewest' })
  if (first !== 'local') reasons.push({ say: 'local' })
  return [isLevel ? { say: 'level' } : { say: 'ahead', first }, ...reasons]
}
