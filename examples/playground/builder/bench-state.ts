// What the address keeps of the builder: fields whose names begin with `b.`.

import type { RaceSettings } from '../race.ts'
import type { State } from '../state.ts'
import { type Design, designParts, plainDesign } from './design.ts'

const batch = 32

/** How they are built. */
export function designOf(state: State): Design {
  return Object.fromEntries(designParts.map(part => [part, state[`b.${part}`]])) as Design
}

/** What the builder's nets are trained with. */
export function benchSettings(state: State): RaceSettings {
  const [seed, optimizer, rate, train] = [state['b.seed'], state['b.optimizer'], state['b.rate'], state['b.train']]
  return { seed, optimizer, rate, batch, train, shifts: state['b.shifts'] === 'yes' }
}

/** What the address keeps of a race of the builder. */
export function benchState(
  { settings, design }: { settings: RaceSettings; design: Design | null },
  isOwn: boolean,
): Partial<State> {
  const { seed, optimizer, rate, train, shifts } = settings
  const parts = Object.entries(design ?? plainDesign).map(([part, value]) => [`b.${part}`, value])
  return {
    ...Object.fromEntries(parts),
    ...{ 'b.seed': seed, 'b.optimizer': optimizer, 'b.rate': rate, 'b.train': train },
    ...{ 'b.shifts': shifts ? 'yes' : 'no', 'b.data': isOwn ? 'own' : 'digits' },
  } as Partial<State>
}
